#include "convscope/figures/internal/color_bar.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "convscope/figures/internal/raster.h"

namespace convscope::internal {
namespace {

constexpr TextStyle kTickStyle{.size = 9};
constexpr double kBarHeight = 7, kLabelGap = 8;

// Labels at even steps: the ends, and the middle where it is the neutral colour.
std::vector<std::string> Labels(const ColorBar& bar) {
  const Scale& scale = bar.scale;
  if (bar.constant) return {"all " + NumberText(*bar.constant)};
  std::vector<std::string> labels = {(bar.below ? "≤ " : "") + NumberText(scale.low),
                                     (bar.above ? "≥ " : "") + NumberText(scale.high)};
  if (scale.map == ColorMap::kDiverging) {
    labels.insert(labels.begin() + 1,
                  NumberText(static_cast<float>((static_cast<double>(scale.low) + scale.high) / 2)));
  }
  return labels;
}

}  // namespace

Rgb8 ColorAt(const ColorBar& bar, float t) {
  constexpr float kMidGrey = 0.5f;
  if (bar.constant) {
    const float width = bar.scale.high - bar.scale.low;
    t = width > 0 ? (*bar.constant - bar.scale.low) / width : 0.5f;
  }
  if (!bar.over_photograph) return Color(bar.scale.map, t);
  return OverlayColor(t, kMidGrey, {bar.scale.map, 0, 1});
}

double LeastColorBarWidth(const ColorBar& bar, Sheet* sheet) {
  const std::vector<std::string> labels = Labels(bar);
  // The middle label stands in the middle, so the longer end counts twice.
  const double end =
      std::max(sheet->text.Width(labels.front(), kTickStyle), sheet->text.Width(labels.back(), kTickStyle));
  const double middle = labels.size() == 3 ? sheet->text.Width(labels[1], kTickStyle) + kLabelGap : 0;
  return 2 * end + middle + kLabelGap;
}

void DrawColorBar(const ColorBar& bar, double x, double y, double width, Sheet* sheet, Scene* scene) {
  SceneImage image{.role = SceneImage::Role::kColorBar, .box = {x, y, width, kBarHeight}};
  image.raster.height = 1;
  image.raster.width = static_cast<int>(std::lround(width * sheet->options.pixels_per_point));
  for (int i = 0; i < image.raster.width; ++i) {
    image.raster.pixels.push_back(
        ColorAt(bar, (static_cast<float>(i) + 0.5f) / static_cast<float>(image.raster.width)));
  }
  scene->images.push_back(image);
  scene->rectangles.push_back({.box = image.box, .stroke = kBorderInk});

  const std::vector<std::string> labels = Labels(bar);
  for (size_t i = 0; i < labels.size(); ++i) {
    const double at = labels.size() == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(labels.size() - 1);
    const double label_width = sheet->text.Width(labels[i], kTickStyle);
    scene->texts.push_back(
        {.role = SceneText::Role::kTick,
         .box = {x + at * (width - label_width), y + kBarHeight + 1, label_width, LineHeight(kTickStyle)},
         .text = labels[i],
         .style = kTickStyle,
         .color = kSoftInk});
  }
}

}  // namespace convscope::internal
