// Transposed convolution as an operation: inputs x (N, spatial..., C), kernel (spatial..., F / groups, C) and,
// optionally, bias (F,); output (N, out spatial..., F). One to three spatial axes, as many as the input has.
//
// It is the gradient of a convolution that leads from the output's size to the input's: each input pixel lays down the
// kernel, times its value, stride pixels further on, and what overlaps is summed. The kernel's layout is Keras':
// filters before channels.
#ifndef CONVSCOPE_GRAPH_CONV_TRANSPOSE_OPERATION_H_
#define CONVSCOPE_GRAPH_CONV_TRANSPOSE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope {

// Lists hold one value for all spatial axes, or one an axis.
//
// The length of an axis follows from its padding and P, the output_padding. With E = dilation * (size - 1) + 1:
//   valid     with P: (in - 1) * stride + E + P                         without: in * stride + max(E - stride, 0)
//   same      with P: (in - 1) * stride + E - 2 * floor(E / 2) + P      without: in * stride
//   explicit  with P: (in - 1) * stride + E - before - after + P        without: P = 0
// where P must be so that a convolution leads back to the input's length: for valid and explicit, 0 <= P < stride.
// Valid and same are Keras' rules, and same crops where TensorFlow does: the odd pixel at the end. Explicit is ONNX's
// and PyTorch's.
struct ConvTransposeOp {
  std::vector<int64_t> strides = {1};
  std::vector<int64_t> dilations = {1};
  std::vector<Padding> padding = {Padding::Valid()};
  std::vector<int64_t> output_padding = {};  // empty: without
  int64_t groups = 1;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CONV_TRANSPOSE_OPERATION_H_
