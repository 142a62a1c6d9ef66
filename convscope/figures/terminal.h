// A figure in a terminal: pixels where the terminal draws them (sixel, kitty, iTerm2), else Unicode symbols in colour,
// else plain characters.
#ifndef CONVSCOPE_FIGURES_TERMINAL_H_
#define CONVSCOPE_FIGURES_TERMINAL_H_

#include <cstdint>
#include <string>

#include "convscope/figures/figure.h"

namespace convscope {

struct Terminal {
  enum class Graphics : uint8_t {
    kPlain,    // ASCII, no escape sequences: TERM=dumb, NO_COLOR
    kSymbols,  // Unicode blocks and colour escape sequences
    kSixel,
    kKitty,
    kIterm2,
  };
  enum class Colors : uint8_t { k16, k256, kTrueColor };  // of kSymbols

  int columns = 80, rows = 24;          // character cells
  int cell_width = 0, cell_height = 0;  // of a cell, in pixels; 0: not known
  Graphics graphics = Graphics::kSymbols;
  Colors colors = Colors::kTrueColor;
};

// What the environment (TERM, COLORTERM, LANG, ...) and the terminal behind `descriptor` say; 80 x 24 when it is none.
Terminal DetectTerminal(int descriptor = 1);

// Text to be written to the terminal, ending in a line break: as wide as the terminal at most, and as long as it takes.
// Throws Error for a panel whose array has a shape that it cannot draw.
std::string RenderForTerminal(const Figure& figure, const Terminal& terminal);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_TERMINAL_H_
