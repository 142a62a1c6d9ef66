// Points, each in the colour and shape of its group, or small pictures in their places.
#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/figures/internal/chart_axis.h"
#include "convscope/figures/internal/panel_body.h"
#include "convscope/figures/internal/raster.h"
#include "convscope/figures/internal/scatter_frame.h"

namespace convscope::internal {
namespace {

constexpr TextStyle kStyle{.size = 9};
constexpr double kRadius = 2.2, kRing = 3.6, kLegendMark = 10, kLegendGap = 10, kInside = 6;  // points
constexpr double kPicture = 18;                                                               // points, the longer side
constexpr size_t kMostNamed = 40;                                                             // groups in the legend
constexpr int kShapes = 4;

// A disc as four Bezier curves (0.5523 makes them touch the circle within 0.03 %).
std::vector<ScenePoint> Disc(double x, double y, double r) {
  const double k = 0.5523 * r;
  return {{x + r, y},     {x + r, y + k}, {x + k, y + r}, {x, y + r},     {x - k, y + r}, {x - r, y + k}, {x - r, y},
          {x - r, y - k}, {x - k, y - r}, {x, y - r},     {x + k, y - r}, {x + r, y - k}, {x + r, y}};
}

// The mark of a group: discs, then squares, triangles and diamonds as the colours begin again.
ScenePath MarkOf(int group, double x, double y) {
  ScenePath path{.points = {}, .fill = GroupColor(group)};
  const double r = kRadius;
  switch (group / kGroupColors % kShapes) {
    case 0:
      path.points = Disc(x, y, r);
      path.curved = true;
      break;
    case 1:
      path.points = {{x - r, y - r}, {x + r, y - r}, {x + r, y + r}, {x - r, y + r}, {x - r, y - r}};
      break;
    case 2:
      path.points = {{x, y - 1.3 * r}, {x + 1.2 * r, y + r}, {x - 1.2 * r, y + r}, {x, y - 1.3 * r}};
      break;
    default:
      path.points = {{x, y - 1.4 * r}, {x + 1.4 * r, y}, {x, y + 1.4 * r}, {x - 1.4 * r, y}, {x, y - 1.4 * r}};
  }
  return path;
}

ScenePath RingAt(double x, double y) {
  return {.points = Disc(x, y, kRing), .curved = true, .stroke = kInk, .stroke_width = 1};
}

bool Overlap(const Box& a, const Box& b) {
  return a.x < b.right() && b.x < a.right() && a.y < b.bottom() && b.y < a.bottom();
}

class ScatterBody : public PanelBody {
 public:
  ScatterBody(const ScatterPlot& plot, const std::string& where) : plot_(plot), frame_(FrameOf(plot, where)) {}

  // Both axes have one unit: a large one, whose points are spread more widely than high, has no use for a square.
  double WidthAt(double height) const override {
    const double aspect = Pictured() ? std::clamp(frame_.x_span / frame_.y_span, 1.0, 2.0) : 1;
    return std::max(160.0, (height - LegendRoom()) * aspect);
  }
  double LeastHeight() const override { return 260 + LegendRoom(); }
  double MostHeight() const override { return (Pictured() ? 640 : 420) + LegendRoom(); }
  std::optional<ColorBar> Bar() const override { return std::nullopt; }

  void Draw(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const override {
    remarks->insert(remarks->end(), frame_.remarks.begin(), frame_.remarks.end());
    const bool axes = !plot_.x_label.empty() || !plot_.y_label.empty();
    double top = DrawLegend(box, sheet, scene, remarks);
    const double line = LineHeight(kStyle);
    if (axes) {
      Write(plot_.y_label, box.x, top, sheet, scene);
      top += line + 3;
    }
    const double left = axes ? 30 : 0, under = axes ? 2 * line + 4 : 0;
    const Box frame{box.x + left, top, box.width - left, std::max(1.0, box.bottom() - top - under)};
    const double room = kInside + (Pictured() ? kPicture / 2 : 0);
    const double scale = std::min(std::max(1.0, frame.width - 2 * room) / frame_.x_span,
                                  std::max(1.0, frame.height - 2 * room) / frame_.y_span);
    scene->rectangles.push_back({.box = frame, .stroke = kBorderInk});
    if (axes) DrawAxes(frame, scale, sheet, scene);

    const auto place = [&](size_t i) {
      return ScenePoint{frame.x + frame.width / 2 + (plot_.x[i] - frame_.x_middle) * scale,
                        frame.y + frame.height / 2 - (plot_.y[i] - frame_.y_middle) * scale};
    };
    const std::vector<Box> pictures = Pictured() ? DrawPictures(place, sheet, scene, remarks) : std::vector<Box>();
    for (const bool marked : {false, true}) {  // the marked ones above the others
      for (const size_t i : frame_.points) {
        const auto [x, y] = place(i);
        if (IsMarked(plot_, i) != marked) continue;
        const Box mark{x - kRadius, y - kRadius, 2 * kRadius, 2 * kRadius};
        if (std::any_of(pictures.begin(), pictures.end(), [&](const Box& b) { return Overlap(b, mark); })) continue;
        scene->paths.push_back(MarkOf(GroupOf(plot_, i), x, y));
        if (marked) scene->paths.push_back(RingAt(x, y));
      }
    }
    if (Numbered()) DrawNumbers(place, sheet, scene, remarks);
  }

 private:
  bool Pictured() const { return plot_.pictures.data() != nullptr; }
  // Of the points that are drawn.
  int64_t MarkedCount() const {
    return std::count_if(frame_.points.begin(), frame_.points.end(), [&](size_t i) { return IsMarked(plot_, i); });
  }
  bool AnyMarked() const { return MarkedCount() > 0; }
  bool Numbered() const { return plot_.group_names.size() > static_cast<size_t>(kGroupColors); }
  // An estimate: three names a line. The legend takes what it needs when it is drawn.
  double LegendRoom() const {
    const size_t names = std::min(plot_.group_names.size(), kMostNamed) + (AnyMarked() ? 1 : 0);
    return static_cast<double>((names + 2) / 3) * (LineHeight(kStyle) + 1);
  }

  static void Write(const std::string& text, double x, double y, Sheet* sheet, Scene* scene) {
    scene->texts.push_back({.role = SceneText::Role::kTick,
                            .box = {x, y, sheet->text.Width(text, kStyle), LineHeight(kStyle)},
                            .text = text,
                            .style = kStyle,
                            .color = kSoftInk});
  }

  // From the top of the box on; returns the y under it.
  double DrawLegend(const Box& box, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const {
    double x = box.x, y = box.y;
    const auto add = [&](const std::string& name, const auto& draw) {
      const std::string text =
          sheet->text.Break(PrintableText(name), kStyle, std::max(20.0, box.width - kLegendMark), 1).front();
      const double width = kLegendMark + sheet->text.Width(text, kStyle);
      if (x > box.x && x + width > box.right()) {
        x = box.x;
        y += LineHeight(kStyle) + 1;
      }
      draw(x + kRing, y + LineHeight(kStyle) / 2);
      Write(text, x + kLegendMark, y, sheet, scene);
      scene->texts.back().role = SceneText::Role::kLegend;
      x += width + kLegendGap;
    };
    for (size_t g = 0; g < std::min(plot_.group_names.size(), kMostNamed); ++g) {
      const std::string number = std::to_string(g);
      const std::string& name = plot_.group_names[g];
      add(Numbered() && name != number ? Concat(number, " ", name) : name,
          [&](double u, double v) { scene->paths.push_back(MarkOf(static_cast<int>(g), u, v)); });
    }
    if (AnyMarked()) {
      add(Concat(plot_.marked_name, " (", MarkedCount(), ")"),
          [&](double u, double v) { scene->paths.push_back(RingAt(u, v)); });
    }
    if (plot_.group_names.size() > kMostNamed) {
      remarks->push_back(Concat(plot_.group_names.size() - kMostNamed, " more groups are not named"));
    }
    if (plot_.group_names.size() > static_cast<size_t>(kGroupColors)) {
      remarks->push_back(Concat(kGroupColors, " colours, then again in other shapes; numbers stand in the middle of ",
                                "their groups"));
    }
    if (plot_.group_names.size() > static_cast<size_t>(kGroupColors * kShapes)) {
      remarks->push_back(Concat("groups that are ", kGroupColors * kShapes, " apart look alike but for their numbers"));
    }
    return x > box.x ? y + LineHeight(kStyle) + 4 : y;
  }

  // The number of each group where half of its points are to either side, on a light ground.
  template <typename Place>
  void DrawNumbers(const Place& place, Sheet* sheet, Scene* scene, std::vector<std::string>* remarks) const {
    std::vector<Box> taken;
    int left_out = 0;
    std::vector<std::vector<double>> xs(plot_.group_names.size()), ys(plot_.group_names.size());
    for (const size_t i : frame_.points) {
      const ScenePoint point = place(i);
      xs[static_cast<size_t>(GroupOf(plot_, i))].push_back(point.x);
      ys[static_cast<size_t>(GroupOf(plot_, i))].push_back(point.y);
    }
    const auto median = [](std::vector<double>& values) {
      const auto middle = values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
      std::nth_element(values.begin(), middle, values.end());
      return *middle;
    };
    constexpr TextStyle kNumber{.size = 8, .bold = true};
    for (size_t g = 0; g < xs.size(); ++g) {
      if (xs[g].empty()) continue;
      const std::string text = std::to_string(g);
      const double x = median(xs[g]), y = median(ys[g]), width = sheet->text.Width(text, kNumber);
      const double u = width / 2 + 1.5, v = 5;  // half of the ground
      const Box ground{x - u, y - v, 2 * u, 2 * v};
      if (std::any_of(taken.begin(), taken.end(), [&](const Box& b) { return Overlap(b, ground); })) {
        ++left_out;
        continue;
      }
      taken.push_back(ground);
      scene->paths.push_back(
          {.role = ScenePath::Role::kGuide,
           .points = {{x - u, y - v}, {x + u, y - v}, {x + u, y + v}, {x - u, y + v}, {x - u, y - v}},
           .fill = Rgb8{255, 255, 255},
           .stroke = GroupColor(static_cast<int>(g)),
           .stroke_width = 0.8});
      scene->texts.push_back({.role = SceneText::Role::kNumber,
                              .box = {x - width / 2, y - LineHeight(kNumber) / 2, width, LineHeight(kNumber)},
                              .text = text,
                              .style = kNumber,
                              .color = kInk});
    }
    if (left_out > 0) remarks->push_back(Concat(left_out, " of the numbers left out, where they would hide others"));
  }

  void DrawAxes(const Box& frame, double scale, Sheet* sheet, Scene* scene) const {
    const double x_half = frame.width / 2 / scale, y_half = frame.height / 2 / scale;
    const ChartAxis x = MakeAxis(frame_.x_middle - x_half, frame_.x_middle + x_half, false, 6);
    const ChartAxis y = MakeAxis(frame_.y_middle - y_half, frame_.y_middle + y_half, false, 6);
    double last_right = -1e9;
    for (const Tick& tick : x.ticks) {
      const double at = frame.x + x.Place(tick.value) * frame.width, width = sheet->text.Width(tick.text, kStyle);
      const double begin = std::min(at - width / 2, frame.right() - width);
      Guide({{at, frame.bottom()}, {at, frame.bottom() + 3}}, scene);
      if (begin < last_right + 4) continue;
      Write(tick.text, begin, frame.bottom() + 4, sheet, scene);
      last_right = begin + width;
    }
    for (const Tick& tick : y.ticks) {
      const double at = frame.bottom() - y.Place(tick.value) * frame.height;
      const double width = sheet->text.Width(tick.text, kStyle);
      Guide({{frame.x - 3, at}, {frame.x, at}}, scene);
      const double down = std::clamp(at - LineHeight(kStyle) / 2, frame.y, frame.bottom() - LineHeight(kStyle));
      Write(tick.text, frame.x - 5 - width, down, sheet, scene);
    }
    const double width = sheet->text.Width(plot_.x_label, kStyle);
    Write(plot_.x_label, frame.x + (frame.width - width) / 2, frame.bottom() + 4 + LineHeight(kStyle), sheet, scene);
  }

  static void Guide(std::vector<ScenePoint> points, Scene* scene) {
    scene->paths.push_back(
        {.role = ScenePath::Role::kAxis, .points = std::move(points), .stroke = kBorderInk, .stroke_width = 0.5});
  }

  // The boxes of the pictures that have room: marked points first, since they are what one looks for, then the others
  // in their order.
  template <typename Place>
  std::vector<Box> DrawPictures(const Place& place, Sheet* sheet, Scene* scene,
                                std::vector<std::string>* remarks) const {
    const Shape& shape = plot_.pictures.shape();
    const double longer = static_cast<double>(std::max(shape[1], shape[2]));
    const double width = kPicture * static_cast<double>(shape[2]) / longer;
    const double height = kPicture * static_cast<double>(shape[1]) / longer;
    const int64_t size = shape[1] * shape[2] * shape[3];
    std::vector<Box> taken;
    for (const bool marked : {true, false}) {
      for (const size_t i : frame_.points) {
        if (IsMarked(plot_, i) != marked) continue;
        const auto [x, y] = place(i);
        const Box box{sheet->Snap(x - width / 2), sheet->Snap(y - height / 2), width, height};
        constexpr double kAir = 1.5;
        const Box wide{box.x - kAir, box.y - kAir, width + 2 * kAir, height + 2 * kAir};
        if (std::any_of(taken.begin(), taken.end(), [&](const Box& b) { return Overlap(b, wide); })) continue;
        taken.push_back(wide);
        const TensorView<const float> picture{plot_.pictures.data() + static_cast<int64_t>(i) * size,
                                              {shape[1], shape[2], shape[3]}};
        const int64_t rows = sheet->PixelsFor(height, shape[1]), columns = sheet->PixelsFor(width, shape[2]);
        const std::vector<float> values = AreaMean(picture, rows, columns);
        SceneImage image{.box = box};
        image.raster = shape[3] == 3 ? ColorPictureOf(values, rows, columns)
                                     : ColorMapOf(values, rows, columns, 1, 0, PhotographScale());
        scene->images.push_back(std::move(image));
        if (marked) {
          const Box ring{box.x - 1.3, box.y - 1.3, width + 2.6, height + 2.6};
          scene->rectangles.push_back({.box = ring, .stroke = kInk, .stroke_width = 0.8});
        }
        scene->rectangles.push_back({.box = box, .stroke = GroupColor(GroupOf(plot_, i)), .stroke_width = 1.2});
      }
    }
    remarks->push_back(Concat("pictures of ", taken.size(), " of ", plot_.x.size(),
                              " points, where they do not hide one another, in frames of their group's colour",
                              AnyMarked() ? Concat(" (", plot_.marked_name, ": and a black one)") : "",
                              "; points under them are not drawn"));
    return taken;
  }

  const ScatterPlot& plot_;
  ScatterFrame frame_;
};

}  // namespace

std::unique_ptr<PanelBody> MakeBody(const ScatterPlot& plot, const std::string& where, Sheet*) {
  return std::make_unique<ScatterBody>(plot, where);
}

}  // namespace convscope::internal
