// Local response normalization across channels, forward and backward, float32: the fast twin of
// reference/local_response.h.
#ifndef CONVSCOPE_KERNELS_LOCAL_RESPONSE_H_
#define CONVSCOPE_KERNELS_LOCAL_RESPONSE_H_

#include <cstdint>

namespace convscope {

// y[c] = x[c] / (bias + alpha / size * sum of x[i]^2)^beta, i from c - before() to c + after() as far as there are
// channels (ONNX LRN).
struct LocalResponse {
  int64_t size = 5;  // channels
  double alpha = 1e-4;
  double beta = 0.75;
  double bias = 1;

  int64_t before() const { return (size - 1) / 2; }
  int64_t after() const { return size / 2; }
};

// x and y (rows, C), no overlap. Runs on all threads. A beta of 3/4, which the paper has, costs two square roots; any
// other costs a power.
void NormalizeLocalResponse(const LocalResponse& spec, const float* x, int64_t rows, int64_t channels, float* y);

// dx = the gradient of x, g that of y; all (rows, C), dx overlaps nothing.
void LocalResponseGradient(const LocalResponse& spec, const float* g, const float* x, int64_t rows, int64_t channels,
                           float* dx);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_LOCAL_RESPONSE_H_
