#include "convscope/tasks/weights_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>
#include <variant>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"

namespace convscope {
namespace {

constexpr size_t kMostMatrices = 16, kMostHistograms = 12;
constexpr size_t kMostOverview = 24, kOverviewKernels = 6;  // deeper layers, and kernels of each
constexpr double kOverviewHeight = 110;                     // points
constexpr int64_t kLargestMatrix = 7;
constexpr int64_t kMostDense = 1 << 20;                  // weights of a matrix that are drawn
constexpr int64_t kWaves = 15;                           // of a frequency response, at least
constexpr double kChartHeight = 190, kLeastChart = 145;  // points
constexpr double kSmallChart = 106;                      // four side by side on a page

// A kernel on one input channel.
struct Plane {
  int64_t filter = 0, channel = 0;
};

void CheckRange(const char* what, const std::optional<int64_t>& number, int64_t count, const std::string& layer) {
  if (!number || (*number >= 0 && *number < count)) return;
  throw Error({.where = layer,
               .rule = fmt::format("there are {}s 0 to {}", what, count - 1),
               .received = fmt::format("{}", *number)});
}

void CheckChoice(const FilterFacts& facts, const WeightsFigureOptions& options) {
  const bool dense = facts.use.spatial == 0;
  CheckRange(dense ? "input" : "channel", options.channel, facts.channels, facts.layer);
  CheckRange(dense ? "unit" : "filter", options.filter, facts.filters, facts.layer);
}

// The places of the `most` largest of `norms`, the largest first; all of them, in their order, where there are not
// more and `sorted` is not asked for.
std::vector<size_t> Strongest(const std::vector<double>& norms, size_t most, bool sorted) {
  std::vector<size_t> order(norms.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (order.size() <= most && !sorted) return order;
  const auto strength = [&](size_t i) { return std::isnan(norms[i]) ? -1.0 : norms[i]; };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return strength(a) > strength(b); });
  order.resize(std::min(order.size(), most));
  return order;
}

// Whether the kernel's node reads a picture's three colours.
bool ReadsColour(const Graph& graph, const KernelUse& use) {
  const auto node =
      std::find_if(graph.nodes().begin(), graph.nodes().end(), [&](const GraphNode& n) { return n.name == use.node; });
  int at = node->inputs[0];
  while (graph.tensors()[at].role == TensorRole::kComputed) {
    const auto maker = std::find_if(graph.nodes().begin(), graph.nodes().end(),
                                    [&](const GraphNode& n) { return n.outputs[0] == at; });
    // What mixes channels, or adds others, makes no colours.
    if (maker == graph.nodes().end() || maker->operation->type().find("Conv") != std::string_view::npos ||
        maker->operation->type() == "Dense" || maker->operation->type() == "Concat") {
      return false;
    }
    at = maker->inputs[0];
  }
  const Shape& shape = graph.tensors()[at].type.shape;
  return graph.tensors()[at].role == TensorRole::kInput && shape.rank() == 4 && shape.back() == 3;
}

// What a figure calls a parameter. A name that an exporter numbered, "onnx::Conv_193" or "193", says nothing of where
// its kernel stands: then the layer's comes first.
std::string TitleOf(const WeightTensor& tensor) {
  const bool numbered =
      tensor.name.find("::") != std::string::npos || tensor.name.find_first_not_of("0123456789") == std::string::npos;
  return numbered && tensor.filters ? fmt::format("{} ({})", tensor.filters->layer, tensor.name) : tensor.name;
}

std::string NotAll(size_t drawn, size_t all, const char* what) {
  return drawn == all ? "" : fmt::format("; the {} strongest of {} {}, by norm", drawn, all, what);
}

// The chosen filters (R, S, 3, F) as colours: (R, S, 3 F), each filter on its own scale, zero in the middle.
Tensor Colours(const Tensor& filters, const std::vector<size_t>& chosen) {
  const Shape& shape = filters.shape();
  const auto count = static_cast<int64_t>(chosen.size());
  Tensor colours({shape[0], shape[1], 3 * count});
  for (int64_t k = 0; k < count; ++k) {
    const auto f = static_cast<int64_t>(chosen[static_cast<size_t>(k)]);
    const auto at = [&](int64_t place, int64_t c) { return filters.data()[(place * 3 + c) * shape[3] + f]; };
    float most = 0;
    for (int64_t place = 0; place < shape[0] * shape[1]; ++place) {
      for (int64_t c = 0; c < 3; ++c) {
        if (std::isfinite(at(place, c))) most = std::max(most, std::fabs(at(place, c)));
      }
    }
    const float scale = most > 0 ? 2 * most : 1;  // of a filter of zeros any will do
    for (int64_t place = 0; place < shape[0] * shape[1]; ++place) {
      for (int64_t c = 0; c < 3; ++c) {
        const float value = at(place, c);
        // What is infinite is no brightness either.
        colours.data()[(place * count + k) * 3 + c] = std::isfinite(value) ? 0.5f + value / scale : NAN;
      }
    }
  }
  return colours;
}

// The chosen planes of filters (R, S, C, F), (R, S, planes).
Tensor PlanesOf(const Tensor& filters, const std::vector<Plane>& planes) {
  const Shape& shape = filters.shape();
  const auto count = static_cast<int64_t>(planes.size());
  Tensor chosen({shape[0], shape[1], count});
  for (int64_t place = 0; place < shape[0] * shape[1]; ++place) {
    for (int64_t k = 0; k < count; ++k) {
      const auto [f, c] = planes[static_cast<size_t>(k)];
      chosen.data()[place * count + k] = filters.data()[(place * shape[2] + c) * shape[3] + f];
    }
  }
  return chosen;
}

// Rounds to as many places behind the point for all as leave the largest three digits: 0.128 beside 0.031, so that
// every panel is read, and is drawn, alike. Not a plane of which nothing would be left.
void RoundAlike(float largest, Tensor* plane) {
  if (!(largest > 0) || !std::isfinite(largest)) return;
  const double unit = std::pow(10, std::floor(std::log10(static_cast<double>(largest))) - 2);
  const auto values = plane->view().span();
  const auto rounded = [&](float value) { return std::round(static_cast<double>(value) / unit) * unit; };
  if (std::all_of(values.begin(), values.end(), [&](float value) { return rounded(value) == 0; })) return;
  for (float& value : values) value = static_cast<float>(rounded(value));
}

// One panel a plane, its values written in its cells, all on one scale.
std::vector<Panel> Matrices(const Tensor& chosen, const std::vector<std::string>& names, const std::string& caption,
                            std::vector<Tensor>& arrays) {
  const int64_t count = chosen.shape()[2];
  const ValueRange range = RangeOf(chosen.view());
  const Scale scale = SignedScaleFor(range);
  std::vector<Panel> panels;
  for (int64_t k = 0; k < count; ++k) {
    Tensor& plane = arrays.emplace_back(Shape{chosen.shape()[0], chosen.shape()[1]});
    for (int64_t i = 0; i < plane.size(); ++i) plane.data()[i] = chosen.data()[i * count + k];
    if (count > 1) RoundAlike(std::max(std::fabs(range.low), std::fabs(range.high)), &plane);
    panels.push_back({.title = names[static_cast<size_t>(k)],
                      .caption = k == 0 ? caption : "",
                      .content = MatrixPlot{.values = std::as_const(plane).view(), .scale = scale}});
  }
  return panels;
}

class Drawer {
 public:
  Drawer(const Weights& weights, const WeightsFigureOptions& options, OwningFigure* made)
      : weights_(weights), options_(options), made_(made) {}

  void AddFilters(const WeightTensor& tensor) {
    charts_ = false;
    const FilterFacts& facts = *tensor.filters;
    const Tensor filters = FiltersOf(weights_.model.file.model, facts.use);
    CheckChoice(facts, options_);
    const bool dense = facts.use.spatial == 0, one = options_.channel || options_.filter;
    if (dense && options_.channel.has_value() != options_.filter.has_value()) {
      AddOneOfMatrix(TitleOf(tensor), filters);
      return;
    }
    // A kernel of one pixel is a matrix as that of a dense layer is.
    if ((dense && !one) || (facts.rows * facts.columns == 1 && !one && options_.strongest == 0)) {
      AddMatrix(TitleOf(tensor), filters);
      return;
    }
    const auto most = static_cast<size_t>(options_.strongest > 0 ? options_.strongest : kMostFiltersDrawn);
    const bool zero = std::ssize(facts.dead) == facts.filters;  // then there is no colour to scale by
    if (!one && !zero && facts.channels == 3 && ReadsColour(weights_.model.file.model.graph(), facts.use)) {
      AddColours(TitleOf(tensor), filters, Strongest(facts.norms, most, options_.strongest > 0));
    } else {
      AddPlanes(TitleOf(tensor), filters, most);
    }
    if (facts.rows * facts.columns > 1) AddResponses(filters, facts, most);
  }

  void AddCharts(const WeightTensor& tensor) {
    // In the row of the layer's other charts.
    if (!charts_) made_->figure.rows.emplace_back();
    charts_ = true;
    std::vector<Panel>& row = made_->figure.rows.back();
    row.push_back(HistogramPanel(tensor));
    if (tensor.filters && tensor.filters->filters > 1 && AnyNumber(tensor.filters->norms)) {
      row.push_back(NormPanel(*tensor.filters));
    }
  }

  static Panel HistogramPanel(const WeightTensor& tensor) {
    const Histogram& histogram = tensor.histogram;
    Series steps{.name = "", .x = {histogram.low}, .y = {0}, .color = 0};
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      const double left = histogram.low + histogram.width() * static_cast<double>(i);
      const auto count = static_cast<double>(histogram.counts[i]);
      steps.x.insert(steps.x.end(), {left, left + histogram.width()});
      steps.y.insert(steps.y.end(), {count, count});
    }
    steps.x.push_back(histogram.high);
    steps.y.push_back(0);
    const ValueStatistics& s = tensor.statistics;
    std::string caption =
        fmt::format("{}, mean {:.3g}, deviation {:.3g}", CountText(s.count, "value"), s.mean, s.deviation);
    if (s.zeros > 0) caption += fmt::format(", {} zero", s.zeros);
    if (s.not_finite > 0) caption += fmt::format(", {} NaN or infinite left out", s.not_finite);
    return {.title = fmt::format("{} {}", TitleOf(tensor), tensor.shape.ToString()),
            .caption = std::move(caption),
            .content = ChartPlot{.series = {std::move(steps)},
                                 .x_label = "value",
                                 .y_label = "count",
                                 .y_low = 0,
                                 .least_height = kLeastChart}};
  }

  // One of many, which need no names of their axes: the footer has them.
  static Panel SmallHistogramPanel(const WeightTensor& tensor) {
    Panel panel = HistogramPanel(tensor);
    panel.title = TitleOf(tensor);
    const ValueStatistics& s = tensor.statistics;
    panel.caption = fmt::format("{}, deviation {:.3g}", tensor.shape.ToString(), s.deviation);
    if (s.not_finite > 0) panel.caption += fmt::format(", {} NaN or infinite left out", s.not_finite);
    auto& chart = std::get<ChartPlot>(panel.content);
    chart.x_label = chart.y_label = "";
    chart.least_height = kSmallChart;
    return panel;
  }

  // The strongest few kernels of a layer, in a panel that stands beside those of others.
  Panel OverviewPanel(const WeightTensor& tensor) {
    const FilterFacts& facts = *tensor.filters;
    const Tensor filters = FiltersOf(weights_.model.file.model, facts.use);
    const std::vector<double> norms = PlaneNorms(filters);
    std::vector<Plane> planes;
    std::vector<std::string> labels;
    for (const size_t i :
         Strongest(norms, options_.strongest > 0 ? static_cast<size_t>(options_.strongest) : kOverviewKernels, true)) {
      const auto at = static_cast<int64_t>(i);
      planes.push_back({.filter = at % facts.filters, .channel = at / facts.filters});
      labels.push_back(facts.channels == 1 ? fmt::format("{}", planes.back().filter)
                                           : fmt::format("{},{}", planes.back().filter, planes.back().channel));
    }
    const Tensor& kept = made_->arrays.emplace_back(PlanesOf(filters, planes));
    const char* const what = facts.channels == 1 ? "filters" : "kernels";
    return {
        .title = TitleOf(tensor),
        .caption = fmt::format("{} x {}, {} of {} {}", facts.rows, facts.columns, planes.size(), norms.size(), what),
        .content = GridPlot{.values = kept.view(),
                            .scaling = GridPlot::Scaling::kGiven,
                            .scale = SignedScaleFor(RangeOf(kept.view())),
                            .columns = labels.size() <= kOverviewKernels ? 3 : 4,
                            .labels = std::move(labels)},
        .most_height = kOverviewHeight};
  }

 private:
  void AddColours(const std::string& name, const Tensor& filters, const std::vector<size_t>& chosen) {
    const Tensor& colours = made_->arrays.emplace_back(Colours(filters, chosen));
    std::vector<std::string> labels;
    for (const size_t f : chosen) labels.push_back(fmt::format("{}", f));
    const auto all = static_cast<size_t>(filters.shape()[3]);
    made_->figure.rows.push_back(
        {{.title = fmt::format("{}: filters in colour", name),
          .caption = fmt::format("{} x {}; red, green and blue weights, each filter on its own scale: middle grey is "
                                 "zero, brighter positive, darker negative{}",
                                 filters.shape()[0], filters.shape()[1], NotAll(chosen.size(), all, "filters")),
          .content = GridPlot{.values = colours.view(), .colour = true, .labels = std::move(labels)}}});
  }

  void AddPlanes(const std::string& name, const Tensor& filters, size_t most) {
    const Shape& shape = filters.shape();
    std::vector<Plane> planes;
    std::vector<double> norms;
    const std::vector<double> all_norms = PlaneNorms(filters);
    for (int64_t f = 0; f < shape[3]; ++f) {
      for (int64_t c = 0; c < shape[2]; ++c) {
        if (options_.filter.value_or(f) != f || options_.channel.value_or(c) != c) continue;
        planes.push_back({f, c});
        norms.push_back(all_norms[static_cast<size_t>(c * shape[3] + f)]);
      }
    }
    std::vector<Plane> chosen;
    std::vector<std::string> labels;
    for (const size_t i : Strongest(norms, most, options_.strongest > 0)) {
      chosen.push_back(planes[i]);
      labels.push_back(shape[2] == 1 ? fmt::format("{}", planes[i].filter)
                                     : fmt::format("{},{}", planes[i].filter, planes[i].channel));
    }
    Tensor values = PlanesOf(filters, chosen);
    std::string caption = fmt::format("{} x {}", shape[0], shape[1]);
    if (shape[2] > 1) caption += "; filter,input channel";
    caption += NotAll(chosen.size(), planes.size(), shape[2] == 1 ? "filters" : "kernels");
    if (chosen.size() <= kMostMatrices && shape[0] <= kLargestMatrix && shape[1] <= kLargestMatrix) {
      for (std::string& label : labels) label = (shape[2] == 1 ? "filter " : "kernel ") + label;
      made_->figure.rows.push_back(
          Matrices(values, labels,
                   name + ": " + caption + (chosen.size() > 1 ? "; one scale for all, values rounded alike" : ""),
                   made_->arrays));
      return;
    }
    const Tensor& kept = made_->arrays.emplace_back(std::move(values));
    made_->figure.rows.push_back({{.title = name + ": filters",
                                   .caption = std::move(caption),
                                   .content = GridPlot{.values = kept.view(),
                                                       .scaling = GridPlot::Scaling::kGiven,
                                                       .scale = SignedScaleFor(RangeOf(kept.view())),
                                                       .labels = std::move(labels)}}});
  }

  // Filter by filter, over all its channels, or of the channel chosen.
  void AddResponses(const Tensor& filters, const FilterFacts& facts, size_t most) {
    const Shape& shape = filters.shape();
    std::vector<size_t> chosen = Strongest(facts.norms, most, options_.strongest > 0);
    if (options_.filter) chosen = {static_cast<size_t>(*options_.filter)};
    const int64_t channels = options_.channel ? 1 : shape[2], count = static_cast<int64_t>(chosen.size());
    Tensor own({shape[0], shape[1], channels, count});
    std::vector<std::string> labels;
    for (const size_t f : chosen) labels.push_back(fmt::format("{}", f));
    for (int64_t i = 0; i < own.size(); ++i) {
      const int64_t k = i % count, c = i / count % channels, place = i / count / channels;
      own.data()[i] = filters.data()[(place * shape[2] + options_.channel.value_or(c)) * shape[3] +
                                     static_cast<int64_t>(chosen[static_cast<size_t>(k)])];
    }
    const int64_t size = std::max({kWaves, shape[0] | 1, shape[1] | 1});
    const Tensor& response = made_->arrays.emplace_back(FrequencyResponse(own, size));
    Panel panel{
        .title = fmt::format("{}: frequency response of each filter", facts.layer),
        .caption = fmt::format(
            "magnitude of the Fourier transform, {0} x {0}; the constant in the middle, waves of two pixels at the "
            "borders{1}{2}",
            size, channels > 1 ? "; root of the sum of squares over the input channels" : "",
            NotAll(chosen.size(), options_.filter ? 1 : facts.norms.size(), "filters")),
        .content = GridPlot{.values = response.view(), .labels = std::move(labels)}};
    // Beside the filters where those are one panel, else beside the charts.
    std::vector<std::vector<Panel>>& rows = made_->figure.rows;
    if (rows.back().size() == 1) {
      rows.back().push_back(std::move(panel));
    } else {
      rows.push_back({std::move(panel)});
      charts_ = true;
    }
  }

  // Filters (1, 1, C, F).
  void AddMatrix(const std::string& name, const Tensor& filters) {
    const int64_t inputs = filters.shape()[2], units = filters.shape()[3];
    if (filters.size() > kMostDense) {
      made_->figure.footer +=
          fmt::format("{}{}: too many weights to be drawn one by one", made_->figure.footer.empty() ? "" : "; ", name);
      return;
    }
    // Much higher than wide, it would be a stroke: it is laid on its side.
    const bool aside = inputs > 2 * units;
    Tensor matrix = filters.Clone().Reshaped({inputs, units});
    if (aside) {
      Tensor turned({units, inputs});
      for (int64_t i = 0; i < turned.size(); ++i) {
        turned.data()[i] = matrix.data()[i % inputs * units + i / inputs];
      }
      matrix = std::move(turned);
    }
    const Tensor& kept = made_->arrays.emplace_back(std::move(matrix));
    made_->figure.rows.push_back({{.title = name,
                                   .caption = aside ? fmt::format("{} units down, {} inputs across", units, inputs)
                                                    : fmt::format("{} inputs down, {} units across", inputs, units),
                                   .content = MapPlot{.values = kept.view(), .scale = {}, .frames = {}}}});
  }

  // The weights of one unit on its inputs, or of one input on all units: filters (1, 1, C, F).
  void AddOneOfMatrix(const std::string& name, const Tensor& filters) {
    const int64_t inputs = filters.shape()[2], units = filters.shape()[3];
    const bool unit = options_.filter.has_value();
    Series line{.name = "", .x = {}, .y = {}, .color = 0};
    for (int64_t i = 0; i < (unit ? inputs : units); ++i) {
      line.x.push_back(static_cast<double>(i));
      line.y.push_back(
          static_cast<double>(filters.data()[unit ? i * units + *options_.filter : *options_.channel * units + i]));
    }
    const std::string title = unit ? fmt::format("{}: unit {} of {}", name, *options_.filter, units)
                                   : fmt::format("{}: input {} of {}", name, *options_.channel, inputs);
    if (!AnyNumber(line.y)) {
      made_->figure.footer += fmt::format("{}{}: all NaN", made_->figure.footer.empty() ? "" : "; ", title);
      return;
    }
    made_->figure.rows.push_back({{.title = title,
                                   .content = ChartPlot{.series = {std::move(line)},
                                                        .x_label = unit ? "input" : "unit",
                                                        .y_label = "weight",
                                                        .least_height = kLeastChart}}});
    charts_ = true;
  }

  static bool AnyNumber(const std::vector<double>& values) {
    return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  }

  Panel NormPanel(const FilterFacts& facts) const {
    std::vector<double> sorted = facts.norms;
    // What is NaN has no rank: last, where the chart leaves it out and says so.
    const auto ranked = std::partition(sorted.begin(), sorted.end(), [](double norm) { return !std::isnan(norm); });
    std::sort(sorted.begin(), ranked, std::greater<>());
    Series line{.name = "", .x = {}, .y = sorted, .color = 0};
    for (size_t i = 0; i < sorted.size(); ++i) line.x.push_back(static_cast<double>(i + 1));
    const char* const what = facts.use.spatial == 0 ? "unit" : "filter";
    std::string caption = fmt::format("{} of {} zero", facts.dead.size(), facts.filters);
    if (facts.alike) {
      caption += fmt::format("; {} nearly the same (cosine at least {:g})", CountText(std::ssize(*facts.alike), "pair"),
                             weights_.request.alike);
    }
    if (!facts.activation.empty()) {
      caption += fmt::format("; {} never above 0 on {}", facts.silent.size(), weights_.data);
    }
    return {.title = fmt::format("{}: norm of each {}", facts.layer, what),
            .caption = std::move(caption),
            .content = ChartPlot{.series = {std::move(line)},
                                 .x_label = "rank, the strongest first",
                                 .y_label = "norm",
                                 .y_low = 0,
                                 .least_height = kLeastChart}};
  }

  const Weights& weights_;
  const WeightsFigureOptions& options_;
  OwningFigure* made_;
  bool charts_ = false;  // the last row takes the charts of this layer
};

void Say(const std::string& what, OwningFigure* made) {
  made->figure.footer += (made->figure.footer.empty() ? "" : "; ") + what;
}

}  // namespace

void CheckWeightsFigure(const Weights& weights, const WeightsFigureOptions& options) {
  for (const WeightTensor& tensor : weights.tensors) {
    if (tensor.filters && !weights.request.layers.empty()) CheckChoice(*tensor.filters, options);
  }
}

OwningFigure WeightsFigure(const Weights& weights, const WeightsFigureOptions& options) {
  OwningFigure made;
  made.figure.title = weights.model.title() + ": weights";
  made.figure.panel_height = kChartHeight;
  Drawer drawer(weights, options, &made);
  if (!weights.request.layers.empty()) {
    for (const WeightTensor& tensor : weights.tensors) {
      if (tensor.filters) drawer.AddFilters(tensor);
      drawer.AddCharts(tensor);
    }
    return made;
  }
  const auto first = std::find_if(weights.tensors.begin(), weights.tensors.end(), [](const WeightTensor& tensor) {
    return tensor.filters && tensor.filters->use.spatial > 0;
  });
  if (first != weights.tensors.end()) drawer.AddFilters(*first);
  std::vector<Panel> deeper;
  size_t left_out = 0, single = 0;
  const bool one_plane = options.channel || options.filter;  // of the first layer
  for (auto tensor = first; tensor != weights.tensors.end() && !one_plane; ++tensor) {
    if (tensor == first || !tensor->filters || tensor->filters->use.spatial == 0) continue;
    if (tensor->filters->rows * tensor->filters->columns == 1) {
      ++single;
    } else if (deeper.size() < kMostOverview) {
      deeper.push_back(drawer.OverviewPanel(*tensor));
    } else {
      ++left_out;
    }
  }
  if (!deeper.empty()) {
    Say("of deeper layers the strongest kernels, by norm: filter,input channel", &made);
    // One stands beside the first layer.
    if (deeper.size() > 1) made.figure.rows.emplace_back();
    std::move(deeper.begin(), deeper.end(), std::back_inserter(made.figure.rows.back()));
  }
  if (single > 0) {
    const char* const verb = single == 1 ? " of 1 x 1 kernels is" : "s of 1 x 1 kernels are";
    Say(fmt::format("{} layer{} drawn with --layer", single, verb), &made);
  }
  if (left_out > 0) {
    Say(CountText(static_cast<int64_t>(left_out), "more layer") + " of kernels: choose one with --layer", &made);
  }
  std::vector<Panel> histograms;
  size_t kernels = 0;
  for (const WeightTensor& tensor : weights.tensors) {
    if (!tensor.filters) continue;
    if (++kernels <= kMostHistograms) histograms.push_back(Drawer::SmallHistogramPanel(tensor));
  }
  if (histograms.empty()) {  // no kernel: whatever there is
    for (const WeightTensor& tensor : weights.tensors) {
      if (++kernels <= kMostHistograms) histograms.push_back(Drawer::SmallHistogramPanel(tensor));
    }
  }
  if (histograms.empty()) {
    throw Error({.where = weights.model.file.name, .rule = "a figure of weights needs some", .received = "none"});
  }
  Say("histograms: how many weights have a value", &made);
  made.figure.rows.push_back(std::move(histograms));
  if (kernels > kMostHistograms) {
    Say(fmt::format("{} more histograms: choose a layer with --layer", kernels - kMostHistograms), &made);
  }
  return made;
}

}  // namespace convscope
