#include "convscope/graph/operation.h"

#include <type_traits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"

namespace convscope {

int64_t TensorType::SizeInBytes() const {
  return shape.NumElements() * static_cast<int64_t>(convscope::SizeInBytes(dtype));
}

std::string TensorType::ToString() const {
  return Concat(shape.ToString(), " ", Name(dtype));
}

std::string Attribute::ValueText() const {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>) {
          return held ? "true" : "false";
        } else if constexpr (std::is_same_v<T, double>) {
          return ShortestText(held);
        } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
          std::string text = "[";
          for (const int64_t number : held) text += (text.size() > 1 ? ", " : "") + std::to_string(number);
          return text + "]";
        } else {
          return Concat(held);
        }
      },
      value);
}

std::vector<std::string> Operation::AddGradient(const NodeGradient&) const {
  throw Error({.rule = "the gradient passes through operations that have one", .received = std::string(type())});
}

void Operation::AddForTraining(const TrainingNode& node) const {
  node.builder.Add(node.name, node.operation, node.inputs, node.outputs);
}

std::vector<InputReads> Operation::Reads(std::span<const TensorType> inputs) const {
  return std::vector<InputReads>(inputs.size());
}

std::optional<Arithmetic> Operation::Explain(std::span<const Tensor* const>, int64_t) const {
  return std::nullopt;
}

bool Operation::TakesEpilogue(std::span<const TensorType>) const {
  return false;
}

FusedEpilogue Operation::AsEpilogue(std::span<const TensorType>, size_t) const {
  return {};
}

void CheckInputCount(std::span<const TensorType> inputs, size_t least, size_t most) {
  if (inputs.size() >= least && inputs.size() <= most) return;
  throw Error({.rule = least == most ? Concat("the operation takes ", least, least == 1 ? " input" : " inputs")
                                     : Concat("the operation takes ", least, " to ", most, " inputs"),
               .received = std::to_string(inputs.size())});
}

void CheckFloating(std::span<const TensorType> inputs) {
  for (const TensorType& input : inputs) {
    if ((input.dtype != DType::kFloat32 && input.dtype != DType::kFloat64) || input.dtype != inputs[0].dtype) {
      throw Error({.rule = "the inputs are all float32 or all float64", .received = input.ToString()});
    }
  }
}

}  // namespace convscope
