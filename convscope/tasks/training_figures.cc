#include "convscope/tasks/training_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"

namespace convscope {
namespace {

// Steps as parts of epochs, so that they share an axis with what is measured after each epoch.
std::vector<double> StepPlaces(size_t steps, int64_t epoch_steps) {
  std::vector<double> places;
  for (size_t i = 0; i < steps; ++i) places.push_back(static_cast<double>(i + 1) / static_cast<double>(epoch_steps));
  return places;
}

Series EpochSeries(const History& history, const std::string& value, std::string name) {
  Series series{.name = std::move(name), .x = {}, .y = {}};
  for (const EpochRecord& epoch : history.epochs) {
    series.x.push_back(static_cast<double>(epoch.epoch));
    series.y.push_back(History::Value(epoch, value));
  }
  return series;
}

bool HasValidation(const History& history) {
  return !history.epochs.empty() && history.epochs.front().has_validation;
}

// What a value counts one step further away, for means over about a tenth of an epoch; 0 where that is one step.
double SmoothingWeight(int64_t epoch_steps) {
  return std::max(0.0, 1 - 10 / std::max(static_cast<double>(epoch_steps), 10.0));
}

// Means around each value, in which one that is i steps away, before or after, counts weight^i: of a curve that falls
// they lie on it, where a mean of what was before alone would lie above it. What is not finite is left as it is and not
// averaged.
std::vector<double> Smoothed(const std::vector<double>& values, double weight) {
  std::vector<double> sums(values.size()), counts(values.size());
  double sum = 0, count = 0;
  const auto take = [&](double value) {
    if (!std::isfinite(value)) return;
    sum += value;
    count += 1;
  };
  const auto step = [&] {
    sum *= weight;
    count *= weight;
  };
  for (size_t i = 0; i < values.size(); ++i, step()) {  // itself and those before
    take(values[i]);
    sums[i] = sum;
    counts[i] = count;
  }
  sum = count = 0;
  for (size_t i = values.size(); i-- > 0; step()) {  // those after
    sums[i] += sum;
    counts[i] += count;
    take(values[i]);
  }
  std::vector<double> smooth(values);
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) smooth[i] = sums[i] / counts[i];
  }
  return smooth;
}

Panel CurvePanel(const History& history, const std::vector<float>& steps, int64_t epoch_steps, const std::string& value,
                 const std::string& title) {
  const double weight = SmoothingWeight(epoch_steps);
  Series raw{.name = "each step",
             .x = StepPlaces(steps.size(), epoch_steps),
             .y = {steps.begin(), steps.end()},
             .color = 0,
             .faint = true};
  ChartPlot chart{.series = {std::move(raw)}, .x_label = "epoch", .y_label = value};
  if (weight > 0) {
    const Series& steps_of = chart.series[0];
    chart.series.push_back({.name = "smoothed", .x = steps_of.x, .y = Smoothed(steps_of.y, weight), .color = 0});
  }
  if (HasValidation(history)) chart.series.push_back(EpochSeries(history, "val_" + value, "validation"));
  return {.title = title, .content = std::move(chart)};
}

// More classes than this have numbers beside a matrix, and their most frequent mistakes under it, by name.
constexpr int64_t kMostNamedClasses = 32;

// The pairs of classes that are mistaken most often, the most frequent first.
template <typename Name>
BarPlot MistakesOf(const ConfusionMatrix& confusion, const Name& name) {
  constexpr size_t kMostPairs = 15;
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (int64_t truth = 0; truth < confusion.classes(); ++truth) {
    for (int64_t predicted = 0; predicted < confusion.classes(); ++predicted) {
      if (truth != predicted && confusion(truth, predicted) > 0) pairs.emplace_back(truth, predicted);
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [&](const auto& a, const auto& b) {
    return confusion(a.first, a.second) > confusion(b.first, b.second);
  });
  BarPlot bars;
  for (const auto& [truth, predicted] : pairs) {
    if (bars.values.size() == kMostPairs) break;
    bars.names.push_back(fmt::format("{} > {}", name(truth), name(predicted)));
    bars.values.push_back(static_cast<double>(confusion(truth, predicted)));
  }
  return bars;
}

}  // namespace

Figure CurvesFigure(const History& history, int64_t epoch_steps, const std::string& title) {
  if (history.step_losses.empty()) {
    throw Error({.where = "curves", .rule = "a training has at least one step", .received = "none"});
  }
  Figure figure{.title = title, .footer = "", .rows = {{}}};
  figure.rows[0].push_back(CurvePanel(history, history.step_losses, epoch_steps, "loss", "Loss"));
  figure.rows[0].push_back(CurvePanel(history, history.step_accuracies, epoch_steps, "accuracy", "Accuracy"));
  return figure;
}

std::string WhyTrainingCurves(std::span<const NamedHistory> histories) {
  constexpr size_t kMost = 3;
  std::vector<std::string> without;
  for (const NamedHistory& named : histories) {
    if (!HasValidation(named.history)) without.push_back(named.name);
  }
  if (without.empty()) return "";
  const auto shown = std::span(without).first(std::min(without.size(), kMost));
  return fmt::format("curves of the training, since {}{} had no validation", fmt::join(shown, ", "),
                     without.size() > kMost ? fmt::format(" and {} more", without.size() - kMost) : "");
}

Figure ComparedCurvesFigure(std::span<const NamedHistory> histories) {
  const std::string why_training = WhyTrainingCurves(histories);
  const bool validated = why_training.empty();
  const std::string prefix = validated ? "val_" : "";
  Figure figure{.title = CountText(std::ssize(histories), "run"), .footer = why_training, .rows = {{}}};
  for (const auto& [value, title] : {std::pair("loss", "Loss"), std::pair("accuracy", "Accuracy")}) {
    ChartPlot chart{.series = {}, .x_label = "epoch", .y_label = prefix + value};
    for (const NamedHistory& named : histories) {
      chart.series.push_back(EpochSeries(named.history, prefix + value, named.name));
    }
    figure.rows[0].push_back(
        {.title = fmt::format("{}{}", validated ? "Validation: " : "Training: ", title), .content = std::move(chart)});
  }
  return figure;
}

std::string WithoutClassText(const ClassificationCounts& samples) {
  if (samples.without_class() == 0) return "";
  return fmt::format(
      "{} of {} pictures have scores that are NaN: no class is predicted of them; the matrix, precision, recall and F1 "
      "leave them out",
      samples.without_class(), samples.total());
}

std::vector<int64_t> ReportedClasses(const ConfusionMatrix& confusion) {
  if (confusion.classes() > kMostNamedClasses) {
    if (std::vector<int64_t> occurring = confusion.Occurring(); !occurring.empty()) return occurring;
  }
  std::vector<int64_t> all(static_cast<size_t>(confusion.classes()));
  std::iota(all.begin(), all.end(), int64_t{0});
  return all;
}

OwningFigure ConfusionFigure(const ClassificationCounts& samples, const std::vector<std::string>& class_names,
                             const std::string& title) {
  const ConfusionMatrix& confusion = samples.confusion();
  const std::vector<int64_t> drawn = ReportedClasses(confusion);
  const auto classes = static_cast<int64_t>(drawn.size());
  OwningFigure owning;
  Tensor& counts = owning.arrays.emplace_back(Shape{classes, classes});
  MatrixPlot matrix;
  for (int64_t i = 0; i < classes * classes; ++i) {
    const int64_t truth = drawn[static_cast<size_t>(i / classes)], said = drawn[static_cast<size_t>(i % classes)];
    counts.data()[i] = static_cast<float>(confusion(truth, said));
  }
  matrix.values = std::as_const(counts).view();
  // From zero on, so that an empty cell is the darkest whatever the smallest count is.
  float most = 1;
  for (const float count : counts.view().span()) most = std::max(most, count);
  matrix.scale = Scale{ColorMap::kViridis, 0, most};
  const auto named = [&](int64_t c) {
    const bool has =
        static_cast<size_t>(c) < class_names.size() && class_names[static_cast<size_t>(c)] != std::to_string(c);
    return has ? fmt::format("{}  {}", class_names[static_cast<size_t>(c)], c) : fmt::format("{}", c);
  };
  // Of many classes not every name has room, and numbers are what one counts along an edge.
  const bool many = classes > kMostNamedClasses;
  for (const int64_t c : drawn) {
    matrix.row_names.push_back(many ? fmt::format("{}", c) : named(c));
    matrix.column_names.push_back(fmt::format("{}", c));
  }
  owning.figure = {.title = title,
                   .rows = {{{.title = "Confusion matrix: rows true, columns predicted",
                              .caption = fmt::format("{} of {} right, accuracy {:.4f}", samples.correct(),
                                                     samples.total(), samples.Accuracy()),
                              .content = std::move(matrix)}}}};
  owning.figure.footer = WithoutClassText(samples);
  if (const int64_t left = confusion.classes() - classes; left > 0) {
    owning.figure.footer += fmt::format("{}{} of {} classes, which no picture is of or predicted as, are left out",
                                        owning.figure.footer.empty() ? "" : "; ", left, confusion.classes());
  }
  if (!many) return owning;
  if (BarPlot mistakes = MistakesOf(confusion, named); !mistakes.values.empty()) {
    owning.figure.rows.push_back({{.title = "Mistaken most often: true > predicted, and how many",
                                   .caption = "",
                                   .content = std::move(mistakes)}});
  }
  return owning;
}

}  // namespace convscope
