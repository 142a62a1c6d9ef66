// Every tensor of one run of a model, by name, and a report of each node. Nothing is fused and everything is kept: for
// looking. To compute fast and often, see Run.
#ifndef CONVSCOPE_GRAPH_TRACE_H_
#define CONVSCOPE_GRAPH_TRACE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/model.h"

namespace convscope {

struct NodeReport {
  std::string node;
  std::string type;            // of the operation
  std::vector<Shape> outputs;  // of the computed tensors
  std::string path;            // the algorithm taken, where there is a choice
  double milliseconds = 0;     // computing, first use of the outputs' memory included, making ready not
  int64_t multiply_adds = 0;   // of the direct algorithm
};

class Trace {
 public:
  // Runs all nodes on one tensor for each input of the graph. Throws Error on a missing or unknown name or a wrong
  // shape or dtype. Progress is reported before each node.
  Trace(const Model& model, const NamedTensors& inputs, const Progress& progress = {});

  // An input, a parameter or a computed tensor; throws Error with the nearest names.
  const Tensor& operator[](std::string_view tensor) const { return *Get(tensor); }
  SharedTensor Get(std::string_view tensor) const;

  const Graph& graph() const { return graph_; }
  const NamedTensors& tensors() const { return tensors_; }
  std::span<const NodeReport> reports() const { return reports_; }  // in the order of graph().nodes()

 private:
  Graph graph_;
  NamedTensors tensors_;
  std::vector<NodeReport> reports_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_TRACE_H_
