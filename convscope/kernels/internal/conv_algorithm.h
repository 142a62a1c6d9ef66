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
  virtual void Run(const float* input, float* output) const = 0;
};

// What every algorithm starts from. `kernel` (spatial..., C / groups, F) is turned around already where the spec asks
// for a flipped one; `bias` (F,) is zero where there is none.
struct ConvProblem {
  ConvSpec spec;
  std::vector<float> kernel;
  std::vector<float> bias;
  Epilogue epilogue;
};

std::unique_ptr<ConvAlgorithm> MakeTileConvolution(ConvProblem problem);

// For one input channel a group and one filter a channel. Chooses among plane, separable and depthwise.
std::unique_ptr<ConvAlgorithm> MakeLineConvolution(ConvProblem problem);

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_ALGORITHM_H_
