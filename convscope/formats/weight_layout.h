// What each parameter of a graph is to the node that reads it, and how PyTorch and Keras store such a one: their names
// for it, the order of its axes, and, behind a flattening, the order of its rows.
//
//                          here                      Keras                          PyTorch
//   convolution            (spatial..., C / g, F)    the same; depthwise (.., C, m) (F, C / g, spatial...)
//   transposed convolution (spatial..., F / g, C)    the same                       (C, F / g, spatial...)
//   dense                  (I, O)                    the same                       (O, I)
//   behind a flattening    rows (H, W, C)            the same                       (C, H, W)
//
// Numbers are moved, never changed. Which stored tensor belongs to which parameter is weight_match.h's business.
#ifndef CONVSCOPE_FORMATS_WEIGHT_LAYOUT_H_
#define CONVSCOPE_FORMATS_WEIGHT_LAYOUT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/stored_tensor.h"
#include "convscope/graph/graph.h"

namespace convscope {

// Whose names and order of axes a file of weights has; ours are Keras'.
enum class WeightLayout : uint8_t { kKeras, kTorch };

enum class WeightRole : uint8_t { kKernel, kBias, kGamma, kBeta, kMean, kVariance, kAlpha, kOther };

struct WeightPlace {
  std::string parameter;     // tensor of the graph: "layer1/0/conv1/kernel"
  std::string module, leaf;  // its parts: "layer1/0/conv1", "kernel"
  WeightRole role = WeightRole::kOther;
  Shape shape;  // in the graph
  Shape keras;  // as Keras has it: the same elements in the same order
  Shape torch;  // as PyTorch has it
  // (spatial..., C) of the tensor that is flattened before the first axis of this parameter counts its elements, where
  // PyTorch has them in another order; else of rank 0.
  Shape flattened = {};
};

// The float32 parameters of `graph`, in the order in which its nodes read them.
std::vector<WeightPlace> WeightPlaces(const Graph& graph);

// The names that others give to a parameter of this role whose own is `leaf`, "kernel" and "weight" say; the first is
// PyTorch's.
std::vector<std::string_view> LeafNames(const WeightPlace& place);

// float32, of place.shape, from one of place.torch; and back. Throw Error for another shape or type.
Tensor FromTorch(const Tensor& stored, const WeightPlace& place);
Tensor ToTorch(const Tensor& weights, const WeightPlace& place);

// The parameters of a graph under PyTorch's names and in its layout: "layer1.0.conv1.weight" (F, C / g, rows, columns).
// A module of the same names takes them with load_state_dict.
std::vector<StoredTensor> TorchState(const Graph& graph, const NamedTensors& parameters);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_WEIGHT_LAYOUT_H_
