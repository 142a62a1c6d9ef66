#include "convscope/inspect/value_signs.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <variant>

namespace convscope {
namespace {

using Names = std::set<std::string_view>;

// Never negative, whatever they are given.
const Names kNonNegative = {"Relu",        "Relu6",   "Sigmoid", "HardSigmoid", "Softplus",
                            "Exponential", "Softmax", "Abs",     "Sqrt",        "LpPool"};

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

std::optional<double> NumberOf(const Operation& operation, std::string_view wanted) {
  for (const auto& [name, value] : operation.attributes()) {
    const auto* const number = std::get_if<double>(&value);
    if (name == wanted && number != nullptr) return *number;
  }
  return std::nullopt;
}

// Whether the numbers of the operation leave nothing below zero, whatever it is given.
bool HasFloor(const Operation& operation) {
  constexpr double kEndless = std::numeric_limits<double>::infinity();
  if (operation.type() == "ThresholdedRelu") return NumberOf(operation, "alpha").value_or(-kEndless) >= 0;
  // Where low is above high, all become high.
  return operation.type() == "Clip" && NumberOf(operation, "low").value_or(-kEndless) >= 0 &&
         NumberOf(operation, "high").value_or(kEndless) >= 0;
}

// Of what chooses places the sign says nothing.
bool ChoosesPlaces(const GraphNode& node, size_t operand) {
  static const Names kChosen = {"Gather", "GatherElements", "MaxUnpool"};
  return operand == 1 && kChosen.contains(node.operation->type());
}

bool NoneNegative(const Tensor& parameter) {
  if (parameter.dtype() != DType::kFloat32) return false;
  const auto values = parameter.view().span();
  return std::all_of(values.begin(), values.end(), [](float value) { return value >= 0; });
}

}  // namespace

std::set<std::string> NeverNegative(const Model& model, FedValues fed) {
  const Graph& graph = model.graph();
  std::set<std::string> never;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (fed == FedValues::kNonNegative && tensor.role == TensorRole::kInput) never.insert(tensor.name);
  }
  const auto keeps = [&](const GraphNode& node) {
    if (!kKeeping.contains(node.operation->type()) || AddsNegative(*node.operation)) return false;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (ChoosesPlaces(node, i)) continue;
      const GraphTensor& given = graph.tensors()[static_cast<size_t>(node.inputs[i])];
      const bool none = given.role == TensorRole::kParameter
                            ? NoneNegative(*model.parameters().find(given.name)->second)
                            : never.contains(given.name);
      if (!none) return false;
    }
    return true;
  };
  for (const GraphNode& node : graph.nodes()) {
    if (!kNonNegative.contains(node.operation->type()) && !HasFloor(*node.operation) && !keeps(node)) continue;
    never.insert(graph.tensors()[static_cast<size_t>(node.outputs[0])].name);
  }
  return never;
}

}  // namespace convscope
