// Convolution as an operation: inputs x (N, spatial..., C), kernel (spatial..., C / groups, F) and, optionally, bias
// (F,); output (N, out spatial..., F). One to three spatial axes, as many as the input has.
#ifndef CONVSCOPE_GRAPH_CONV_OPERATION_H_
#define CONVSCOPE_GRAPH_CONV_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// Lists hold one value for all spatial axes, or one an axis.
struct ConvOp {
  std::vector<int64_t> strides = {1};
  std::vector<int64_t> dilations = {1};
  std::vector<Padding> padding = {Padding::Valid()};
  PadMode pad_mode = PadMode::kZero;
  int64_t groups = 1;
  bool flip_kernel = false;  // true: convolution as mathematics has it

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CONV_OPERATION_H_
