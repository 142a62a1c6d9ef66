// Lines over an axis: a legend, the axes with round numbers, and the series inside them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/figures/internal/chart_axis.h"
#include "convscope/figures/internal/panel_body.h"

namespace convscope::internal {
namespace {

constexpr TextStyle kTickStyle{.size = 9}, kLegendStyle{.size = 9};
constexpr double kTickGap = 4, kSwatch = 16, kLegendGap = 12;
constexpr double kLineWidth = 1.5, kFaintWidth = 0.75;
constexpr Rgb8 kGuide{225, 225, 225};

// The colour half way to white, as if it were transparent: the same in every format.
Rgb8 Faint(Rgb8 color) {
  const auto half = [](uint8_t v) { return static_cast<uint8_t>((v + 2 * 255) / 3); };
  return {half(color.r), half(color.g), half(color.b)};
}

class ChartBody : public PanelBody {
 public:
  ChartBody(const ChartPlot& plot, const std::string& where)
      : plot_(plot), axes_(AxesOf(plot, where, 6, 5)), pens_(PensOf(plot)) {}

  double WidthAt(double height) const override { return 1.5 * height; }
  double LeastHeight() const override { return plot_.least_height; }
  double MostHeight() const override { return 300; }
  std::optional<ColorBar> Bar() const override { return std::nullopt; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    remarks->insert(remarks->end(), axes_.remarks.begin(), axes_.remarks.end());
    const double line = LineHeight(kTickStyle);
    double left = 0;
    for (const Tick& tick : axes_.y.ticks) left = std::max(left, sheet->text.Width(tick.text, kTickStyle));
    double top = DrawLegend(box, sheet, scene);
    if (!plot_.y_label.empty()) {
      Write(plot_.y_label, SceneText::Role::kTick, box.x, top, sheet, scene);
      top += line + 3;
    }
    const double bottom = box.bottom() - line - kTickGap - (plot_.x_label.empty() ? 0 : line);
    const Box inside{box.x + left + kTickGap, top + line / 2, box.width - left - kTickGap - 6, bottom - top - line / 2};
    DrawAxes(inside, sheet, scene);
    if (!plot_.x_label.empty()) {
      const double width = sheet->text.Width(plot_.x_label, kTickStyle);
      Write(plot_.x_label, SceneText::Role::kTick, inside.x + (inside.width - width) / 2, box.bottom() - line, sheet,
            scene);
    }
    for (const bool faint : {true, false}) {
      for (size_t i = 0; i < plot_.series.size(); ++i) {
        if (plot_.series[i].faint == faint) DrawSeries(plot_.series[i], pens_[i], inside, sheet, scene);
      }
    }
  }

 private:
  static void Write(const std::string& text, SceneText::Role role, double x, double y, Sheet* sheet, Scene* scene) {
    scene->texts.push_back({.role = role,
                            .box = {x, y, sheet->text.Width(text, kTickStyle), LineHeight(kTickStyle)},
                            .text = text,
                            .style = kTickStyle,
                            .color = kSoftInk});
  }

  // The names of the series in lines from the top of the box; returns the y under them.
  double DrawLegend(const Box& box, Sheet* sheet, Scene* scene) const {
    double x = box.x, y = box.y;
    bool any = false;
    for (size_t i = 0; i < plot_.series.size(); ++i) {
      const Series& series = plot_.series[i];
      if (series.name.empty()) continue;
      const std::string name =
          sheet->text.Break(PrintableText(series.name), kLegendStyle, box.width - kSwatch - 4, 1).front();
      const double width = kSwatch + 4 + sheet->text.Width(name, kLegendStyle);
      if (x > box.x && x + width > box.right()) {
        x = box.x;
        y += LineHeight(kLegendStyle) + 1;
      }
      const double middle = y + LineHeight(kLegendStyle) / 2;
      scene->paths.push_back({.role = ScenePath::Role::kSeries,
                              .points = {{x, middle}, {x + kSwatch, middle}},
                              .dashed = pens_[i].dashed,
                              .stroke = series.faint ? Faint(pens_[i].color) : pens_[i].color,
                              .stroke_width = series.faint ? kFaintWidth : kLineWidth});
      Write(name, SceneText::Role::kLegend, x + kSwatch + 4, y, sheet, scene);
      x += width + kLegendGap;
      any = true;
    }
    return any ? y + LineHeight(kLegendStyle) + 4 : box.y;
  }

  void DrawAxes(const Box& inside, Sheet* sheet, Scene* scene) const {
    for (const Tick& tick : axes_.y.ticks) {
      const double y = sheet->Snap(inside.bottom() - axes_.y.Place(tick.value) * inside.height);
      scene->paths.push_back({.role = ScenePath::Role::kGuide,
                              .points = {{inside.x, y}, {inside.right(), y}},
                              .stroke = kGuide,
                              .stroke_width = 0.5});
      const double width = sheet->text.Width(tick.text, kTickStyle);
      Write(tick.text, SceneText::Role::kTick, inside.x - kTickGap - width, y - LineHeight(kTickStyle) / 2, sheet,
            scene);
    }
    const size_t step = LabelStep(inside, sheet);
    // Counted from zero where that is among them.
    const auto zero =
        std::find_if(axes_.x.ticks.begin(), axes_.x.ticks.end(), [](const Tick& t) { return t.value == 0; });
    const size_t first = zero == axes_.x.ticks.end() ? 0 : static_cast<size_t>(zero - axes_.x.ticks.begin()) % step;
    for (size_t i = 0; i < axes_.x.ticks.size(); ++i) {
      const Tick& tick = axes_.x.ticks[i];
      const double x = inside.x + axes_.x.Place(tick.value) * inside.width;
      scene->paths.push_back({.role = ScenePath::Role::kAxis,
                              .points = {{x, inside.bottom()}, {x, inside.bottom() + 3}},
                              .stroke = kBorderInk,
                              .stroke_width = 0.5});
      const double width = sheet->text.Width(tick.text, kTickStyle);
      if (i % step != first) continue;
      Write(tick.text, SceneText::Role::kTick, x - width / 2, inside.bottom() + kTickGap, sheet, scene);
    }
    scene->paths.push_back(
        {.role = ScenePath::Role::kAxis,
         .points = {{inside.x, inside.y}, {inside.x, inside.bottom()}, {inside.right(), inside.bottom()}},
         .stroke = kBorderInk,
         .stroke_width = 0.5});
  }

  // Every label under the horizontal axis, every second, third ...: as many as do not touch.
  size_t LabelStep(const Box& inside, Sheet* sheet) const {
    double widest = 0, narrowest_gap = inside.width;
    for (size_t i = 0; i < axes_.x.ticks.size(); ++i) {
      widest = std::max(widest, sheet->text.Width(axes_.x.ticks[i].text, kTickStyle));
      if (i == 0) continue;
      const double gap = axes_.x.Place(axes_.x.ticks[i].value) - axes_.x.Place(axes_.x.ticks[i - 1].value);
      narrowest_gap = std::min(narrowest_gap, gap * inside.width);
    }
    size_t step = 1;
    while (step < axes_.x.ticks.size() && static_cast<double>(step) * narrowest_gap < widest + 4) ++step;
    return step;
  }

  // Thousands of points are drawn as the lowest and the highest of each pixel column, which looks the same.
  void DrawSeries(const Series& series, const Pen& pen, const Box& inside, Sheet* sheet, Scene* scene) const {
    ScenePath path{.role = ScenePath::Role::kSeries,
                   .points = {},
                   .dashed = pen.dashed,
                   .stroke = series.faint ? Faint(pen.color) : pen.color,
                   .stroke_width = series.faint ? kFaintWidth : kLineWidth};
    const auto flush = [&] {
      if (path.points.size() == 1) {  // a dot
        const auto [x, y] = path.points[0];
        scene->rectangles.push_back(
            {.role = SceneRectangle::Role::kBar, .box = {x - 1.5, y - 1.5, 3, 3}, .fill = path.stroke});
      } else if (path.points.size() > 1) {
        scene->paths.push_back(path);
      }
      path.points.clear();
    };
    int64_t column = -1;
    std::vector<ScenePoint> same_column;
    const auto end_column = [&] {
      if (same_column.size() <= 4) {
        path.points.insert(path.points.end(), same_column.begin(), same_column.end());
      } else {
        const auto [low, high] = std::minmax_element(
            same_column.begin(), same_column.end(), [](const ScenePoint& a, const ScenePoint& b) { return a.y < b.y; });
        path.points.push_back(same_column.front());
        path.points.push_back(low < high ? *low : *high);
        path.points.push_back(low < high ? *high : *low);
        path.points.push_back(same_column.back());
      }
      same_column.clear();
    };
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (!Drawable(plot_, series.x[i], series.y[i])) {
        end_column();
        flush();
        continue;
      }
      const double x = inside.x + axes_.x.Place(series.x[i]) * inside.width;
      const double y = inside.bottom() - std::clamp(axes_.y.Place(series.y[i]), 0.0, 1.0) * inside.height;
      const auto pixel = static_cast<int64_t>(std::floor(x * sheet->options.pixels_per_point));
      if (pixel != column) end_column();
      column = pixel;
      same_column.push_back({x, y});
    }
    end_column();
    flush();
  }

  const ChartPlot& plot_;
  ChartAxes axes_;
  std::vector<Pen> pens_;
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const ChartPlot& plot, const std::string& where, Sheet*) {
  return std::make_unique<ChartBody>(plot, where);
}

}  // namespace convscope::internal
