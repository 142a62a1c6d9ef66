// Named bars, one a row, with their values beside them.
#include <algorithm>

#include "convscope/figures/internal/chart_axis.h"
#include "convscope/figures/internal/panel_body.h"

namespace convscope::internal {
namespace {

constexpr TextStyle kStyle{.size = 9};
constexpr double kBar = 12, kBetween = 6, kGap = 6, kBarRoom = 120;  // points
constexpr double kMostName = 160;
constexpr int kNameLines = 2;

class BarBody : public PanelBody {
 public:
  BarBody(const BarPlot& plot, const std::string& where, Sheet* sheet) : plot_(plot) {
    CheckBars(plot, where);
    for (const std::string& name : plot.names) {
      names_.push_back(sheet->text.Break(PrintableText(name), kStyle, kMostName, kNameLines));
      const auto lines = static_cast<double>(names_.back().size());
      row_ = std::max(row_, std::max(kBar, lines * LineHeight(kStyle)) + (lines > 1 ? kBetween / 2 : kBetween));
      if (plot.names_at_left) names_.back().clear();
      for (const std::string& line : names_.back()) {
        names_width_ = std::max(names_width_, sheet->text.Width(line, kStyle));
      }
    }
    for (size_t i = 0; i < plot.values.size(); ++i) {
      values_width_ = std::max(values_width_, sheet->text.Width(BarText(plot, i), kStyle));
    }
  }

  double WidthAt(double height) const override {
    const double length = plot_.most_length > 0 ? plot_.most_length : std::max(kBarRoom, height);
    return names_width_ + values_width_ + 2 * kGap + length;
  }
  double LeastHeight() const override { return row_ * static_cast<double>(plot_.values.size()); }
  double MostHeight() const override { return LeastHeight(); }
  double UsedOf(double height) const override { return std::min(height, LeastHeight()); }
  std::optional<ColorBar> Bar() const override { return std::nullopt; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>*) const override {
    const double full = FullBar(plot_);
    const double left = box.x + names_width_ + kGap;
    const double room = box.width - names_width_ - values_width_ - 2 * kGap;
    const bool two_sided = std::any_of(plot_.values.begin(), plot_.values.end(), [](double v) { return v < 0; });
    const double zero = two_sided ? left + room / 2 : left, scale = (two_sided ? room / 2 : room) / full;
    for (size_t i = 0; i < plot_.values.size(); ++i) {
      const double middle = box.y + row_ * (static_cast<double>(i) + 0.5);
      double name_y = middle - static_cast<double>(names_[i].size()) * LineHeight(kStyle) / 2;
      for (const std::string& line : names_[i]) {
        const double name_width = sheet->text.Width(line, kStyle);
        Write(line, left - kGap - name_width, name_y, name_width, scene);
        name_y += LineHeight(kStyle);
      }
      const double length = std::min(std::abs(plot_.values[i]), full) * scale;
      const bool marked = std::count(plot_.marked.begin(), plot_.marked.end(), i) > 0;
      scene->rectangles.push_back({.role = SceneRectangle::Role::kBar,
                                   .box = {plot_.values[i] < 0 ? zero - length : zero, middle - kBar / 2, length, kBar},
                                   .fill = SeriesColor(marked ? 1 : 0)});
      const std::string value = BarText(plot_, i);
      const double end = plot_.values[i] < 0 ? zero : zero + length;
      Write(value, end + kGap, middle - LineHeight(kStyle) / 2, sheet->text.Width(value, kStyle), scene);
    }
    scene->paths.push_back({.role = ScenePath::Role::kAxis,
                            .points = {{zero, box.y}, {zero, box.y + LeastHeight()}},
                            .stroke = kBorderInk,
                            .stroke_width = 0.5});
  }

 private:
  static void Write(const std::string& text, double x, double y, double width, Scene* scene) {
    scene->texts.push_back({.role = SceneText::Role::kTick,
                            .box = {x, y, width, LineHeight(kStyle)},
                            .text = text,
                            .style = kStyle,
                            .color = kInk});
  }

  const BarPlot& plot_;
  std::vector<std::vector<std::string>> names_;  // lines of each
  double names_width_ = 0, values_width_ = 0;
  double row_ = kBar + kBetween;  // height
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const BarPlot& plot, const std::string& where, Sheet* sheet) {
  return std::make_unique<BarBody>(plot, where, sheet);
}

}  // namespace convscope::internal
