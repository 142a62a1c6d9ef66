#include "convscope/inspect/attribution/perturbation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/attribution/cam.h"
#include "convscope/inspect/maps.h"

namespace convscope {
namespace {

// Windows that cover an axis.
int64_t WindowCount(int64_t length, int64_t window, int64_t stride) {
  return (std::max<int64_t>(0, length - window) + stride - 1) / stride + 1;
}

void CheckWindow(const OcclusionOptions& options, int64_t smaller_side) {
  if (options.window < 1 || options.window > smaller_side) {
    throw Error({.where = "occlusion window",
                 .rule = Concat("1 to ", smaller_side, " pixels, the smaller side of the picture"),
                 .received = Concat(options.window)});
  }
  if (options.stride < 1 || options.stride > options.window) {
    throw Error({.where = "occlusion stride",
                 .rule = Concat("1 to ", options.window, ", the window, so that no pixel is left out"),
                 .received = Concat(options.stride)});
  }
}

void CheckNumbers(const SampleRun& run, std::span<const int64_t> classes) {
  for (const int64_t class_index : classes) {
    CheckClass(run.target(), class_index);
    if (class_index != kPredictedClass) continue;
    throw Error({.where = "class", .rule = "its number is asked for here", .received = "the predicted one"});
  }
}

// Of each pixel the mean of the `drops` of the windows over it.
void SpreadDrops(const Tensor& drops, const OcclusionOptions& options, Tensor* attribution) {
  const int64_t rows = attribution->shape()[0], columns = attribution->shape()[1];
  const int64_t down = drops.shape()[0], across = drops.shape()[1];
  const int64_t window = options.window, stride = options.stride;
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t v = std::max<int64_t>(0, (y - window + stride) / stride); v < down && v * stride <= y; ++v) {
        for (int64_t u = std::max<int64_t>(0, (x - window + stride) / stride); u < across && u * stride <= x; ++u) {
          if (v * stride + window <= y || u * stride + window <= x) continue;
          sum += static_cast<double>(drops.data()[v * across + u]);
          ++count;
        }
      }
      attribution->data()[y * columns + x] = static_cast<float>(sum / static_cast<double>(count));
    }
  }
}

std::vector<double> Softmax(std::vector<double> values) {
  double largest = -INFINITY, sum = 0;
  for (const double value : values) largest = std::max(largest, value);
  for (double& value : values) sum += value = std::exp(value - largest);
  for (double& value : values) value /= sum;
  return values;
}

}  // namespace

OcclusionOptions UsualOcclusion(int64_t rows, int64_t columns) {
  const int64_t side = std::min(rows, columns);
  const int64_t window = std::min(side, std::max<int64_t>(3, side / 7));
  return {.window = window, .stride = std::max<int64_t>(1, window / 2)};
}

std::vector<Occlusion> Occlude(SampleRun& run, const Tensor& input, const Tensor& baseline,
                               std::span<const int64_t> classes, const OcclusionOptions& options) {
  CheckNumbers(run, classes);
  if (baseline.shape() != input.shape() || baseline.dtype() != DType::kFloat32) {
    throw Error({.where = "baseline",
                 .rule = Concat("has the shape of the input, ", input.shape().ToString()),
                 .received = TensorType{baseline.shape(), baseline.dtype()}.ToString()});
  }
  const int64_t rows = input.shape()[1], columns = input.shape()[2], channels = input.shape()[3];
  CheckWindow(options, std::min(rows, columns));
  const int64_t window = options.window, stride = options.stride;
  const int64_t down = WindowCount(rows, window, stride), across = WindowCount(columns, window, stride);
  std::vector<Occlusion> results;
  for (size_t k = 0; k < classes.size(); ++k) {
    results.push_back({.drops = Tensor({down, across}), .attribution = Tensor({rows, columns})});
  }
  std::vector<double> whole(classes.size());
  // Sample 0 is the whole picture.
  run(
      down * across + 1, kPredictedClass,
      [&](int64_t index, std::span<float> hidden) {
        std::copy_n(input.data(), hidden.size(), hidden.data());
        if (index == 0) return;
        const int64_t top = (index - 1) / across * stride, left = (index - 1) % across * stride;
        const int64_t wide = std::min(window, columns - left) * channels;
        for (int64_t y = top; y < std::min(top + window, rows); ++y) {
          const int64_t first = (y * columns + left) * channels;
          std::copy_n(baseline.data() + first, wide, hidden.data() + first);
        }
      },
      [&](const SampleRun::Sample& sample) {
        for (size_t k = 0; k < classes.size(); ++k) {
          const auto score = static_cast<double>(ScoreOf(sample.logits, classes[k]));
          if (sample.index == 0) {
            whole[k] = score;
          } else {
            results[k].drops.data()[sample.index - 1] = static_cast<float>(whole[k] - score);
          }
        }
      },
      options.progress, "occlusion");
  for (Occlusion& result : results) SpreadDrops(result.drops, options, &result.attribution);
  return results;
}

std::vector<Tensor> ScoreCam(SampleRun& run, const Tensor& input, TensorView<const float> maps,
                             std::span<const int64_t> classes, const Progress& progress) {
  CheckNumbers(run, classes);
  const int64_t rows = input.shape()[1], columns = input.shape()[2], channels = input.shape()[3];
  std::vector<int64_t> masks;  // the maps that are not the same everywhere
  for (int64_t k = 0; k < maps.shape()[2]; ++k) {
    for (int64_t i = k; i < maps.size(); i += maps.shape()[2]) {
      if (maps[i] == maps[k]) continue;  // NaN differs from itself
      masks.push_back(k);
      break;
    }
  }
  std::vector<std::vector<double>> scores(classes.size(), std::vector<double>(masks.size()));  // of each class
  run(
      std::ssize(masks), kPredictedClass,
      [&](int64_t index, std::span<float> masked) {
        const Tensor map = OneMap(maps, masks[static_cast<size_t>(index)], "maps");
        const Tensor mask = MapAtSize(map.view(), rows, columns);
        const auto [low, high] = std::minmax_element(mask.data(), mask.data() + mask.size());
        const float least = *low, range = *high - *low;
        for (int64_t i = 0; i < mask.size(); ++i) {
          const float open = range == 0 ? 0.0f : (mask.data()[i] - least) / range;
          for (int64_t c = 0; c < channels; ++c) masked[i * channels + c] = open * input.data()[i * channels + c];
        }
      },
      [&](const SampleRun::Sample& sample) {
        for (size_t k = 0; k < classes.size(); ++k) {
          scores[k][static_cast<size_t>(sample.index)] = static_cast<double>(ScoreOf(sample.logits, classes[k]));
        }
      },
      progress, "Score-CAM");
  std::vector<Tensor> results;
  for (const std::vector<double>& of_class : scores) {
    const std::vector<double> shares = Softmax(of_class);
    std::vector<double> weights(static_cast<size_t>(maps.shape()[2]));
    for (size_t i = 0; i < masks.size(); ++i) weights[static_cast<size_t>(masks[i])] = shares[i];
    results.push_back(WeighedMap(maps, weights));
  }
  return results;
}

}  // namespace convscope
