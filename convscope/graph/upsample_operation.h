// Larger pictures: each spatial axis times a whole number. For other scales, or smaller pictures, it is no use.
#ifndef CONVSCOPE_GRAPH_UPSAMPLE_OPERATION_H_
#define CONVSCOPE_GRAPH_UPSAMPLE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// x (N, spatial..., C) -> (N, spatial * sizes..., C), float32 or float64, 1 to 3 spatial axes. `sizes` has one entry a
// spatial axis, or one for all; each at least 1.
//
// kNearest repeats each pixel. kBilinear weights the two nearest pixels of each axis by their distance, between centres
// of pixels (half_pixel in ONNX Resize, align_corners = false in PyTorch, as Keras' UpSampling2D does): output o lies
// at (o + 1/2) / size - 1/2 of the input, held inside it. With one spatial axis it is linear, with three trilinear.
struct UpSampleOp {
  enum class Interpolation : uint8_t { kNearest, kBilinear };

  std::vector<int64_t> sizes = {2};
  Interpolation interpolation = Interpolation::kNearest;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_UPSAMPLE_OPERATION_H_
