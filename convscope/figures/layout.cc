#include "convscope/figures/layout.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/color_bar.h"
#include "convscope/figures/internal/panel_body.h"

namespace convscope {
namespace internal {

double Sheet::Snap(double points) const {
  return std::round(points * options.pixels_per_point) / options.pixels_per_point;
}

int64_t Sheet::PixelsFor(double points, int64_t source) const {
  const auto device = std::max<int64_t>(1, std::llround(points * options.pixels_per_point));
  return static_cast<double>(device) >= options.sharp_from * static_cast<double>(source) ? source : device;
}

}  // namespace internal

namespace {

using internal::PanelBody;
using internal::Sheet;

constexpr double kMargin = 18, kPanelGap = 14, kRowGap = 16;  // points
constexpr double kAboveBar = 4, kAboveCaption = 3, kUnderTitle = 3, kUnderFigureTitle = 8;
constexpr double kLeastPanelWidth = 84, kLeastTitleWidth = 240, kMostWidth = 10000;
constexpr TextStyle kFigureTitle{.size = 14, .bold = true}, kPanelTitle{.size = 10, .bold = true}, kSmall{.size = 9};
constexpr int kMostTitleLines = 3, kMostCaptionLines = 12;

// A panel while its place is sought.
struct Slot {
  const Panel* panel;
  std::unique_ptr<PanelBody> body;
  std::optional<internal::ColorBar> bar;
  double least_width;

  // In a line of this height.
  double HeightIn(double line) const {
    const double most = panel->most_height > 0 ? std::max(panel->most_height, body->LeastHeight()) : line;
    return std::min({line, most, body->MostHeightInLine()});
  }
  double WidthIn(double line) const { return std::max(least_width, body->WidthAt(HeightIn(line))); }
};

using Line = std::span<const Slot>;

double WidthIn(Line line, double height) {
  double width = kPanelGap * static_cast<double>(line.size() - 1);
  for (const Slot& slot : line) width += slot.WidthIn(height);
  return width;
}

double LeastHeight(Line line) {
  double least = 0;
  for (const Slot& slot : line) least = std::max(least, slot.body->LeastHeight());
  return least;
}

// The largest height at which the line fits into `width`, at most what its panels have use for and what is wanted (0:
// anything).
double FittingHeight(Line line, double width, double wanted) {
  double fits = 1, most = 0;
  for (const Slot& slot : line) most = std::max(most, slot.HeightIn(slot.body->MostHeight()));
  if (wanted > 0) most = std::min(most, std::max(wanted, LeastHeight(line)));
  if (WidthIn(line, most) <= width) return most;
  while (most - fits > 0.01) {
    const double middle = (fits + most) / 2;
    (WidthIn(line, middle) <= width ? fits : most) = middle;
  }
  return fits;
}

// Breaks a row into as few lines as fit at a readable height and, of those, into the most even ones; where panels do
// not go up evenly, the last lines have fewer of them.
std::vector<Line> BreakRow(std::span<const Slot> row, double width) {
  struct Best {
    size_t lines = 0;
    double unevenness = 0;  // the sum of the lines' squared widths, which is least where they are alike
    size_t last_begin = 0;
  };
  constexpr double kSame = 1 - 1e-6;       // widths that are alike but for their rounding
  std::vector<Best> best(row.size() + 1);  // for the first i panels
  for (size_t end = 1; end <= row.size(); ++end) {
    best[end].lines = row.size() + 1;
    for (size_t begin = 0; begin < end; ++begin) {
      const Line line = row.subspan(begin, end - begin);
      const double needed = WidthIn(line, LeastHeight(line));
      if (needed > width && line.size() > 1) continue;
      const size_t lines = best[begin].lines + 1;
      const double unevenness = best[begin].unevenness + needed * needed;
      if (lines < best[end].lines || (lines == best[end].lines && kSame * unevenness <= best[end].unevenness)) {
        best[end] = {lines, unevenness, begin};
      }
    }
  }
  std::vector<Line> lines;
  for (size_t end = row.size(); end > 0; end = best[end].last_begin) {
    lines.insert(lines.begin(), row.subspan(best[end].last_begin, end - best[end].last_begin));
  }
  return lines;
}

// Sets the lines of a text one under the other from `y` on; returns the y under the last.
double SetLines(const std::vector<std::string>& lines, SceneText::Role role, TextStyle style, Rgb8 color, double x,
                double y, Sheet* sheet, Scene* scene) {
  for (const std::string& line : lines) {
    scene->texts.push_back({.role = role,
                            .box = {x, y, sheet->text.Width(line, style), LineHeight(style)},
                            .text = line,
                            .style = style,
                            .color = color});
    y += LineHeight(style);
  }
  return y;
}

// Draws the panels of one line from `top` on; returns the y under the lowest, and the right end in `right`.
double DrawLine(Line line, double height, double top, Sheet* sheet, Scene* scene, double* right) {
  std::vector<std::vector<std::string>> titles;
  size_t title_lines = 0;
  for (const Slot& slot : line) {
    titles.push_back(sheet->text.Break(internal::PrintableText(slot.panel->title), kPanelTitle, slot.WidthIn(height),
                                       kMostTitleLines));
    title_lines = std::max(title_lines, titles.back().size());
  }
  const double title_room = static_cast<double>(title_lines) * LineHeight(kPanelTitle);
  const double body_y = sheet->Snap(top + title_room + (title_lines > 0 ? kUnderTitle : 0));
  const double pixel = 1 / sheet->options.pixels_per_point;

  double x = sheet->Snap(kMargin), bottom = body_y;
  for (size_t i = 0; i < line.size(); ++i) {
    const Slot& slot = line[i];
    const double slot_width = slot.WidthIn(height);
    // Titles stand directly above their panel, whatever room the longest one needs.
    const double title_y = top + title_room - static_cast<double>(titles[i].size()) * LineHeight(kPanelTitle);
    double title_width = 0;
    for (const std::string& text : titles[i]) title_width = std::max(title_width, sheet->text.Width(text, kPanelTitle));
    const double title_x = x + std::max(0.0, std::min(slot.body->TitleFrom(), slot_width - title_width));
    SetLines(titles[i], SceneText::Role::kPanelTitle, kPanelTitle, internal::kInk, title_x, title_y, sheet, scene);

    const double body_height = slot.HeightIn(height);
    const Box box{x, body_y, std::max(sheet->Snap(slot.body->WidthAt(body_height)), pixel),
                  std::max(sheet->Snap(body_height), pixel)};
    std::vector<std::string> caption;
    if (!slot.panel->caption.empty()) caption.push_back(slot.panel->caption);
    slot.body->Draw(box, sheet, scene, &caption);

    double y = box.y + slot.body->UsedOf(box.height);
    if (slot.bar) {
      y = sheet->Snap(y + kAboveBar);
      internal::DrawColorBar(*slot.bar, x, y, std::max(box.width, internal::LeastColorBarWidth(*slot.bar, sheet)),
                             sheet, scene);
      y += internal::kColorBarHeight;
    }
    y += kAboveCaption;
    for (const std::string& part : caption) {
      y = SetLines(sheet->text.Break(internal::PrintableText(part), kSmall, slot_width, kMostCaptionLines),
                   SceneText::Role::kCaption, kSmall, internal::kSoftInk, x, y, sheet, scene);
    }
    bottom = std::max(bottom, y);
    *right = std::max(*right, x + slot_width);
    x = sheet->Snap(x + slot_width + kPanelGap);
  }
  return bottom;
}

void Check(const Figure& figure, const LayoutOptions& options) {
  const auto check = [](bool holds, const char* rule, double value) {
    if (!holds) throw Error({.where = "figure", .rule = rule, .received = ShortestText(value)});
  };
  check(options.width >= 200 && options.width <= kMostWidth, "the page must be 200 to 10,000 points wide",
        options.width);
  check(options.pixels_per_point >= 0.25 && options.pixels_per_point <= 32, "pixels per point must be 0.25 to 32",
        options.pixels_per_point);
  check(options.sharp_from >= 1, "the enlargement that keeps pixels must be at least 1", options.sharp_from);
  const auto has_panel = [](const std::vector<Panel>& row) { return !row.empty(); };
  if (std::none_of(figure.rows.begin(), figure.rows.end(), has_panel)) {
    throw Error({.where = "figure", .rule = "a figure must have a panel", .received = "none"});
  }
}

// Whether both are matrices on one scale that was chosen for them: then the bar under the first of them says it for
// all.
bool ShareScale(const Panel& a, const Panel& b) {
  const auto *const one = std::get_if<MatrixPlot>(&a.content), *const other = std::get_if<MatrixPlot>(&b.content);
  return one != nullptr && other != nullptr && one->scale && one->scale == other->scale;
}

// The bodies of a row's panels.
std::vector<Slot> SlotsOf(const std::vector<Panel>& row, size_t row_index, Sheet* sheet) {
  std::vector<Slot> slots;
  for (size_t i = 0; i < row.size(); ++i) {
    const std::string where = internal::PanelName(row[i], row_index, i);
    Slot slot{.panel = &row[i],
              .body = std::visit([&](const auto& plot) { return MakeBody(plot, where, sheet); }, row[i].content),
              .bar = {},
              .least_width = kLeastPanelWidth};
    if (i == 0 || !ShareScale(row[i - 1], row[i])) slot.bar = slot.body->Bar();
    if (slot.bar) slot.least_width = std::max(slot.least_width, internal::LeastColorBarWidth(*slot.bar, sheet));
    slots.push_back(std::move(slot));
  }
  return slots;
}

// Lines of a row share the lowest of their heights, where all can be read at it: then their panels line up.
std::vector<double> HeightsOf(const std::vector<Line>& lines, double width, double wanted) {
  std::vector<double> heights;
  for (const Line line : lines) heights.push_back(FittingHeight(line, width, wanted));
  const double lowest = *std::min_element(heights.begin(), heights.end());
  for (size_t i = 0; i < lines.size(); ++i) {
    heights[i] = std::min(heights[i], std::max(lowest, LeastHeight(lines[i])));
  }
  return heights;
}

// A network from left to right is as wide as its texts need, as one from top to bottom is high.
double ContentWidth(const Figure& figure, const LayoutOptions& options) {
  double width = options.width - 2 * kMargin;
  for (size_t r = 0; r < figure.rows.size(); ++r) {
    if (figure.rows[r].size() != 1) continue;
    const auto* const network = std::get_if<NetworkPlot>(&figure.rows[r][0].content);
    if (network == nullptr || !network->left_to_right) continue;
    Sheet sheet{.options = options, .content_width = width, .text = {}};
    const auto body = MakeBody(*network, internal::PanelName(figure.rows[r][0], r, 0), &sheet);
    width = std::max(width, body->WidthAt(body->LeastHeight()));
  }
  return std::min(width, kMostWidth - 2 * kMargin);
}

}  // namespace

Scene LayOut(const Figure& figure, const LayoutOptions& options) {
  Check(figure, options);
  Sheet sheet{.options = options, .content_width = ContentWidth(figure, options), .text = {}};
  Scene body;  // drawn from y = 0: how high the title is, is known when the width of the panels is
  double right = 0, y = 0;
  for (size_t r = 0; r < figure.rows.size(); ++r) {
    if (figure.rows[r].empty()) continue;
    const std::vector<Slot> slots = SlotsOf(figure.rows[r], r, &sheet);
    const std::vector<Line> lines = BreakRow(slots, sheet.content_width);
    const std::vector<double> heights = HeightsOf(lines, sheet.content_width, figure.panel_height);
    for (size_t i = 0; i < lines.size(); ++i) {
      if (y > 0) y += kRowGap;
      y = DrawLine(lines[i], heights[i], y, &sheet, &body, &right);
    }
  }

  // A page is as wide as its panels, but a title is not squeezed by a small one.
  const std::string title = internal::PrintableText(figure.title), footer = internal::PrintableText(figure.footer);
  const double wanted = std::max(kLeastTitleWidth, sheet.text.Width(title, kFigureTitle));
  const double text_width = std::max(right - kMargin, std::min(wanted, sheet.content_width));
  Scene scene;
  // Panels stand on the device's pixels: many of them may reach a little into the margin.
  scene.width = std::min(sheet.Snap(text_width + 2 * kMargin), sheet.content_width + 2 * kMargin);
  double top = kMargin;
  if (!title.empty()) {
    top = SetLines(sheet.text.Break(title, kFigureTitle, text_width, kMostTitleLines), SceneText::Role::kFigureTitle,
                   kFigureTitle, internal::kInk, kMargin, top, &sheet, &scene);
    top += kUnderFigureTitle;
  }
  top = sheet.Snap(top);
  for (SceneImage& image : body.images) {
    image.box.y += top;
    scene.images.push_back(std::move(image));
  }
  for (SceneRectangle& rectangle : body.rectangles) {
    rectangle.box.y += top;
    scene.rectangles.push_back(rectangle);
  }
  for (ScenePath& path : body.paths) {
    for (ScenePoint& point : path.points) point.y += top;
    scene.paths.push_back(std::move(path));
  }
  for (SceneText& text : body.texts) {
    text.box.y += top;
    scene.texts.push_back(std::move(text));
  }
  double bottom = top + y;
  if (!footer.empty()) {
    bottom = SetLines(sheet.text.Break(footer, kSmall, text_width, kMostCaptionLines), SceneText::Role::kFooter, kSmall,
                      internal::kSoftInk, kMargin, bottom + kUnderFigureTitle, &sheet, &scene);
  }
  scene.height = std::ceil((bottom + kMargin) * options.pixels_per_point) / options.pixels_per_point;
  return scene;
}

}  // namespace convscope
