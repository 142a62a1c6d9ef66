#include "convscope/tasks/internal/explained_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "convscope/tasks/internal/number_in.h"

namespace convscope::internal {

std::string ValueText(double value) {
  return NumberIn("{:.6g}", value + 0.0);  // -0 + 0 is 0
}

std::optional<WindowOfChannel> MainWindow(const Arithmetic& arithmetic) {
  if (!arithmetic.has_places || arithmetic.terms.empty()) return std::nullopt;
  WindowOfChannel window{.channels = arithmetic.window.back()};
  const std::vector<ChannelSum> sums = SumsByChannel(arithmetic);
  if (!sums.empty()) window.channel = sums[0].channel;
  const int rank = arithmetic.window.rank();
  window.columns = rank > 1 ? arithmetic.window[rank - 2] : 1;
  window.rows = static_cast<int64_t>(arithmetic.terms.size()) / (window.columns * window.channels);
  for (int64_t i = 0; i < window.rows * window.columns; ++i) {
    window.terms.push_back(static_cast<size_t>(i * window.channels + window.channel));
  }
  return window;
}

int64_t FirstChannel(const Explanation& explanation) {
  const Arithmetic& arithmetic = *explanation.arithmetic;
  for (size_t i = 0; i < arithmetic.terms.size(); ++i) {
    const ArithmeticTerm& term = arithmetic.terms[i];
    if (term.input < 0) continue;
    return term.element % explanation.input_shapes[term.input].back() -
           static_cast<int64_t>(i) % arithmetic.window.back();
  }
  return 0;
}

std::optional<int64_t> WinnerOf(const Arithmetic& arithmetic, const WindowOfChannel& window) {
  for (size_t k = 0; k < window.terms.size(); ++k) {
    const ArithmeticTerm& term = arithmetic.terms[window.terms[k]];
    const bool same = term.value == arithmetic.value || (std::isnan(term.value) && std::isnan(arithmetic.value));
    if (term.input >= 0 && same) return static_cast<int64_t>(k);
  }
  return std::nullopt;
}

std::string WinnerText(const Arithmetic& arithmetic) {
  const auto inside = [](const ArithmeticTerm& term) { return term.input >= 0; };
  const auto count = std::count_if(arithmetic.terms.begin(), arithmetic.terms.end(), inside);
  const auto equal = std::count_if(arithmetic.terms.begin(), arithmetic.terms.end(), [&](const ArithmeticTerm& term) {
    return inside(term) && term.value == arithmetic.value;
  });
  if (equal < 2) return "the largest";
  return equal == count ? "the first of equal values" : fmt::format("the largest, the first of {} equal ones", equal);
}

std::optional<std::array<int64_t, 4>> CoveredPlaces(const Explanation& explanation) {
  if (!explanation.arithmetic) return std::nullopt;
  std::optional<std::array<int64_t, 4>> covered;
  for (const ArithmeticTerm& term : explanation.arithmetic->terms) {
    if (term.input != 0 || explanation.input_shapes[0].rank() != 4) continue;
    const std::vector<int64_t> at = PlacesOf(term.element, explanation.input_shapes[0]);
    if (!covered) covered = {at[1], at[1], at[2], at[2]};
    auto& [top, bottom, left, right] = *covered;
    top = std::min(top, at[1]);
    bottom = std::max(bottom, at[1]);
    left = std::min(left, at[2]);
    right = std::max(right, at[2]);
  }
  return covered;
}

std::string PoolPaddingText(const Arithmetic& arithmetic) {
  const auto inside = std::count_if(arithmetic.terms.begin(), arithmetic.terms.end(),
                                    [](const ArithmeticTerm& term) { return term.input >= 0; });
  const auto padding = static_cast<int64_t>(arithmetic.terms.size()) - inside;
  int64_t counted = 0;
  for (const auto& [name, number] : arithmetic.numbers) {
    if (name == "values counted") counted = static_cast<int64_t>(number) - inside;
  }
  if (counted == 0) return "which does not count";
  return counted == padding ? "which counts as zero" : fmt::format("{} of which count as zero", counted);
}

std::string TermName(const Explanation& explanation, const ArithmeticTerm& term,
                     const std::vector<std::string>& class_names) {
  if (term.input < 0) return "constant";
  const Shape& shape = explanation.input_shapes[term.input];
  std::string name = Text({explanation.inputs[term.input], term.element}, shape);
  const auto classes = static_cast<int64_t>(class_names.size());
  if (shape.rank() == 2 && shape[1] == classes) name += fmt::format(" {}", class_names[term.element % classes]);
  return name;
}

std::vector<Contribution> Contributions(const Explanation& explanation, int64_t top,
                                        const std::vector<std::string>& class_names) {
  const Arithmetic& arithmetic = *explanation.arithmetic;
  std::vector<Contribution> all;
  const std::vector<ChannelSum> channels = SumsByChannel(arithmetic);
  const bool by_channel = channels.size() > 1;
  if (by_channel) {
    const int64_t first = FirstChannel(explanation);
    for (const ChannelSum& sum : channels) all.push_back({fmt::format("channel {}", first + sum.channel), sum.sum});
  } else {
    for (const size_t i : LargestTerms(arithmetic)) {
      const ArithmeticTerm& term = arithmetic.terms[i];
      all.push_back({TermName(explanation, term, class_names), term.product()});
    }
    for (const ArithmeticTerm& term : arithmetic.terms) {  // numbers that are no element, such as a mean
      if (term.input < 0 && term.product() != 0) all.push_back({"- mean", term.product()});
    }
  }
  // One left over is told as itself.
  if (static_cast<int64_t>(all.size()) > top + 1) {
    Contribution rest;
    for (size_t i = static_cast<size_t>(top); i < all.size(); ++i) rest.value += all[i].value;
    rest.name = fmt::format("the other {}", static_cast<int64_t>(all.size()) - top);
    all.resize(static_cast<size_t>(top));
    all.push_back(std::move(rest));
  }
  for (const ArithmeticTerm& term : arithmetic.offsets) {
    all.push_back({term.input < 0 ? "offset" : TermName(explanation, term, class_names), term.product()});
  }
  return all;
}

double AbsoluteSum(const Arithmetic& arithmetic) {
  double size = 0;
  for (const auto* list : {&arithmetic.terms, &arithmetic.offsets}) {
    for (const ArithmeticTerm& term : *list) size += std::abs(term.product());
  }
  return size;
}

std::string VerdictText(const Explanation& explanation) {
  if (!explanation.arithmetic) {
    return fmt::format("traced {}; {} does not tell its arithmetic", ValueText(explanation.traced),
                       explanation.operation);
  }
  const Arithmetic& arithmetic = *explanation.arithmetic;
  const char* what = arithmetic.rule == Arithmetic::Rule::kSum && !arithmetic.terms.empty() ? "sum" : "result";
  if (!explanation.Agrees()) {
    return fmt::format("{} {} is not the traced {}: they differ by {}, more than the rounding of {}", what,
                       NumberIn("{:.9g}", arithmetic.value), NumberIn("{:.9g}", explanation.traced),
                       NumberIn("{:.2g}", std::abs(arithmetic.value - explanation.traced)),
                       NumberIn("{:.2g}", arithmetic.tolerance));
  }
  const double difference = std::abs(arithmetic.value - explanation.traced);
  const std::string equation =
      fmt::format("{} {:.7g} = traced {:.7g}", what, arithmetic.value + 0.0, explanation.traced + 0.0);
  if (std::isnan(explanation.traced)) return fmt::format("{} and traced value are NaN", what);
  if (difference == 0 || !std::isfinite(explanation.traced)) return equation + ", exactly";
  // Where terms cancel, what rounding may change is no part of their sum but of their sizes.
  const double size = AbsoluteSum(arithmetic);
  if (arithmetic.rule != Arithmetic::Rule::kSum || !(size > 0) || !std::isfinite(size)) {
    return fmt::format("{}, off by {:.1g}, rounding allows {:.1g}", equation, difference, arithmetic.tolerance);
  }
  return fmt::format("{}, off by {:.1g}: {:.1g} of the sum of the absolute terms, {:.4g}; rounding allows {:.1g} of it",
                     equation, difference, difference / size, size, arithmetic.tolerance / size);
}

}  // namespace convscope::internal
