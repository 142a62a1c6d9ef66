// Attributions made of the gradient of a class' score with respect to the picture. All are (1, H, W, C) as the input,
// raw and signed; none changes the model. Plain, guided and deconvolved gradients differ in the rule of the SampleRun
// alone (graph/gradient.h).
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_GRADIENT_METHODS_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_GRADIENT_METHODS_H_

#include <cstdint>

#include "convscope/base/progress.h"
#include "convscope/inspect/attribution/sample_run.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// `run` in all of them: made with gradient_of the target's input. `class_index` may be kPredictedClass, which is that
// of `input`.

// The gradient itself, of which Simonyan et al. (2014) show the absolute value ("saliency"); with GradientRule::kGuided
// guided backpropagation (Springenberg et al. 2015), with kDeconvolution the deconvnet (Zeiler and Fergus 2014).
Tensor ScoreGradient(SampleRun& run, const Tensor& input, int64_t class_index);

// Each value times its gradient (Shrikumar et al. 2016).
Tensor InputTimesGradient(SampleRun& run, const Tensor& input, int64_t class_index);

struct SmoothGradOptions {
  int64_t samples = 50;
  double noise = 0.15;  // standard deviation, as a share of the input's range, largest less smallest value
  uint64_t seed = 0;
  Progress progress = {};
};

// The mean gradient of noisy copies of the input (Smilkov et al. 2017). Copy i has the same noise for the same seed in
// any batch. Throws Error for fewer than one sample and for noise below 0 or not finite.
Tensor SmoothGrad(SampleRun& run, const Tensor& input, int64_t class_index, const SmoothGradOptions& options = {});

struct IntegratedGradientsOptions {
  int64_t steps = 32;         // to begin with; doubled until the gap is small enough
  int64_t most_steps = 1024;  // but no further than this; at least `steps`
  Progress progress = {};
};

struct IntegratedGradients {
  Tensor attribution;         // (1, H, W, C)
  double score = 0;           // F(x), of the class
  double baseline_score = 0;  // F(x0)
  double sum = 0;             // of the attribution: complete where it is F(x) - F(x0)
  double gap = 0;             // |sum - (F(x) - F(x0))|
  double allowed = 0;         // 0.01 |F(x) - F(x0)| + 0.001 of the largest |logit| of x
  int64_t steps = 0;          // that were taken
  bool complete() const { return gap <= allowed; }
};

// (x - x0) times the mean gradient on the straight line from the baseline x0 to x (Sundararajan, Taly and Yan 2017), by
// the trapezoid rule: `steps` + 1 points. Doubling the steps keeps all points computed before. Sums are in double and
// in one order, so that batches do not matter. Throws Error for a baseline of another shape and for fewer than one
// step.
IntegratedGradients IntegrateGradients(SampleRun& run, const Tensor& input, const Tensor& baseline, int64_t class_index,
                                       const IntegratedGradientsOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_GRADIENT_METHODS_H_
