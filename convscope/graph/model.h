// A graph with the numbers of its parameters: what can be run.
#ifndef CONVSCOPE_GRAPH_MODEL_H_
#define CONVSCOPE_GRAPH_MODEL_H_

#include "convscope/graph/graph.h"
#include "convscope/graph/named_tensors.h"

namespace convscope {

class Model {
 public:
  // Throws Error unless `parameters` holds each parameter of the graph, in its type, and nothing else.
  Model(Graph graph, NamedTensors parameters);

  const Graph& graph() const { return graph_; }
  const NamedTensors& parameters() const { return parameters_; }

 private:
  Graph graph_;
  NamedTensors parameters_;
};

// Throws Error unless `inputs` holds each input of the graph, in its type, and nothing else.
void CheckInputs(const Graph& graph, const NamedTensors& inputs);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_MODEL_H_
