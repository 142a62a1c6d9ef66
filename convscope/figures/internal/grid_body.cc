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
constexpr TextStyle kNameStyle{.size = 9};
constexpr double kLabelRoom = 12;               // of a line
constexpr double kMostName = 84, kNameGap = 5;  // of a row
constexpr int kNameLines = 2, kMostLabelLines = 2;
constexpr double kFrame = 1.3, kFrameGap = 1.2;  // of a frame, which stands off a dark map

class GridBody : public PanelBody {
 public:
  GridBody(const GridPlot& plot, const std::string& where, Sheet* sheet)
      : facts_(FactsOf(plot, where)), aspect_(DrawnAspect(facts_.rows(), facts_.columns())), framed_(plot.framed) {
    const int64_t count = facts_.maps();
    const bool table = !plot.row_names.empty() || !plot.column_names.empty();
    for (const std::string& name : plot.row_names) {
      row_names_.push_back(sheet->text.Break(PrintableText(name), kNameStyle, kMostName, kNameLines));
      for (const std::string& line : row_names_.back()) {
        left_ = std::max(left_, sheet->text.Width(line, kNameStyle) + kNameGap);
      }
    }
    // A table keeps its columns, however narrow; else a column is at least as wide as its label.
    const double room = sheet->content_width - left_ + kGap;
    const double widest = table ? std::clamp(room / plot.columns - kGap, 8.0, kMost) : kMost;
    for (const std::string& label : facts_.labels) {
      labels_.push_back(LinesOf(label, widest, sheet));
      if (!label.empty()) label_lines_ = std::max(label_lines_, labels_.back().size());
      for (const std::string& line : labels_.back()) {
        widest_label_ = std::max(widest_label_, sheet->text.Width(line, kLabelStyle));
      }
    }
    const auto most = static_cast<int64_t>(room / (std::max(widest_label_, 10.0) + kGap));
    const auto square = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(count))));
    const int64_t wanted = plot.columns > 0 ? plot.columns : square;
    columns_ = std::clamp<int64_t>(wanted, 1, table ? count : std::max<int64_t>(1, std::min(most, count)));
    rows_ = (count + columns_ - 1) / columns_;
    // And as wide as its name, where all of them then fit.
    for (const std::string& name : plot.column_names) {
      column_names_.push_back(PrintableText(name));
      least_cell_ = std::max(least_cell_, sheet->text.Width(column_names_.back(), kNameStyle));
    }
    if (!column_names_.empty()) top_ = kNameLines * LineHeight(kNameStyle);
    least_cell_ = std::max(widest_label_, std::min(least_cell_, room / static_cast<double>(columns_) - kGap));
  }

  double WidthAt(double height) const override { return GridWidth(MapHeight(height)); }
  double LeastHeight() const override { return HeightOf(kLeast); }
  double MostHeight() const override { return HeightOf(std::min(kMost, 24.0 * static_cast<double>(facts_.rows()))); }

  double TitleFrom() const override { return left_; }

  std::optional<ColorBar> Bar() const override { return facts_.color_bar; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    const double map_height = FittingMapHeight(box, sheet), cell_width = CellWidth(map_height);
    const double map_width = sheet->Snap(aspect_ * map_height);
    const int64_t pixel_rows = sheet->PixelsFor(map_height, facts_.rows());
    const int64_t pixel_columns = sheet->PixelsFor(map_width, facts_.columns());
    const std::vector<float> values = AreaMean(facts_.values, pixel_rows, pixel_columns);
    for (int64_t f = 0; f < facts_.maps(); ++f) {
      const double x = box.x + left_ + static_cast<double>(f % columns_) * (cell_width + kGap);
      const double y = box.y + top_ + static_cast<double>(f / columns_) * (map_height + LabelRoom() + kGap);
      const Box map{sheet->Snap(x), sheet->Snap(y + LabelRoom()), map_width, map_height};
      SceneImage image{.box = map};
      image.raster = facts_.is_color_picture
                         ? ColorPictureOf(values, pixel_rows, pixel_columns, facts_.channels(), f)
                         : ColorMapOf(values, pixel_rows, pixel_columns, facts_.channels(), f, facts_.scales[f]);
      scene->images.push_back(std::move(image));
      if (!framed_.empty() && framed_[static_cast<size_t>(f)]) {
        constexpr double kOut = kFrameGap + kFrame / 2;
        const Box frame{map.x - kOut, map.y - kOut, map.width + 2 * kOut, map.height + 2 * kOut};
        scene->rectangles.push_back({.box = frame, .stroke = kInk, .stroke_width = kFrame});
      } else {
        scene->rectangles.push_back({.box = map, .stroke = kBorderInk});
      }
      WriteLabel(f, {x, y, cell_width, LabelRoom()}, sheet, scene);
      if (f < columns_ && !column_names_.empty()) {
        const auto lines = sheet->text.Break(column_names_[static_cast<size_t>(f)], kNameStyle, cell_width, kNameLines);
        WriteName(lines, x, y - static_cast<double>(lines.size()) * LineHeight(kNameStyle) - 1, 0, sheet, scene);
      }
      if (f % columns_ == 0 && !row_names_.empty()) {
        const auto& lines = row_names_[static_cast<size_t>(f / columns_)];
        const double middle = map.y + map_height / 2;
        WriteName(lines, box.x, middle - static_cast<double>(lines.size()) * LineHeight(kNameStyle) / 2,
                  left_ - kNameGap, sheet, scene);
      }
    }
    remarks->insert(remarks->end(), facts_.remarks.begin(), facts_.remarks.end());
    if (std::string aspect = AspectRemark(facts_.rows(), facts_.columns()); !aspect.empty()) {
      remarks->push_back("each " + aspect);
    }
  }

 private:
  double GridWidth(double map_height) const {
    return left_ + static_cast<double>(columns_) * (CellWidth(map_height) + kGap) - kGap;
  }
  // On the device's pixels. A map that gets half a pixel more of height than it should gets ten more of width where it
  // is wide: then it gets less.
  double FittingMapHeight(const Box& box, Sheet* sheet) const {
    const double pixel = 1 / sheet->options.pixels_per_point;
    double map_height = sheet->Snap(MapHeight(box.height));
    const double most = box.width + static_cast<double>(columns_) * pixel;
    while (map_height > pixel && GridWidth(map_height) > most) map_height -= pixel;
    return map_height;
  }
  double MapHeight(double height) const {
    return std::max(1.0, (height - top_ - FrameRoom() + kGap) / static_cast<double>(rows_) - kGap - LabelRoom());
  }
  double HeightOf(double map_height) const {
    return top_ + static_cast<double>(rows_) * (map_height + LabelRoom() + kGap) - kGap + FrameRoom();
  }
  // A frame stands between a map and its label, and under the last row.
  double FrameRoom() const { return framed_.empty() ? 0 : kFrame + kFrameGap; }
  double LabelRoom() const { return kLabelRoom * static_cast<double>(label_lines_) + FrameRoom(); }
  double CellWidth(double map_height) const { return std::max(aspect_ * map_height, least_cell_); }

  // Two lines at most, each cut to `widest` points.
  static std::vector<std::string> LinesOf(const std::string& label, double widest, Sheet* sheet) {
    std::vector<std::string> lines;
    for (size_t begin = 0; lines.size() < kMostLabelLines; ++begin) {
      const size_t end = std::min(label.find('\n', begin), label.size());
      const std::string line = label.substr(begin, end - begin);
      lines.push_back(line.empty() ? "" : sheet->text.Break(line, kLabelStyle, widest, 1).front());
      if (end == label.size()) break;
      begin = end;
    }
    return lines;
  }

  void WriteLabel(int64_t f, const Box& room, Sheet* sheet, Scene* scene) const {
    std::vector<std::string> lines = labels_[static_cast<size_t>(f)];
    std::string& last = lines.back();
    if (label_lines_ == 0) return;
    if (facts_.all_zero[f] && sheet->text.Width(last + " = 0", kLabelStyle) <= room.width) last += " = 0";
    double y = room.y;
    for (const std::string& text : lines) {
      scene->texts.push_back({.role = SceneText::Role::kNumber,
                              .box = {room.x, y, sheet->text.Width(text, kLabelStyle), LineHeight(kLabelStyle)},
                              .text = text,
                              .style = kLabelStyle,
                              .color = kSoftInk});
      y += kLabelRoom;
    }
  }

  // To the right end of `width` points; 0: from x on.
  static void WriteName(const std::vector<std::string>& lines, double x, double y, double width, Sheet* sheet,
                        Scene* scene) {
    for (const std::string& line : lines) {
      const double own = sheet->text.Width(line, kNameStyle);
      scene->texts.push_back({.role = SceneText::Role::kTick,
                              .box = {width > 0 ? x + width - own : x, y, own, LineHeight(kNameStyle)},
                              .text = line,
                              .style = kNameStyle,
                              .color = kInk});
      y += LineHeight(kNameStyle);
    }
  }

  PanelFacts facts_;
  double aspect_;
  std::vector<std::vector<std::string>> labels_, row_names_;  // lines of each
  std::vector<std::string> column_names_;
  std::vector<bool> framed_;
  size_t label_lines_ = 0;
  double widest_label_ = 0, least_cell_ = 0;
  double left_ = 0, top_ = 0;       // of the names
  int64_t columns_ = 1, rows_ = 1;  // of the grid
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const GridPlot& plot, const std::string& where, Sheet* sheet) {
  return std::make_unique<GridBody>(plot, where, sheet);
}

}  // namespace convscope::internal
