// An explanation as a figure: the pixels that count, window, kernel and products, the sums, and the way back.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <variant>

#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/internal/explained_terms.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/internal/source_title.h"

namespace convscope {
namespace {

using internal::Contribution;
using internal::TermName;
using internal::ValueText;
using internal::WindowOfChannel;

constexpr int64_t kMostCells = 15;               // of a matrix with its numbers, in rows and in columns
constexpr size_t kMostMaps = 12;                 // of the way back
constexpr size_t kMostBoxes = 5;                 // of the way back, in a column
constexpr double kBarLength = 100;               // points
constexpr double kCell = 41, kMostMatrix = 200;  // of a matrix, in points
constexpr double kHeight = 150;                  // of a panel, in points
constexpr char kHatched[] = "hatched: padding beyond the border";

class FigureMaker {
 public:
  explicit FigureMaker(const ExplainedValue& value) : value_(value), last_(value.chain.back()) {}

  OwningFigure Make() {
    const Explanation& first = value_.chain[0];
    Figure& figure = result_.figure;
    figure.title = fmt::format("{}{}: why {} is {}", value_.model, value_.trained ? "" : " (untrained)",
                               Text(first.place, first.shape), ValueText(first.traced));
    std::vector<Panel> row = {PicturePanel()};
    if (auto panel = ZoomPanel()) row.push_back(std::move(*panel));
    if (auto panel = InputMapPanel()) row.push_back(std::move(*panel));
    if (auto panel = OwnMapPanel()) row.push_back(std::move(*panel));
    figure.rows.push_back(std::move(row));
    if (std::vector<Panel> matrices = WindowPanels(); !matrices.empty()) figure.rows.push_back(std::move(matrices));
    if (std::vector<Panel> bars = BarPanels(); !bars.empty()) {
      // Beside the picture, where that would stand alone.
      if (figure.rows.size() > 1 || figure.rows[0].size() > 1) figure.rows.emplace_back();
      std::move(bars.begin(), bars.end(), std::back_inserter(figure.rows.back()));
    }
    if (!value_.steps.empty()) AddWayBack();
    for (std::vector<Panel>& line : figure.rows) {
      for (Panel& panel : line) {  // but the way back, whose text would shrink
        if (!std::holds_alternative<NetworkPlot>(panel.content)) panel.most_height = kHeight;
        // Window, kernel and products at one height, at which the longest of their numbers can be read.
        if (const auto* matrix = std::get_if<MatrixPlot>(&panel.content)) {
          panel.most_height = std::clamp(kCell * static_cast<double>(matrix->values.shape()[0]), kHeight, kMostMatrix);
        }
      }
    }
    for (const Explanation& explanation : value_.chain) {
      figure.footer +=
          fmt::format("{}{}: {}{}{}", figure.footer.empty() ? "" : "\n", Text(explanation.place, explanation.shape),
                      explanation.arithmetic ? explanation.arithmetic->formula : "", explanation.arithmetic ? "; " : "",
                      internal::VerdictText(explanation));
    }
    return std::move(result_);
  }

 private:
  TensorView<const float> Own(Tensor tensor) {
    result_.arrays.push_back(std::move(tensor));
    return std::as_const(result_.arrays.back()).view();
  }

  static bool HasMaps(const Shape& shape) {
    return shape.rank() == 4 && shape[0] == 1 && (shape[1] > 1 || shape[2] > 1);
  }

  // Rows and columns of the picture in its colours; towards blue, which no grey picture holds, where the value depends
  // on nothing.
  Tensor Shown(int64_t top, int64_t left, int64_t height, int64_t width) const {
    static constexpr float kElsewhere[] = {0.42f, 0.55f, 0.8f}, kLeft = 0.35f;
    const Tensor& picture = value_.shown.picture;
    const int64_t channels = picture.shape().back();
    Tensor shown({height, width, 3});
    for (int64_t i = 0; i < height * width; ++i) {
      const int64_t row = top + i / width, column = left + i % width;
      const float* from = picture.data() + (row * picture.shape()[1] + column) * channels;
      for (int64_t c = 0; c < 3; ++c) {
        const float value = std::clamp(from[channels == 3 ? c : 0], 0.0f, 1.0f);
        const bool counts = value_.field.Has(row, column);
        shown.data()[3 * i + c] = counts ? value : kLeft * value + (1 - kLeft) * kElsewhere[c];
      }
    }
    return shown;
  }

  Panel PicturePanel() {
    const ReceptivePixels& field = value_.field;
    MapPlot plot{.values = Own(Shown(0, 0, field.rows, field.columns)), .scale = std::nullopt, .frames = {}};
    std::string caption = fmt::format("depends on all {} pixels", field.count);
    if (field.count < field.rows * field.columns) {
      plot.frames = FieldFrames();
      caption = fmt::format("depends on {} of {} pixels, within {} x {}; not on the blue ones", field.count,
                            field.rows * field.columns, field.height, field.width);
    }
    return {
        .title = internal::SourceTitle(value_.shown.source), .caption = std::move(caption), .content = std::move(plot)};
  }

  std::vector<Frame> FieldFrames() const {
    const ReceptivePixels& field = value_.field;
    if (field.count == 0) return {};
    return {{.row = field.top, .column = field.left, .rows = field.height, .columns = field.width, .label = ""}};
  }

  // The pixels themselves, where they are a small part of the picture.
  std::optional<Panel> ZoomPanel() {
    const ReceptivePixels& field = value_.field;
    if (field.count == 0 || (3 * field.height > field.rows && 3 * field.width > field.columns)) return std::nullopt;
    return Panel{.title = "these pixels",
                 .caption = fmt::format("rows {} to {}, columns {} to {}", field.top, field.top + field.height - 1,
                                        field.left, field.left + field.width - 1),
                 .content = MapPlot{.values = Own(Shown(field.top, field.left, field.height, field.width)),
                                    .scale = std::nullopt,
                                    .frames = {}}};
  }

  // One channel of a tensor (1, H, W, C) of any type, in the type that is drawn: (H, W).
  Tensor MapAt(const std::string& tensor, int64_t channel) const {
    const Tensor& maps = (*value_.trace)[tensor];
    Tensor map({maps.shape()[1], maps.shape()[2]});
    for (int64_t place = 0; place < map.size(); ++place) {
      map.data()[place] = static_cast<float>(ElementOf(maps, place * maps.shape()[3] + channel));
    }
    return map;
  }

  // Of values of a tensor that is computed; what is fed in goes by its values.
  std::optional<Scale> ScaleOf(const std::string& tensor, const Tensor& values) const {
    if (tensor == value_.field.input) return std::nullopt;
    return ScaleFor(RangeOf(values.view()), internal::SignsOf(value_.never_negative, tensor));
  }

  // The channel of the input that counts most, and the window in it.
  std::optional<Panel> InputMapPanel() {
    if (!last_.arithmetic || last_.inputs[0] == value_.field.input || !HasMaps(last_.input_shapes[0])) {
      return std::nullopt;
    }
    const auto covered = internal::CoveredPlaces(last_);
    const std::optional<WindowOfChannel> window = internal::MainWindow(*last_.arithmetic);
    if (!covered || !window) return std::nullopt;
    const int64_t channel = internal::FirstChannel(last_) + window->channel;
    const auto& [top, bottom, left, right] = *covered;
    Tensor map = MapAt(last_.inputs[0], channel);
    const Scale scale = *ScaleOf(last_.inputs[0], map);
    return Panel{
        .title = fmt::format("{}, channel {}", last_.inputs[0], channel),
        .caption = window->channels > 1 ? "the channel that contributes most; red: the window" : "red: the window",
        .content = MapPlot{
            .values = Own(std::move(map)),
            .scale = scale,
            .frames = {
                {.row = top, .column = left, .rows = bottom - top + 1, .columns = right - left + 1, .label = ""}}}};
  }

  std::optional<Panel> OwnMapPanel() {
    const Explanation& first = value_.chain[0];
    if (!HasMaps(first.shape)) return std::nullopt;
    return MapOf(first.place, first.shape, fmt::format("red: {}", ValueText(first.traced)));
  }

  Panel MapOf(const ValuePlace& place, const Shape& shape, std::string caption) {
    const std::vector<int64_t> at = PlacesOf(place.element, shape);
    Tensor map = MapAt(place.tensor, at[3]);
    const std::optional<Scale> scale = ScaleOf(place.tensor, map);
    return {.title = fmt::format("{}, channel {}", place.tensor, at[3]),
            .caption = std::move(caption),
            .content = MapPlot{.values = Own(std::move(map)),
                               .scale = scale,
                               .frames = {{.row = at[1], .column = at[2], .rows = 1, .columns = 1, .label = ""}}}};
  }

  std::vector<Panel> WindowPanels() {
    if (!last_.arithmetic) return {};
    const Arithmetic& arithmetic = *last_.arithmetic;
    const std::optional<WindowOfChannel> window = internal::MainWindow(arithmetic);
    if (!window || window->rows > kMostCells || window->columns > kMostCells) return {};
    Tensor values({window->rows, window->columns}), weights(values.shape()), products(values.shape());
    bool kernel = false, padded = false;
    std::vector<bool> padding;
    double sum = 0;
    for (size_t k = 0; k < window->terms.size(); ++k) {
      const ArithmeticTerm& term = arithmetic.terms[window->terms[k]];
      values.data()[k] = static_cast<float>(term.value);
      weights.data()[k] = static_cast<float>(term.weight);
      products.data()[k] = static_cast<float>(term.product());
      kernel = kernel || term.weight_input >= 0;
      padding.push_back(term.input < 0);
      padded = padded || term.input < 0;
      sum += term.product();
    }
    if (!padded) padding.clear();
    const auto matrix = [&](Tensor numbers) { return MatrixPlot{.values = Own(std::move(numbers))}; };
    // Padding is no value of the tensor, whatever it counts as.
    const auto padded_matrix = [&](Tensor numbers, const char* written) {
      MatrixPlot plot = matrix(std::move(numbers));
      plot.padding = padding;
      plot.padding_text = written;
      return plot;
    };
    const std::optional<Scale> window_scale = ScaleOf(last_.inputs[0], values);
    const std::string of_channel = window->channels > 1 ? "of the channel that contributes most" : "";
    const std::string pool_padding = padded ? internal::PoolPaddingText(arithmetic) : "";
    const bool counts = kernel || pool_padding != "which does not count";
    std::vector<Panel> panels = {
        {.title = "window",
         .caption = of_channel + (padded ? (of_channel.empty() ? "" : "; ") + std::string(kHatched) + ", zeros" : ""),
         .content = padded_matrix(std::move(values), counts ? "0" : "-")}};
    std::get<MatrixPlot>(panels[0].content).scale = window_scale;
    if (!kernel) {
      if (arithmetic.rule == Arithmetic::Rule::kMaximum) {
        panels[0].caption = fmt::format("red: {}, {}", internal::WinnerText(arithmetic), ValueText(arithmetic.value));
        std::get<MatrixPlot>(panels[0].content).marked = internal::WinnerOf(arithmetic, *window);
      } else {
        panels[0].caption = fmt::format("their mean: {}", ValueText(arithmetic.value));
      }
      if (padded) {
        panels[0].caption += fmt::format("; {}, {}", kHatched, pool_padding);
      }
      return panels;
    }
    panels.push_back({.title = "x kernel", .caption = of_channel, .content = matrix(std::move(weights))});
    panels.push_back({.title = "= products",
                      .caption = fmt::format("sum {}", ValueText(sum)),
                      .content = padded_matrix(std::move(products), "0")});
    for (const size_t signed_one : {1, 2}) {
      auto& plot = std::get<MatrixPlot>(panels[signed_one].content);
      plot.scale = SignedScaleFor(RangeOf(plot.values));
    }
    return panels;
  }

  std::vector<Panel> BarPanels() {
    std::vector<Panel> panels;
    for (const Explanation& explanation : value_.chain) {
      if (!explanation.arithmetic) continue;
      const Arithmetic& arithmetic = *explanation.arithmetic;
      BarPlot bars{.names = {}, .values = {}, .high = {}, .marked = {}, .most_length = kBarLength};
      std::string title;
      if (arithmetic.rule == Arithmetic::Rule::kSum && &explanation == &last_) {
        for (const Contribution& part : internal::Contributions(explanation, value_.top, value_.class_names)) {
          bars.names.push_back(part.name);
          bars.values.push_back(part.value);
        }
        bars.names.emplace_back("sum");
        bars.values.push_back(arithmetic.value);
        bars.marked = {bars.values.size() - 1};
        title = "what it is the sum of";
      } else if (arithmetic.rule == Arithmetic::Rule::kFunction && arithmetic.terms.size() > 1) {
        std::vector<size_t> order(arithmetic.terms.size());
        for (size_t i = 0; i < order.size(); ++i) order[i] = i;
        std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
          return ToldBefore(arithmetic.terms[a].value, arithmetic.terms[b].value);
        });
        order.resize(std::min(order.size(), static_cast<size_t>(value_.top)));
        // The one that is explained is told, however small.
        if (arithmetic.through && std::count(order.begin(), order.end(), *arithmetic.through) == 0) {
          order.back() = *arithmetic.through;
        }
        for (const size_t i : order) {
          if (arithmetic.through == i) bars.marked = {bars.names.size()};
          bars.names.push_back(ShortName(explanation, arithmetic.terms[i]));
          bars.values.push_back(arithmetic.terms[i].value);
        }
        title = fmt::format("{}, which {} reads", explanation.inputs[0], explanation.operation);
      }
      const bool finite =
          std::all_of(bars.values.begin(), bars.values.end(), [](double value) { return std::isfinite(value); });
      if (bars.values.size() < 3 || !finite) continue;

      std::string caption;  // "sum of e^(x - largest): 1.2", which a softmax divides by
      for (const auto& [name, number] : arithmetic.numbers) {
        caption += fmt::format("{}{}: {}", caption.empty() ? "" : "; ", name, ValueText(number));
      }
      panels.push_back({.title = std::move(title), .caption = std::move(caption), .content = std::move(bars)});
    }
    return panels;
  }

  // Under the name of the tensor: the class, or the place.
  std::string ShortName(const Explanation& explanation, const ArithmeticTerm& term) const {
    const Shape& shape = explanation.input_shapes[term.input];
    const auto classes = static_cast<int64_t>(value_.class_names.size());
    const bool scores = shape.rank() == 2 && shape[1] == classes;
    if (scores) return fmt::format("{} {}", term.element % classes, value_.class_names[term.element % classes]);
    const std::string& tensor = explanation.inputs[term.input];
    return Text({tensor, term.element}, shape).substr(tensor.size() + 1);
  }

  // A box a value, those that it only went through in one; then the maps on the way.
  void AddWayBack() {
    NetworkPlot plot;
    std::vector<Panel> maps;
    std::string caption;
    bool through = false, map_shown = false;  // of this box
    for (const BackwardStep& step : value_.steps) {
      const std::string line = fmt::format("{} = {}", Text(step.place, step.shape), ValueText(step.value));
      const bool last = step.operation.empty();
      if (!through) {
        map_shown = false;
        plot.nodes.push_back({.title = line, .lines = {}, .kind = last ? 2 : 0, .group = -1});
        if (plot.nodes.size() > 1) {
          plot.edges.back().to = static_cast<int>(plot.nodes.size()) - 1;
        }
      } else {
        plot.nodes.back().lines.push_back("from " + line);
      }
      if (!step.end.empty()) plot.nodes.back().lines.push_back(fmt::format("{}, {}", step.operation, step.end));
      through = step.through;
      if (!through && !last && !step.how.empty()) {
        plot.edges.push_back(
            {.from = static_cast<int>(plot.nodes.size()) - 1,
             .to = 0,
             .label = step.of_sum ? fmt::format("{}: {}", step.how, ValueText(step.contribution)) : step.how});
      }
      if (!HasMaps(step.shape) || map_shown) continue;
      map_shown = true;
      if (last) {
        maps.push_back(PixelPanel(step));
      } else if (maps.size() + 1 < kMostMaps) {
        maps.push_back(MapOf(step.place, step.shape, fmt::format("red: {}", ValueText(step.value))));
      } else {
        caption = fmt::format("below, the maps of the first {} boxes that have some, and the pixel", kMostMaps - 1);
      }
    }
    result_.figure.rows.push_back(ChainPanels(plot, caption));
    if (!maps.empty()) result_.figure.rows.push_back(std::move(maps));
  }

  // A chain of boxes in columns, each read downwards: one column of fifty boxes would be a page of its own.
  static std::vector<Panel> ChainPanels(const NetworkPlot& plot, const std::string& caption) {
    std::vector<Panel> columns;
    const size_t count = plot.nodes.size();
    const size_t parts = (count + kMostBoxes - 1) / kMostBoxes, each = (count + parts - 1) / parts;
    for (size_t begin = 0; begin < count; begin += each) {
      const size_t end = std::min(count, begin + each);
      NetworkPlot column;
      column.nodes.assign(plot.nodes.begin() + static_cast<ptrdiff_t>(begin),
                          plot.nodes.begin() + static_cast<ptrdiff_t>(end));
      for (NetworkPlot::Edge edge : plot.edges) {
        const auto from = static_cast<size_t>(edge.from);
        if (from < begin || from >= end) continue;
        if (from + 1 == end) {  // on to the next column
          column.nodes.back().lines.push_back("next: " + edge.label);
          continue;
        }
        edge.from -= static_cast<int>(begin);
        edge.to -= static_cast<int>(begin);
        column.edges.push_back(std::move(edge));
      }
      columns.push_back({.title = begin == 0 ? "the largest contributions, back to the picture" : "... and on",
                         .caption = end == count ? caption : "",
                         .content = std::move(column)});
    }
    return columns;
  }

  Panel PixelPanel(const BackwardStep& step) {
    const std::vector<int64_t> at = PlacesOf(step.place.element, step.shape);
    return {.title = fmt::format("pixel {}, {}", at[1], at[2]),
            .caption = fmt::format("red: {} as the network is given it", ValueText(step.value)),
            .content = MapPlot{.values = value_.shown.picture.view(),
                               .scale = PhotographScale(),
                               .frames = {{.row = at[1], .column = at[2], .rows = 1, .columns = 1, .label = ""}}}};
  }

  const ExplainedValue& value_;
  const Explanation& last_;
  OwningFigure result_;
};

}  // namespace

OwningFigure ExplainFigure(const ExplainedValue& value) {
  return FigureMaker(value).Make();
}

}  // namespace convscope
