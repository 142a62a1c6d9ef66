#include "convscope/graph/graph.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

int Graph::Find(std::string_view tensor) const {
  const auto found = index_.find(tensor);
  if (found != index_.end()) return found->second;
  // A node has other names than its outputs in files of other programs; then it stands for the first of them.
  if (node_names_.contains(tensor)) {
    const auto is_meant = [&](const GraphNode& node) { return node.name == tensor; };
    return std::find_if(nodes_.begin(), nodes_.end(), is_meant)->outputs.front();
  }
  constexpr size_t kMostListed = 40;
  std::vector<std::string> names;
  std::string computed;
  size_t listed = 0;
  for (const GraphTensor& known : tensors_) {
    names.push_back(known.name);
    if (known.role != TensorRole::kComputed || ++listed > kMostListed) continue;
    computed += (computed.empty() ? "" : ", ") + known.name;
  }
  if (listed > kMostListed) computed += Concat(", ... (", listed, " in all)");
  std::string fix = DidYouMean(tensor, names);
  if (!computed.empty()) fix += Concat(fix.empty() ? "" : " ", "it computes ", computed);
  throw Error({.where = "graph",
               .rule = "a tensor is called by its name in the graph",
               .received = Concat('"', tensor, '"'),
               .fix = fix});
}

std::vector<TensorType> Graph::InputTypes(const GraphNode& node) const {
  std::vector<TensorType> types;
  for (const int tensor : node.inputs) types.push_back(tensors_[tensor].type);
  return types;
}

int64_t Graph::MultiplyAdds() const {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  int64_t sum = 0;
  for (const GraphNode& node : nodes_) {
    const int64_t own = node.operation->MultiplyAdds(InputTypes(node));
    sum = own > kMost - sum ? kMost : sum + own;
  }
  return sum;
}

int GraphBuilder::AddTensor(std::string name, TensorType type, TensorRole role) {
  if (name.empty()) throw Error({.where = "graph", .rule = "every tensor has a name", .received = "an empty one"});
  const int index = static_cast<int>(graph_.tensors_.size());
  if (!graph_.index_.emplace(name, index).second) {
    throw Error({.where = "graph",
                 .rule = "each tensor has a name of its own",
                 .received = Concat("\"", name, "\" again"),
                 .fix = "choose another name"});
  }
  graph_.tensors_.push_back({.name = std::move(name), .type = type, .role = role});
  return index;
}

void GraphBuilder::Input(std::string name, TensorType type) {
  AddTensor(std::move(name), type, TensorRole::kInput);
}

void GraphBuilder::Parameter(std::string name, TensorType type) {
  AddTensor(std::move(name), type, TensorRole::kParameter);
}

void GraphBuilder::Add(std::string name, OperationPtr operation, const std::vector<std::string>& inputs,
                       std::vector<std::string> outputs) {
  if (outputs.empty()) outputs = {name};
  const std::string where = Concat("node ", name, " (", operation->type(), ")");
  try {
    if (graph_.node_names_.contains(name)) {
      throw Error({.rule = "each node has a name of its own", .received = "this name again"});
    }
    GraphNode node{.name = std::move(name), .operation = std::move(operation)};
    for (const std::string& input : inputs) node.inputs.push_back(graph_.Find(input));
    const std::vector<TensorType> types = node.operation->Infer(graph_.InputTypes(node));
    if (types.size() != outputs.size()) {
      throw Error({.rule = Concat("the operation has ", types.size(), " outputs, each with a name"),
                   .received = Concat(outputs.size(), " names")});
    }
    // Checked before anything is added, so that a node that is refused leaves no trace.
    for (size_t i = 0; i < outputs.size(); ++i) {
      const bool twice = std::find(outputs.begin(), outputs.begin() + i, outputs[i]) != outputs.begin() + i;
      if (twice || graph_.Has(outputs[i])) {
        throw Error({.rule = "each tensor has a name of its own", .received = Concat('"', outputs[i], "\" again")});
      }
    }
    for (size_t i = 0; i < outputs.size(); ++i) {
      node.outputs.push_back(AddTensor(std::move(outputs[i]), types[i], TensorRole::kComputed));
    }
    graph_.node_names_.insert(node.name);
    graph_.nodes_.push_back(std::move(node));
  } catch (const Error& error) {
    throw error.At(where);
  }
}

void GraphBuilder::RollBack(size_t tensors, size_t nodes) {
  while (graph_.nodes_.size() > nodes) {
    graph_.node_names_.erase(graph_.nodes_.back().name);
    graph_.nodes_.pop_back();
  }
  while (graph_.tensors_.size() > tensors) {
    graph_.index_.erase(graph_.tensors_.back().name);
    graph_.tensors_.pop_back();
  }
}

}  // namespace convscope
