// Maps and photographs, with their frames.
#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/figures/internal/panel_body.h"
#include "convscope/figures/internal/raster.h"

namespace convscope::internal {
namespace {

constexpr double kMostAspect = 20;
constexpr double kFrameStroke = 1.5;  // points
constexpr TextStyle kLabelStyle{.size = 9, .bold = true};

bool Overlap(const Box& a, const Box& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

class MapBody : public PanelBody {
 public:
  MapBody(const MapPlot& plot, const std::string& where)
      : facts_(FactsOf(plot, where)), frames_(plot.frames), aspect_(DrawnAspect(facts_.rows(), facts_.columns())) {}

  double WidthAt(double height) const override { return aspect_ * height; }
  double LeastHeight() const override { return std::min(100.0, MostHeight()); }
  // Pixels need not be larger than 24 points.
  double MostHeight() const override { return std::clamp(24.0 * static_cast<double>(facts_.rows()), 72.0, 320.0); }

  std::optional<ColorBar> Bar() const override { return facts_.color_bar; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    const int64_t rows = sheet->PixelsFor(box.height, facts_.rows());
    const int64_t columns = sheet->PixelsFor(box.width, facts_.columns());
    const std::vector<float> values = AreaMean(facts_.values, rows, columns);
    SceneImage image{.box = box};
    if (facts_.photograph.data() != nullptr) {
      image.raster = OverlayOf(values, AreaMean(facts_.photograph, rows, columns), rows, columns,
                               facts_.photograph.shape()[2], facts_.scales[0]);
    } else {
      image.raster = facts_.is_color_picture ? ColorPictureOf(values, rows, columns)
                                             : ColorMapOf(values, rows, columns, 1, 0, facts_.scales[0]);
    }
    scene->images.push_back(std::move(image));
    scene->rectangles.push_back({.box = box, .stroke = kBorderInk});
    remarks->insert(remarks->end(), facts_.remarks.begin(), facts_.remarks.end());
    if (std::string aspect = AspectRemark(facts_.rows(), facts_.columns()); !aspect.empty()) {
      remarks->push_back(std::move(aspect));
    }
    DrawFrames(box, sheet, scene, remarks);
  }

 private:
  void DrawFrames(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const {
    const double across = box.width / static_cast<double>(facts_.columns());
    const double down = box.height / static_cast<double>(facts_.rows());
    std::vector<Box> taken;
    for (const Frame& frame : frames_) {
      // The line runs around the pixels, not over them.
      constexpr double kOut = kFrameStroke / 2;
      taken.push_back({box.x + across * static_cast<double>(frame.column) - kOut,
                       box.y + down * static_cast<double>(frame.row) - kOut,
                       across * static_cast<double>(frame.columns) + 2 * kOut,
                       down * static_cast<double>(frame.rows) + 2 * kOut});
      scene->rectangles.push_back({.role = SceneRectangle::Role::kFrame,
                                   .box = taken.back(),
                                   .stroke = kFrameRed,
                                   .stroke_width = kFrameStroke});
    }
    for (size_t i = 0; i < frames_.size(); ++i) {
      if (!frames_[i].label.empty()) DrawLabel(frames_[i].label, i, box, &taken, sheet, scene, remarks);
    }
  }

  // Writes the label beside frame `i`, where it hides neither a frame nor another label; in the caption where it
  // cannot.
  static void DrawLabel(const std::string& label, size_t i, const Box& box, std::vector<Box>* taken, Sheet* sheet,
                        Scene* scene, std::vector<std::string>* remarks) {
    const std::string text = PrintableText(label);
    const double text_width = sheet->text.Width(text, kLabelStyle), height = LineHeight(kLabelStyle);
    const double width = text_width + 6;
    const Box frame = (*taken)[i];
    const double x = std::clamp(frame.x, box.x, std::max(box.x, box.right() - width));
    const double y = std::clamp(frame.y, box.y, std::max(box.y, box.bottom() - height));
    constexpr double kGap = kFrameStroke / 2 + 0.5;
    const Box places[] = {{frame.right() + kGap, y, width, height},
                          {frame.x - width - kGap, y, width, height},
                          {x, frame.y - height - kGap, width, height},
                          {x, frame.bottom() + kGap, width, height}};
    for (const Box& place : places) {
      const bool inside = place.x >= box.x && place.right() <= box.right() && place.y >= box.y &&
                          place.bottom() <= box.bottom() && text.find('\n') == std::string::npos;
      if (!inside || std::any_of(taken->begin(), taken->end(), [&](const Box& b) { return Overlap(b, place); }))
        continue;
      taken->push_back(place);
      scene->rectangles.push_back({.role = SceneRectangle::Role::kLabel, .box = place, .fill = kFrameRed});
      scene->texts.push_back({.role = SceneText::Role::kFrameLabel,
                              .box = {place.x + 3, place.y, text_width, height},
                              .text = text,
                              .style = kLabelStyle,
                              .color = {255, 255, 255}});
      return;
    }
    remarks->push_back("red frame: " + text);
  }

  PanelFacts facts_;
  std::vector<Frame> frames_;
  double aspect_;
};

}  // namespace

double DrawnAspect(int64_t rows, int64_t columns) {
  return std::clamp(static_cast<double>(columns) / static_cast<double>(rows), 1 / kMostAspect, kMostAspect);
}

std::string AspectRemark(int64_t rows, int64_t columns) {
  const double stretch = static_cast<double>(columns) / static_cast<double>(rows) / DrawnAspect(rows, columns);
  if (stretch > 1) return Concat("drawn ", NumberText(static_cast<float>(stretch), 3), " times taller than it is");
  if (stretch < 1) return Concat("drawn ", NumberText(static_cast<float>(1 / stretch), 3), " times wider than it is");
  return "";
}

std::unique_ptr<PanelBody> MakeBody(const MapPlot& plot, const std::string& where, Sheet*) {
  return std::make_unique<MapBody>(plot, where);
}

}  // namespace convscope::internal
