// One prepared algorithm of a Convolution: what its constructor chose. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_ALGORITHM_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_ALGORITHM_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "convscope/kernels/conv.h"

namespace convscope::internal {

class ConvAlgorithm {
 public:
  virtual ~ConvAlgorithm() = default;
  virtual ConvPath path() const = 0;
  // Takes new weights, laid out as ConvProblem's, without planning or allocating anew. They must stay where they are
  // until the last Run with them, since not every algorithm copies them.
  virtual void SetWeights(const float* kernel, const float* bias /* or null */) = 0;
  virtual void Run(const float* input, float* output) const = 0;

  // Whether RunRows may be called: rows [begin, end) of the output rows of all images and depths, counted through, to
  // `output` (the first of them), epilogue included; in the calling thread.
  virtual bool RunsRows() const { return false; }
  virtual void RunRows(const float* input, int64_t begin, int64_t end, float* output) const;
};

// What every algorithm starts from: `kernel` (spatial..., C / groups, F), as it is in memory even where the spec asks
// for a flipped one, and `bias` (F,), zero where there is none. One that trains has neither: weights come with every
// call, so that no choice may depend on their values, and working memory is kept from call to call.
struct ConvProblem {
  ConvSpec spec;
  std::vector<float> kernel;
  std::vector<float> bias;
  Epilogue epilogue;
  bool trains = false;
};

std::unique_ptr<ConvAlgorithm> MakeTileConvolution(ConvProblem problem);

// For a spec that AsProduct (conv_product.h) takes.
std::unique_ptr<ConvAlgorithm> MakeProductConvolution(ConvProblem problem);

// For few filters of one group, where vectors along the row do more than vectors of filters; null for others, whose
// problem is left as it was.
std::unique_ptr<ConvAlgorithm> MakePlanarConvolution(ConvProblem&& problem);

// For one input channel a group and one filter a channel. Chooses among plane, separable and depthwise.
std::unique_ptr<ConvAlgorithm> MakeLineConvolution(ConvProblem problem);

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_ALGORITHM_H_
