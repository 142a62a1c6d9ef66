// Channels that become pixels, and back: what sub-pixel convolutions end in (Shi et al. 2016, arXiv 1609.05158).
#ifndef CONVSCOPE_GRAPH_DEPTH_TO_SPACE_OPERATION_H_
#define CONVSCOPE_GRAPH_DEPTH_TO_SPACE_OPERATION_H_

#include <cstdint>

#include "convscope/graph/operation.h"

namespace convscope {

// x (N, rows, columns, C) -> (N, rows block, columns block, C / block^2), elements of any type. The channels of a pixel
// become a square of block x block pixels: with depth_first channel (r block + s) C / block^2 + c is channel c of the
// pixel at row r and column s of the square (ONNX' DCR, TensorFlow's depth_to_space), else channel
// c block^2 + r block + s is (ONNX' CRD, PyTorch's pixel_shuffle). Infer throws Error for other ranks, a block below 1
// and channels that make no whole squares.
struct DepthToSpaceOp {
  int64_t block = 2;  // pixels
  bool depth_first = true;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

// x (N, rows, columns, C) -> (N, rows / block, columns / block, block^2 C), elements of any type: the way back from
// DepthToSpaceOp with depth_first (ONNX SpaceToDepth). Infer throws Error for rows or columns that are not made of
// whole squares.
struct SpaceToDepthOp {
  int64_t block = 2;  // pixels

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_DEPTH_TO_SPACE_OPERATION_H_
