// Attributions that need no gradient: parts of the picture are hidden, in batches, and the class' score is asked again.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_PERTURBATION_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_PERTURBATION_H_

#include <cstdint>
#include <span>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/inspect/attribution/sample_run.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// `run` in both of them: made without a gradient. `classes` are numbers, none of them kPredictedClass; the passes do
// not depend on the class and are made once for all of them, and one result for each comes back, in order.

struct OcclusionOptions {
  int64_t window = 3;  // pixels, both ways; at most the smaller side of the picture
  int64_t stride = 1;  // at most `window`, so that no pixel is left out
  Progress progress = {};
};

struct Occlusion {
  Tensor drops;        // (windows down, windows across): the score less that with this window hidden
  Tensor attribution;  // (H, W): of each pixel, the mean drop of the windows over it
};

// A window slides over the picture; what it covers is replaced by the `baseline` (1, H, W, C) in all channels (Zeiler
// and Fergus 2014). Windows lie at 0, stride, 2 stride, ... until the border is covered; the last are cut off there.
// Throws Error for a class, window or stride out of range and a baseline of another shape.
std::vector<Occlusion> Occlude(SampleRun& run, const Tensor& input, const Tensor& baseline,
                               std::span<const int64_t> classes, const OcclusionOptions& options);

// The sizes that suit a picture of this many rows and columns: about a seventh of the smaller side, at least 3 where
// there is room, and half of that as the stride.
OcclusionOptions UsualOcclusion(int64_t rows, int64_t columns);

// Score-CAM (Wang et al. 2020): each map of the layer, enlarged to the picture and stretched to 0..1, masks the input;
// its weight is the softmax, over the maps, of the class' score of that masked input. (The paper takes the score less
// that of a zero input, which no softmax sees.) Maps that have one value everywhere mask nothing out and get no weight.
// `maps` (rows, columns, channels) are those of `input`. Returns (rows, columns), raw, at the layer's size. Throws
// Error for a class out of range.
std::vector<Tensor> ScoreCam(SampleRun& run, const Tensor& input, TensorView<const float> maps,
                             std::span<const int64_t> classes, const Progress& progress = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_PERTURBATION_H_
