#include "convscope/inspect/value_signs.h"

#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace convscope {
namespace {

using Names = std::set<std::string_view>;

// Never negative, whatever they are given.
const Names kNonNegative = {"Relu",        "Relu6",    "ThresholdedRelu", "Sigmoid",
                            "HardSigmoid", "Softplus", "Exponential",     "Softmax",
                            "Abs",         "Sqrt",     "LpPool"};

// Never negative where nothing is that they are given: they pick, move, add, multiply or divide.
const Names kKeeping = {"Add",
                        "AveragePool",
                        "Concat",
                        "Conv",
                        "ConvTranspose",
                        "Crop",
                        "Dense",
                        "DepthToSpace",
                        "Div",
                        "Dropout",
                        "Expand",
                        "Gather",
                        "GatherElements",
                        "GlobalAveragePool",
                        "GlobalMaxPool",
                        "LRN",
                        "MatMul",
                        "MaxPool",
                        "MaxUnpool",
                        "Mul",
                        "Pad",
                        "ReduceMax",
                        "ReduceMean",
                        "ReduceMin",
                        "ReduceSum",
                        "Reshape",
                        "Resize",
                        "Scale",
                        "Slice",
                        "SpaceToDepth",
                        "Tile",
                        "Transpose",
                        "UpSample"};

// Numbers of an operation that lie below zero and reach its output: a padding, an offset.
bool AddsNegative(const Operation& operation) {
  static const Names kReaching = {"value", "scale", "offset", "extrapolation"};
  for (const auto& [name, value] : operation.attributes()) {
    const auto* const number = std::get_if<double>(&value);
    if (number != nullptr && *number < 0 && kReaching.contains(name)) return true;
    // Between its pixels a cubic swings to the other side of them.
    const auto* const mode = std::get_if<std::string>(&value);
    if (mode != nullptr && *mode == "cubic") return true;
  }
  return false;
}

bool HasFloor(const Operation& operation) {
  for (const auto& [name, value] : operation.attributes()) {
    const auto* const low = std::get_if<double>(&value);
    if (name == "low" && low != nullptr && *low >= 0) return true;
  }
  return false;
}

bool NoneNegative(const Tensor& parameter) {
  if (parameter.dtype() != DType::kFloat32) return false;
  const auto values = parameter.view().span();
  return std::all_of(values.begin(), values.end(), [](float value) { return value >= 0; });
}

}  // namespace

bool NeverNegative(const Model& model, std::string_view tensor, FedValues fed) {
  const Graph& graph = model.graph();
  const auto asked = static_cast<size_t>(graph.Find(tensor));
  std::vector<bool> never(graph.tensors().size());
  for (size_t t = 0; t < never.size(); ++t) {
    never[t] = fed == FedValues::kNonNegative && graph.tensors()[t].role == TensorRole::kInput;
  }
  // Of what chooses places (an index, a condition) the sign says nothing.
  const auto harmless = [&](int input) {
    const GraphTensor& given = graph.tensors()[static_cast<size_t>(input)];
    if (given.type.dtype != DType::kFloat32) return true;
    return given.role == TensorRole::kParameter ? NoneNegative(*model.parameters().find(given.name)->second)
                                                : static_cast<bool>(never[static_cast<size_t>(input)]);
  };
  for (const GraphNode& node : graph.nodes()) {
    const std::string_view type = node.operation->type();
    const bool keeps = kKeeping.contains(type) && !AddsNegative(*node.operation);
    if (!kNonNegative.contains(type) && !(type == "Clip" && HasFloor(*node.operation)) &&
        !(keeps && std::all_of(node.inputs.begin(), node.inputs.end(), harmless))) {
      continue;
    }
    never[static_cast<size_t>(node.outputs[0])] = true;
  }
  return never[asked];
}

}  // namespace convscope
