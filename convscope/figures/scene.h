// A figure that has been laid out: images, rectangles, lines and texts at fixed places on a page.
//
// All lengths in points (1/72 inch), x to the right and y downwards from the page's upper left corner. A renderer draws
// the images first, then the rectangles, then the paths, then the texts, each in their order, on white.
#ifndef CONVSCOPE_FIGURES_SCENE_H_
#define CONVSCOPE_FIGURES_SCENE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/color_map.h"

namespace convscope {

struct Box {
  double x = 0, y = 0, width = 0, height = 0;
  double right() const { return x + width; }
  double bottom() const { return y + height; }
};

// Pixels, row after row from the top.
struct Raster {
  int width = 0, height = 0;
  std::vector<Rgb8> pixels;  // width * height
};

struct SceneImage {
  enum class Role : uint8_t { kMap, kMatrix, kColorBar };
  Role role = Role::kMap;
  Box box;        // filled with the pixels, each a sharp rectangle
  Raster raster;  // drawn with the nearest pixel where it is enlarged
};

struct SceneRectangle {
  enum class Role : uint8_t { kBorder, kFrame, kLabel, kBar, kNode, kGroup };
  Role role = Role::kBorder;
  Box box;
  std::optional<Rgb8> fill;
  std::optional<Rgb8> stroke;  // its line is centred on the box' edge
  double stroke_width = 0.5;   // points
};

struct ScenePoint {
  double x = 0, y = 0;
};

// A line through points; with `curved`, Bezier curves: a point, then three for each piece.
struct ScenePath {
  enum class Role : uint8_t { kAxis, kGuide, kSeries, kEdge, kArrow };
  Role role = Role::kSeries;
  std::vector<ScenePoint> points;
  bool curved = false;
  bool dashed = false;
  std::optional<Rgb8> fill;  // of the area that it encloses
  std::optional<Rgb8> stroke;
  double stroke_width = 1;  // points
};

struct TextStyle {
  double size = 9;  // of the font, in points
  bool bold = false;
  bool operator==(const TextStyle&) const = default;
};

// One line of text.
struct SceneText {
  enum class Role : uint8_t {
    kFigureTitle,
    kPanelTitle,
    kCaption,
    kFooter,
    kTick,
    kCell,
    kNumber,
    kFrameLabel,
    kLegend
  };
  Role role = Role::kCaption;
  Box box;  // the line's whole height and measured width
  std::string text;
  TextStyle style;
  Rgb8 color;

  double baseline() const;  // y
};

struct Scene {
  double width = 0, height = 0;  // of the page
  std::vector<SceneImage> images;
  std::vector<SceneRectangle> rectangles;
  std::vector<ScenePath> paths;
  std::vector<SceneText> texts;
};

// The height of a line, and how far its baseline is below its top, by the size of the font (DejaVu Sans, with air).
inline double LineHeight(TextStyle style) {
  return 1.26 * style.size;
}
inline double SceneText::baseline() const {
  return box.y + 0.98 * style.size;
}

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_SCENE_H_
