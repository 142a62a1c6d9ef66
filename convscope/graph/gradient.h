// The backward pass: reverse-mode gradients, as nodes of a graph like any others. What runs, traces or draws a graph
// runs, traces and draws its gradients.
#ifndef CONVSCOPE_GRAPH_GRADIENT_H_
#define CONVSCOPE_GRAPH_GRADIENT_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/graph.h"
#include "convscope/graph/trace.h"

namespace convscope {

// What is derived: the sum over all elements of `tensor` times `seed`, both names of tensors of one type.
struct GradientSeed {
  std::string tensor;
  std::string seed;
};

// For each tensor on the way, the tensor that holds its gradient, of the same type.
using GradientNames = std::map<std::string, std::string, std::less<>>;

// Adds to `builder` the nodes that compute the gradient of the sum of all seeds with respect to each tensor of `wanted`
// and to every tensor between them. New tensors are called "gradient/NAME". A wanted tensor that no seed depends on is
// left out of the result: its gradient is zero. Throws Error for an unknown name, a seed of another type, and, with
// the node's name, where the way leads through an operation that has no gradient.
GradientNames AddGradients(GraphBuilder& builder, const std::vector<GradientSeed>& seeds,
                           const std::vector<std::string>& wanted, GradientRule rule = GradientRule::kTrue);

// A Trace of the forward and the backward pass: the gradient of sum(tensor * seed) with respect to every tensor that
// `tensor` depends on.
//
//   GradientTrace gradients(model, {{"input", picture}}, "logits", one_hot);
//   const Tensor& saliency = gradients["input"];
class GradientTrace {
 public:
  GradientTrace(const Model& model, const NamedTensors& inputs, const std::string& tensor, SharedTensor seed,
                GradientRule rule = GradientRule::kTrue);

  // The gradient with respect to the tensor of this name; throws Error when there is none.
  const Tensor& operator[](std::string_view tensor) const { return *Get(tensor); }
  SharedTensor Get(std::string_view tensor) const;
  bool Has(std::string_view tensor) const { return names_.contains(tensor); }

  const Trace& trace() const { return trace_; }  // both passes, under the names of their graph

 private:
  GradientNames names_;
  Trace trace_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_GRADIENT_H_
