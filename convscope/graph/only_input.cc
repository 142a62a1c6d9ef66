#include "convscope/graph/only_input.h"

#include <vector>

#include "convscope/base/text.h"

namespace convscope {

std::string OnlyInput(const Graph& graph, const ErrorParts& wrong) {
  std::vector<std::string> names;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kInput) names.push_back(tensor.name);
  }
  if (names.size() == 1) return names[0];
  throw Error(
      {.where = wrong.where, .rule = wrong.rule, .received = Concat(names.size(), " inputs"), .fix = wrong.fix});
}

std::string OnlyPictureInput(const Graph& graph, const ErrorParts& wrong) {
  std::string input = OnlyInput(graph, wrong);
  const TensorType& type = graph[input].type;
  if (type.shape.rank() == 4 && type.dtype == DType::kFloat32) return input;
  throw Error({.where = wrong.where, .rule = wrong.rule, .received = type.ToString(), .fix = wrong.fix});
}

}  // namespace convscope
