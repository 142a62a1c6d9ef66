// Pixels as what a terminal understands, by libchafa.
#ifndef CONVSCOPE_FIGURES_INTERNAL_TERMINAL_CANVAS_H_
#define CONVSCOPE_FIGURES_INTERNAL_TERMINAL_CANVAS_H_

#include <string>
#include <vector>

#include "convscope/figures/scene.h"
#include "convscope/figures/terminal.h"

namespace convscope::internal {

// Pixels of the raster that one character cell can tell apart, in each direction.
inline constexpr int kPixelsPerCell = 8;

// The raster stretched over columns x rows cells, a line of text a row: Unicode blocks in colour. For terminals that
// draw no pixels.
std::vector<std::string> CellLines(const Raster& raster, int columns, int rows, const Terminal& terminal);

// The sequence that shows the raster over columns x rows cells on a terminal that draws pixels.
std::string PixelSequence(const Raster& raster, int columns, int rows, const Terminal& terminal);

// The sequences that colour what follows them; empty where the terminal has no colours.
std::string ColorSequence(Rgb8 foreground, Rgb8 background, const Terminal& terminal);
std::string ResetSequence(const Terminal& terminal);
// That prints what follows bold, until a reset.
std::string BoldSequence(const Terminal& terminal);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_TERMINAL_CANVAS_H_
