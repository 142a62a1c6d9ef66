#include "convscope/inspect/attribution/faithfulness.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

double AreaUnder(const FaithfulnessCurve& curve) {
  double area = 0;
  for (size_t i = 1; i < curve.share.size(); ++i) {
    area += (curve.share[i] - curve.share[i - 1]) * (curve.probability[i] + curve.probability[i - 1]) / 2;
  }
  return area;
}

void CheckPicture(const Tensor& picture, const Shape& sample) {
  const Shape wanted{1, sample[0], sample[1], sample[2]};
  if (picture.shape() == wanted && picture.dtype() == DType::kFloat32) return;
  throw Error({.where = "picture",
               .rule = Concat("the model's input is ", TensorType{wanted}.ToString()),
               .received = TensorType{picture.shape(), picture.dtype()}.ToString()});
}

}  // namespace

std::vector<int64_t> RandomPixelOrder(int64_t pixels, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(pixels));
  std::iota(order.begin(), order.end(), int64_t{0});
  Random random(seed, "pixel order");
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(uint64_t{random.Bits()} * i >> 32)]);
  }
  return order;
}

std::vector<int64_t> PixelOrder(const Tensor& map, uint64_t seed) {
  std::vector<int64_t> order = RandomPixelOrder(map.size(), seed);
  const float* const values = map.data();
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    if (std::isnan(values[a]) || std::isnan(values[b])) return !std::isnan(values[a]) && std::isnan(values[b]);
    return values[a] > values[b];
  });
  return order;
}

FaithfulnessCurve ChangePixels(SampleRun& run, const Tensor& from, const Tensor& to, const std::vector<int64_t>& order,
                               int64_t class_index, const FaithfulnessOptions& options) {
  const AttributionTarget& target = run.target();
  CheckPicture(from, target.sample);
  CheckPicture(to, target.sample);
  const auto pixels = static_cast<int64_t>(order.size());
  if (options.steps < 1 || pixels != target.sample[0] * target.sample[1] || class_index == kPredictedClass) {
    throw Error({.where = "curve",
                 .rule = "at least one step, an order of all pixels, and a class by its number",
                 .received = Concat(options.steps, " steps, ", pixels, " pixels, class ", class_index)});
  }
  const int64_t steps = std::min(options.steps, pixels), channels = target.sample[2];
  const auto changed = [&](int64_t step) { return pixels * step / steps; };
  FaithfulnessCurve curve;
  run(
      steps + 1, class_index,
      [&](int64_t step, std::span<float> values) {
        std::copy_n(from.data(), values.size(), values.data());
        for (int64_t i = 0; i < changed(step); ++i) {
          const int64_t first = order[static_cast<size_t>(i)] * channels;
          std::copy_n(to.data() + first, channels, values.data() + first);
        }
      },
      [&](const SampleRun::Sample& sample) {
        curve.share.push_back(static_cast<double>(changed(sample.index)) / static_cast<double>(pixels));
        curve.probability.push_back(ProbabilityOf(target, sample.logits, class_index));
      },
      options.progress, "measuring how faithful they are");
  curve.area = AreaUnder(curve);
  return curve;
}

FaithfulnessCurve MeanCurve(const std::vector<FaithfulnessCurve>& curves) {
  FaithfulnessCurve mean = curves.at(0);
  for (size_t i = 0; i < mean.probability.size(); ++i) {
    double sum = 0;
    for (const FaithfulnessCurve& curve : curves) sum += curve.probability.at(i);
    mean.probability[i] = sum / static_cast<double>(curves.size());
  }
  mean.area = AreaUnder(mean);
  return mean;
}

}  // namespace convscope
