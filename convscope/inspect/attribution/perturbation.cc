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

}  // namespace

OcclusionOptions UsualOcclusion(int64_t rows, int64_t columns) {
  const int64_t side = std::min(rows, columns);
  const int64_t window = std::min(side, std::max<int64_t>(3, side / 7));
  return {.window = window, .stride = std::max<int64_t>(1, window / 2)};
}

Occlusion Occlude(SampleRun& run, const Tensor& input, const Tensor& baseline, int64_t class_index,
                  const OcclusionOptions& options) {
  const int64_t chosen = run.ClassOf(input, class_index);
  if (baseline.shape() != input.shape() || baseline.dtype() != DType::kFloat32) {
    throw Error({.where = "baseline",
                 .rule = Concat("has the shape of the input, ", input.shape().ToString()),
                 .received = TensorType{baseline.shape(), baseline.dtype()}.ToString()});
  }
  const int64_t rows = input.shape()[1], columns = input.shape()[2], channels = input.shape()[3];
  CheckWindow(options, std::min(rows, columns));
  const int64_t window = options.window, stride = options.stride;
  const int64_t down = WindowCount(rows, window, stride), across = WindowCount(columns, window, stride);
  Occlusion result{.drops = Tensor({down, across}), .attribution = Tensor({rows, columns})};
  double whole = 0;
  // Sample 0 is the whole picture.
  run(
      down * across + 1, chosen,
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
        const auto score = static_cast<double>(ScoreOf(sample.logits, chosen));
        if (sample.index == 0) {
          whole = score;
        } else {
          result.drops.data()[sample.index - 1] = static_cast<float>(whole - score);
        }
      },
      options.progress, "occlusion");
  for (int64_t y = 0; y < rows; ++y) {
    for (int64_t x = 0; x < columns; ++x) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t v = std::max<int64_t>(0, (y - window + stride) / stride); v < down && v * stride <= y; ++v) {
        for (int64_t u = std::max<int64_t>(0, (x - window + stride) / stride); u < across && u * stride <= x; ++u) {
          if (v * stride + window <= y || u * stride + window <= x) continue;
          sum += static_cast<double>(result.drops.data()[v * across + u]);
          ++count;
        }
      }
      result.attribution.data()[y * columns + x] = static_cast<float>(sum / static_cast<double>(count));
    }
  }
  return result;
}

Tensor ScoreCam(SampleRun& run, const Tensor& input, TensorView<const float> maps, int64_t class_index,
                const Progress& progress) {
  const int64_t chosen = run.ClassOf(input, class_index);
  const int64_t rows = input.shape()[1], columns = input.shape()[2], channels = input.shape()[3];
  std::vector<int64_t> masks;  // the maps that are not the same everywhere
  for (int64_t k = 0; k < maps.shape()[2]; ++k) {
    for (int64_t i = k; i < maps.size(); i += maps.shape()[2]) {
      if (maps[i] == maps[k]) continue;  // NaN differs from itself
      masks.push_back(k);
      break;
    }
  }
  std::vector<double> weights(static_cast<size_t>(maps.shape()[2]));
  run(
      static_cast<int64_t>(masks.size()), chosen,
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
        weights[static_cast<size_t>(masks[static_cast<size_t>(sample.index)])] =
            static_cast<double>(ScoreOf(sample.logits, chosen));
      },
      progress, "Score-CAM");
  double largest = -INFINITY, sum = 0;
  for (const int64_t k : masks) largest = std::max(largest, weights[static_cast<size_t>(k)]);
  for (const int64_t k : masks)
    sum += weights[static_cast<size_t>(k)] = std::exp(weights[static_cast<size_t>(k)] - largest);
  for (const int64_t k : masks) weights[static_cast<size_t>(k)] /= sum;
  return WeighedMap(maps, weights);
}

}  // namespace convscope
