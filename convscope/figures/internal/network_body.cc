// Boxes and arrows.
#include <cmath>
#include <utility>

#include "convscope/figures/internal/network_layout.h"
#include "convscope/figures/internal/network_measure.h"
#include "convscope/figures/internal/panel_body.h"

namespace convscope::internal {
namespace {

constexpr double kReadable = 0.85;  // the smallest text is then 6.8 points high
constexpr Rgb8 kGroupFill{246, 246, 246}, kArrow{90, 90, 90};

// Light, so that black text on them is easy to read, and told apart by lightness as well as by hue.
Rgb8 KindColor(int kind) {
  static constexpr Rgb8 kColors[] = {{232, 232, 232}, {198, 219, 239}, {253, 224, 190}, {212, 234, 206},
                                     {229, 216, 240}, {252, 245, 190}, {250, 212, 216}};
  return kColors[static_cast<size_t>(kind) % std::size(kColors)];
}

class NetworkBody : public PanelBody {
 public:
  NetworkBody(const NetworkPlot& plot, const std::string& where, Sheet* sheet) : plot_(plot) {
    MeasuredNetwork measured = Measure(plot, where, &sheet->text);
    lines_ = std::move(measured.lines);
    placed_ = Place(measured.network);
  }

  double WidthAt(double height) const override { return placed_.size.width * height / placed_.size.height; }
  double LeastHeight() const override { return kReadable * placed_.size.height; }
  double MostHeight() const override { return placed_.size.height; }
  // Beside a higher one its texts stay as large as others are.
  double MostHeightInLine() const override { return placed_.size.height; }
  std::optional<ColorBar> Bar() const override { return std::nullopt; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>*) const override {
    const double scale = box.height / placed_.size.height;
    const auto at = [&](ScenePoint p) { return ScenePoint{box.x + p.x * scale, box.y + p.y * scale}; };
    const auto moved = [&](const Box& b) {
      return Box{box.x + b.x * scale, box.y + b.y * scale, b.width * scale, b.height * scale};
    };
    for (size_t i = 0; i < plot_.groups.size(); ++i) {
      scene->rectangles.push_back({.role = SceneRectangle::Role::kGroup,
                                   .box = moved(placed_.groups[i]),
                                   .fill = kGroupFill,
                                   .stroke = kBorderInk});
      if (!plot_.groups[i].empty()) {
        Write(plot_.groups[i], SceneText::Role::kLegend, kNetworkGroup, moved(placed_.group_names[i]), scale, sheet,
              scene);
      }
    }
    for (size_t i = 0; i < plot_.nodes.size(); ++i) DrawNode(i, moved(placed_.nodes[i]), scale, scene);
    for (size_t i = 0; i < plot_.edges.size(); ++i) {
      ScenePath path{.role = ScenePath::Role::kEdge, .points = {}, .curved = true, .stroke = kArrow};
      for (const ScenePoint& point : placed_.edges[i].curve) path.points.push_back(at(point));
      if (!path.points.empty()) DrawArrow(path.points.back(), at(placed_.edges[i].tip), scene);
      scene->paths.push_back(std::move(path));
      if (!plot_.edges[i].label.empty()) {
        Write(plot_.edges[i].label, SceneText::Role::kTick, kNetworkLabel, moved(placed_.edges[i].label), scale, sheet,
              scene);
      }
    }
  }

 private:
  void DrawNode(size_t index, const Box& box, double scale, Scene* scene) const {
    scene->rectangles.push_back({.role = SceneRectangle::Role::kNode,
                                 .box = box,
                                 .fill = KindColor(plot_.nodes[index].kind),
                                 .stroke = kBorderInk,
                                 .stroke_width = 0.75});
    double y = box.y + kNetworkPadY * scale;
    for (const NetworkLine& line : lines_[index]) {
      const TextStyle style{.size = line.style.size * scale, .bold = line.style.bold};
      const double width = line.width * scale;
      scene->texts.push_back({.role = SceneText::Role::kCell,
                              .box = {box.x + (box.width - width) / 2, y, width, LineHeight(style)},
                              .text = line.text,
                              .style = style,
                              .color = kInk});
      y += LineHeight(style);
    }
  }

  // One line in the middle of a box.
  static void Write(const std::string& text, SceneText::Role role, TextStyle style, const Box& box, double scale,
                    Sheet* sheet, Scene* scene) {
    const double width = sheet->text.Width(text, style) * scale;
    style.size *= scale;
    scene->texts.push_back({.role = role,
                            .box = {box.x + (box.width - width) / 2, box.y + (box.height - LineHeight(style)) / 2,
                                    width, LineHeight(style)},
                            .text = text,
                            .style = style,
                            .color = kSoftInk});
  }

  static void DrawArrow(ScenePoint from, ScenePoint tip, Scene* scene) {
    const double dx = tip.x - from.x, dy = tip.y - from.y, length = std::hypot(dx, dy);
    if (length <= 0) return;
    const double side_x = -0.45 * dy, side_y = 0.45 * dx;
    scene->paths.push_back({.role = ScenePath::Role::kArrow,
                            .points = {{from.x + side_x, from.y + side_y}, tip, {from.x - side_x, from.y - side_y}},
                            .fill = kArrow});
  }

  const NetworkPlot& plot_;
  std::vector<std::vector<NetworkLine>> lines_;  // of each node
  PlacedNetwork placed_;
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const NetworkPlot& plot, const std::string& where, Sheet* sheet) {
  return std::make_unique<NetworkBody>(plot, where, sheet);
}

}  // namespace convscope::internal
