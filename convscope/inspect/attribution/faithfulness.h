// How faithful an attribution is to the model: deletion and insertion (Petsiuk, Das and Saenko 2018). Pixels are taken
// away in the order of their attribution, or put into a picture without any, and the class' probability is measured:
// where the attribution found what matters, it falls early, or rises early. Compare with the curve of a random order:
// the area alone says as much about the model and the picture as about the attribution.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_FAITHFULNESS_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_FAITHFULNESS_H_

#include <cstdint>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/inspect/attribution/sample_run.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// The pixels of a map (H, W), by their place row * W + column, the largest value first and NaN last. Equal ones (a map
// may be 0 nearly everywhere) come in an order drawn from `seed`, since theirs in the picture would be one of its own.
std::vector<int64_t> PixelOrder(const Tensor& map, uint64_t seed = 0);
std::vector<int64_t> RandomPixelOrder(int64_t pixels, uint64_t seed);

struct FaithfulnessCurve {
  std::vector<double> share;        // of the pixels changed: 0, 1 / steps, ..., 1
  std::vector<double> probability;  // of the class, with them changed
  double area = 0;                  // under it, by trapezoids: 0 to 1
};

struct FaithfulnessOptions {
  int64_t steps = 50;
  Progress progress = {};
};

// Pixels of `from` become those of `to`, both (1, H, W, C), all channels of one at once, in `order`. Deletion goes from
// the picture to a baseline, insertion from a baseline to the picture. `run` was made without a gradient. Throws Error
// for inputs of another shape, a class that does not exist, and fewer than one step; at most one a pixel is taken.
FaithfulnessCurve ChangePixels(SampleRun& run, const Tensor& from, const Tensor& to, const std::vector<int64_t>& order,
                               int64_t class_index, const FaithfulnessOptions& options = {});

// The mean of curves of one length.
FaithfulnessCurve MeanCurve(const std::vector<FaithfulnessCurve>& curves);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_FAITHFULNESS_H_
