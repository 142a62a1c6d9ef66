// The structure of a computation: named tensors and the nodes between them. It holds no numbers (see Model) and runs
// nothing (see Run and Trace).
#ifndef CONVSCOPE_GRAPH_GRAPH_H_
#define CONVSCOPE_GRAPH_GRAPH_H_

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

enum class TensorRole : uint8_t { kInput, kParameter, kComputed };

struct GraphTensor {
  std::string name;
  TensorType type;
  TensorRole role = TensorRole::kInput;
};

struct GraphNode {
  std::string name;
  OperationPtr operation;
  std::vector<int> inputs;   // indexes into tensors()
  std::vector<int> outputs;  // indexes into tensors()
};

// Immutable; made by GraphBuilder.
class Graph {
 public:
  std::span<const GraphTensor> tensors() const { return tensors_; }
  std::span<const GraphNode> nodes() const { return nodes_; }  // each after the nodes that it reads from

  // The index of a tensor, or of the first output of a node of this name; throws Error with the nearest names.
  int Find(std::string_view tensor) const;
  const GraphTensor& operator[](std::string_view tensor) const { return tensors_[Find(tensor)]; }
  bool Has(std::string_view tensor) const { return index_.contains(tensor); }

  std::vector<TensorType> InputTypes(const GraphNode& node) const;
  int64_t MultiplyAdds() const;  // of all nodes; the largest int64_t where there are more

 private:
  friend class GraphBuilder;
  std::vector<GraphTensor> tensors_;
  std::vector<GraphNode> nodes_;
  std::map<std::string, int, std::less<>> index_;  // tensor names
  std::set<std::string, std::less<>> node_names_;
};

// Adds tensors and nodes one by one; each is checked, and its shape inferred, when it is added. Tensors have one name
// space. Every method throws Error, naming the node, the rule and what arrived.
//
//   GraphBuilder builder;
//   builder.Input("input", {{1, 28, 28, 1}});
//   builder.Parameter("conv/kernel", {{5, 5, 1, 4}});
//   builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "conv/kernel"});
//   builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"conv"});
//   Graph graph = builder.Build();
class GraphBuilder {
 public:
  GraphBuilder() = default;
  explicit GraphBuilder(Graph graph) : graph_(std::move(graph)) {}  // goes on from there

  void Input(std::string name, TensorType type);
  void Parameter(std::string name, TensorType type);

  // Adds a node whose outputs get the names given, or, when there is one output and no name is given, the node's own.
  void Add(std::string name, OperationPtr operation, const std::vector<std::string>& inputs,
           std::vector<std::string> outputs = {});

  // Back to what there was when the builder's graph had so many tensors and nodes.
  void RollBack(size_t tensors, size_t nodes);

  // What has been added so far; the builder may go on.
  const Graph& graph() const { return graph_; }
  Graph Build() const { return graph_; }

 private:
  int AddTensor(std::string name, TensorType type, TensorRole role);
  Graph graph_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_GRAPH_H_
