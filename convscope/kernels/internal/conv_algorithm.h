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

// Whether the output is so large that storing past the cache saves the time to read in what is overwritten.
inline bool StreamsOutput(const ConvProblem& problem) {
  constexpr int64_t kCacheBytes = int64_t{16} << 20;
  const int64_t bytes = problem.spec.OutputShape().NumElements() * static_cast<int64_t>(sizeof(float));
  return bytes > kCacheBytes && !problem.epilogue;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_ALGORITHM_H_
