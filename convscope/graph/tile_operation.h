// Copies of a tensor side by side.
#ifndef CONVSCOPE_GRAPH_TILE_OPERATION_H_
#define CONVSCOPE_GRAPH_TILE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// numpy.tile, ONNX Tile: each axis becomes repeats[axis] times as long, its places from first to last again and again.
// One entry an axis, none negative; elements are of any type. Infer throws Error otherwise.
struct TileOp {
  std::vector<int64_t> repeats;  // copies

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_TILE_OPERATION_H_
