#include "convscope/figures/render.h"

#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/canvas.h"
#include "convscope/figures/internal/png.h"
#include "convscope/figures/internal/svg.h"
#include "convscope/figures/layout.h"

namespace convscope {
namespace {

using Encoder = std::string (*)(const Figure&, const RenderOptions&);

Encoder EncoderFor(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  if (ending == ".png") return EncodePng;
  if (ending == ".svg") return EncodeSvg;
  if (ending == ".pdf") return EncodePdf;
  throw Error({.where = path.string(),
               .rule = "the name of a figure's file must end in .png, .svg or .pdf",
               .received = ending.empty() ? "no ending" : ending});
}

LayoutOptions OnPage(const RenderOptions& options, double sharp_from) {
  return {.width = options.width, .pixels_per_point = options.pixels_per_point, .sharp_from = sharp_from};
}

// Enlarged this much, pixels of a screen that a map's pixels do not fill evenly are no longer seen.
constexpr double kSharpOnScreen = 4;

}  // namespace

void CheckFigurePath(const std::filesystem::path& path) {
  EncoderFor(path);
}

void Save(const Figure& figure, const std::filesystem::path& path, const RenderOptions& options) {
  const std::string bytes = Encode(figure, path, options);
  const std::string_view piece = bytes;
  WriteFileAtomically(path, {&piece, 1});
}

std::string Encode(const Figure& figure, const std::filesystem::path& path, const RenderOptions& options) {
  return EncoderFor(path)(figure, options);
}

std::string EncodePng(const Figure& figure, const RenderOptions& options) {
  const Scene scene = LayOut(figure, OnPage(options, kSharpOnScreen));
  return internal::PngBytes(internal::PixelsOf(scene, options.pixels_per_point), options.pixels_per_point);
}

std::string EncodeSvg(const Figure& figure, const RenderOptions& options) {
  return internal::SvgText(LayOut(figure, OnPage(options, 1)));
}

std::string EncodePdf(const Figure& figure, const RenderOptions& options) {
  return internal::PdfBytes(LayOut(figure, OnPage(options, 1)), figure.title);
}

}  // namespace convscope
