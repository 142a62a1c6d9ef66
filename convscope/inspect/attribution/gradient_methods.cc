#include "convscope/inspect/attribution/gradient_methods.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

void CheckAtLeastOne(const char* what, int64_t count) {
  if (count >= 1) return;
  throw Error({.where = what, .rule = "at least 1", .received = Concat(count)});
}

}  // namespace

Tensor ScoreGradient(SampleRun& run, const Tensor& input, int64_t class_index) {
  Tensor gradient(input.shape());
  run(input, class_index, [&](const SampleRun::Sample& sample) {
    std::copy(sample.gradient.begin(), sample.gradient.end(), gradient.data());
  });
  return gradient;
}

Tensor InputTimesGradient(SampleRun& run, const Tensor& input, int64_t class_index) {
  Tensor product = ScoreGradient(run, input, class_index);
  for (int64_t i = 0; i < product.size(); ++i) product.data()[i] *= input.data()[i];
  return product;
}

Tensor SmoothGrad(SampleRun& run, const Tensor& input, int64_t class_index, const SmoothGradOptions& options) {
  CheckAtLeastOne("SmoothGrad samples", options.samples);
  if (!(options.noise >= 0) || !std::isfinite(options.noise)) {
    throw Error({.where = "SmoothGrad noise",
                 .rule = "a share of the input's range, 0 or more",
                 .received = Concat(options.noise)});
  }
  const auto values = input.view().span();
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double range = values.empty() ? 0 : static_cast<double>(*high) - static_cast<double>(*low);
  const auto deviation = static_cast<float>(options.noise * range);
  std::vector<double> sums(values.size());
  run(
      options.samples, run.ClassOf(input, class_index),
      [&](int64_t index, std::span<float> copy) {
        Random random(options.seed, "smoothgrad", 0, static_cast<uint64_t>(index));
        for (size_t i = 0; i < copy.size(); ++i) copy[i] = values[i] + deviation * random.Normal();
      },
      [&](const SampleRun::Sample& sample) {
        for (size_t i = 0; i < sums.size(); ++i) sums[i] += static_cast<double>(sample.gradient[i]);
      },
      options.progress, "SmoothGrad");
  Tensor mean(input.shape());
  for (size_t i = 0; i < sums.size(); ++i) {
    mean.data()[i] = static_cast<float>(sums[i] / static_cast<double>(options.samples));
  }
  return mean;
}

IntegratedGradients IntegrateGradients(SampleRun& run, const Tensor& input, const Tensor& baseline, int64_t class_index,
                                       const IntegratedGradientsOptions& options) {
  CheckAtLeastOne("steps of integrated gradients", options.steps);
  if (baseline.shape() != input.shape() || baseline.dtype() != DType::kFloat32) {
    throw Error({.where = "baseline",
                 .rule = Concat("has the shape of the input, ", input.shape().ToString()),
                 .received = TensorType{baseline.shape(), baseline.dtype()}.ToString()});
  }
  const int64_t chosen = run.ClassOf(input, class_index);
  const auto x = input.view().span(), x0 = baseline.view().span();
  IntegratedGradients result{.attribution = Tensor(input.shape()), .steps = options.steps};
  std::vector<double> sums(x.size());  // over the points, those at both ends by half
  double largest = 0;
  // Adds `count` points: the one at `first`, and then each `step` further, as shares of the way from x0 to x.
  const auto add = [&](int64_t count, double first, double step, bool ends) {
    run(
        count, chosen,
        [&](int64_t index, std::span<float> point) {
          const double at = first + step * static_cast<double>(index);
          for (size_t i = 0; i < point.size(); ++i) {
            // The ends are met as they are.
            point[i] = ends && index == count - 1
                           ? x[i]
                           : static_cast<float>(static_cast<double>(x0[i]) +
                                                at * (static_cast<double>(x[i]) - static_cast<double>(x0[i])));
          }
        },
        [&](const SampleRun::Sample& sample) {
          const bool at_start = ends && sample.index == 0, at_end = ends && sample.index == count - 1;
          const auto score = static_cast<double>(ScoreOf(sample.logits, chosen));
          if (at_start) result.baseline_score = score;
          if (at_end) {
            result.score = score;
            for (const float logit : sample.logits) largest = std::max(largest, std::abs(static_cast<double>(logit)));
          }
          const double weight = at_start || at_end ? 0.5 : 1;
          for (size_t i = 0; i < sums.size(); ++i) sums[i] += weight * static_cast<double>(sample.gradient[i]);
        },
        options.progress, Concat("integrated gradients, ", result.steps, " steps"));
  };
  add(result.steps + 1, 0, 1 / static_cast<double>(result.steps), true);
  while (true) {
    result.sum = 0;
    for (size_t i = 0; i < sums.size(); ++i) {
      const double way = static_cast<double>(x[i]) - static_cast<double>(x0[i]);
      const double value = way * sums[i] / static_cast<double>(result.steps);
      result.attribution.data()[i] = static_cast<float>(value);
      result.sum += value;
    }
    const double change = result.score - result.baseline_score;
    result.gap = std::abs(result.sum - change);
    result.allowed = 0.01 * std::abs(change) + 0.001 * largest;
    // What is not finite does not become so by more steps.
    if (result.complete() || !std::isfinite(result.gap) || result.steps > options.most_steps / 2) return result;
    const int64_t between = result.steps;
    result.steps *= 2;
    const double step = 1 / static_cast<double>(between);
    add(between, step / 2, step, false);
  }
}

}  // namespace convscope
