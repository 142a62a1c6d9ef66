// Tensors by name: the parameters of a model, what is fed into a graph, what a trace holds.
//
// Tensors are shared and constant, so that a model, its traces and whoever draws them can hold the same large tensor
// without a copy. Not a place for tensors that change.
#ifndef CONVSCOPE_GRAPH_NAMED_TENSORS_H_
#define CONVSCOPE_GRAPH_NAMED_TENSORS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "convscope/tensor/tensor.h"

namespace convscope {

using SharedTensor = std::shared_ptr<const Tensor>;
using NamedTensors = std::map<std::string, SharedTensor, std::less<>>;

// Example: Trace trace(model, {{"input", Share(std::move(picture))}});
inline SharedTensor Share(Tensor tensor) {
  return std::make_shared<const Tensor>(std::move(tensor));
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_NAMED_TENSORS_H_
