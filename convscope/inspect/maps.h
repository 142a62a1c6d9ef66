// A tensor of one sample as maps: rows, columns and channels, whatever its rank. What figures and tables of a layer are
// made of.
#ifndef CONVSCOPE_INSPECT_MAPS_H_
#define CONVSCOPE_INSPECT_MAPS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/graph.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// Of a tensor (N, ..., C), channels last, for one sample:
//   (N, H, W, C)     H rows, W columns, C channels
//   (N, L, C)        1 row of L columns
//   (N, D, H, W, C)  D slices of H rows, one above the other
//   (N, C)           units: 1 row, 1 column, C channels
struct MapShape {
  int64_t rows = 1, columns = 1, channels = 1;
  int64_t slices = 1;       // that `rows` holds
  bool has_places = false;  // rows and columns: (N, H, W, C); else a gradient-weighted map of it means nothing
};

// Throws Error, naming `tensor`, for a shape of another rank.
MapShape MapShapeOf(const Shape& shape, std::string_view tensor);

// (rows, columns, channels) of sample `sample` of a float32 tensor; the tensor's own memory.
TensorView<const float> MapsOf(const Tensor& tensor, std::string_view name, int64_t sample = 0);

// The mean over the channels: (rows, columns). NaN and infinity spread, as in any mean.
Tensor MeanMap(TensorView<const float> maps);

// Channel `channel` of maps (H, W, C): (H, W). Throws Error for a channel that there is not.
Tensor OneMap(TensorView<const float> maps, int64_t channel, std::string_view name);

// Computed tensors of the graph that MapShapeOf takes, in order: what can be looked at.
std::vector<std::string> MapTensors(const Graph& graph);

// The tensor that an activation made `tensor` of; empty where something else made it.
std::string BeforeActivation(const Graph& graph, std::string_view tensor);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_MAPS_H_
