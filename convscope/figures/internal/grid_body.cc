// Grids of maps, each under its label.
#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/figures/internal/panel_body.h"
#include "convscope/figures/internal/raster.h"

namespace convscope::internal {
namespace {

constexpr TextStyle kLabelStyle{.size = 9};
constexpr double kGap = 5;                 // between maps, in points
constexpr double kLeast = 28, kMost = 96;  // height of a map
constexpr double kLabelRoom = 12;

class GridBody : public PanelBody {
 public:
  GridBody(const GridPlot& plot, const std::string& where, Sheet* sheet)
      : facts_(FactsOf(plot, where)), aspect_(DrawnAspect(facts_.rows(), facts_.columns())) {
    const int64_t count = facts_.maps();
    for (std::string& label : facts_.labels) {
      if (!plot.labels.empty() && !label.empty()) label = sheet->text.Break(label, kLabelStyle, kMost, 1).front();
      widest_label_ = std::max(widest_label_, sheet->text.Width(label, kLabelStyle));
    }
    // A column is at least as wide as its label.
    const auto most = static_cast<int64_t>((sheet->content_width + kGap) / (std::max(widest_label_, 10.0) + kGap));
    const auto square = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
    columns_ =
        std::clamp<int64_t>(plot.columns > 0 ? plot.columns : square, 1, std::max<int64_t>(1, std::min(most, count)));
    rows_ = (count + columns_ - 1) / columns_;
  }

  double WidthAt(double height) const override {
    return static_cast<double>(columns_) * (CellWidth(MapHeight(height)) + kGap) - kGap;
  }
  double LeastHeight() const override { return HeightOf(kLeast); }
  double MostHeight() const override { return HeightOf(std::min(kMost, 24.0 * static_cast<double>(facts_.rows()))); }

  std::optional<ColorBar> Bar() const override { return facts_.color_bar; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    const double map_height = sheet->Snap(MapHeight(box.height)), cell_width = CellWidth(map_height);
    const double map_width = sheet->Snap(aspect_ * map_height);
    const int64_t pixel_rows = sheet->PixelsFor(map_height, facts_.rows());
    const int64_t pixel_columns = sheet->PixelsFor(map_width, facts_.columns());
    const std::vector<float> values = AreaMean(facts_.values, pixel_rows, pixel_columns);
    for (int64_t f = 0; f < facts_.maps(); ++f) {
      const double x = box.x + static_cast<double>(f % columns_) * (cell_width + kGap);
      const double y = box.y + static_cast<double>(f / columns_) * (map_height + kLabelRoom + kGap);
      const Box map{sheet->Snap(x), sheet->Snap(y + kLabelRoom), map_width, map_height};
      SceneImage image{.box = map};
      image.raster = facts_.is_color_picture
                         ? ColorPictureOf(values, pixel_rows, pixel_columns, facts_.channels(), f)
                         : ColorMapOf(values, pixel_rows, pixel_columns, facts_.channels(), f, facts_.scales[f]);
      scene->images.push_back(std::move(image));
      scene->rectangles.push_back({.box = map, .stroke = kBorderInk});
      WriteLabel(f, {x, y, cell_width, kLabelRoom}, sheet, scene);
    }
    remarks->insert(remarks->end(), facts_.remarks.begin(), facts_.remarks.end());
    if (std::string aspect = AspectRemark(facts_.rows(), facts_.columns()); !aspect.empty()) {
      remarks->push_back("each " + aspect);
    }
  }

 private:
  double MapHeight(double height) const {
    return std::max(1.0, (height + kGap) / static_cast<double>(rows_) - kGap - kLabelRoom);
  }
  double HeightOf(double map_height) const {
    return static_cast<double>(rows_) * (map_height + kLabelRoom + kGap) - kGap;
  }
  double CellWidth(double map_height) const { return std::max(aspect_ * map_height, widest_label_); }

  void WriteLabel(int64_t f, const Box& room, Sheet* sheet, Scene* scene) const {
    std::string text = facts_.labels[f];
    if (facts_.all_zero[f] && sheet->text.Width(text + " = 0", kLabelStyle) <= room.width) text += " = 0";
    scene->texts.push_back({.role = SceneText::Role::kNumber,
                            .box = {room.x, room.y, sheet->text.Width(text, kLabelStyle), LineHeight(kLabelStyle)},
                            .text = text,
                            .style = kLabelStyle,
                            .color = kSoftInk});
  }

  PanelFacts facts_;
  double aspect_;
  double widest_label_ = 0;
  int64_t columns_ = 1, rows_ = 1;  // of the grid
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const GridPlot& plot, const std::string& where, Sheet* sheet) {
  return std::make_unique<GridBody>(plot, where, sheet);
}

}  // namespace convscope::internal
