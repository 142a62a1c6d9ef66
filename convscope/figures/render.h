// A figure as a file: PNG, SVG or PDF.
#ifndef CONVSCOPE_FIGURES_RENDER_H_
#define CONVSCOPE_FIGURES_RENDER_H_

#include <filesystem>
#include <string>

#include "convscope/figures/figure.h"

namespace convscope {

struct RenderOptions {
  double width = 720;           // of the page at most, in points (1/72 inch); text is 9 to 14 points high
  double pixels_per_point = 2;  // of a PNG, and of large pictures inside an SVG or PDF
};

// Writes `figure` to `path`; its ending, .png, .svg or .pdf, chooses the format. The same figure gives the same bytes.
// Throws Error for another ending, for a panel whose array has a shape that it cannot draw, and when the file cannot be
// written whole, in which case nothing is left behind.
void Save(const Figure& figure, const std::filesystem::path& path, const RenderOptions& options = {});

// The bytes that Save would write to `path`, which is not touched. Throws Error as Save does.
std::string Encode(const Figure& figure, const std::filesystem::path& path, const RenderOptions& options = {});

// Throws the Error that Save would throw for this path's ending: to refuse a bad option before the work starts.
void CheckFigurePath(const std::filesystem::path& path);

// The bytes of such a file.
std::string EncodePng(const Figure& figure, const RenderOptions& options = {});
std::string EncodeSvg(const Figure& figure, const RenderOptions& options = {});
std::string EncodePdf(const Figure& figure, const RenderOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_RENDER_H_
