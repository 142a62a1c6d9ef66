#include "convscope/nn/merge_layers.h"

#include <array>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {
namespace {

void ExpectSeveral(const LayerCall& call) {
  if (call.inputs().size() >= 2) return;
  throw Error({.rule = "the layer joins at least 2 tensors", .received = std::to_string(call.inputs().size())});
}

// ((a, b), c), ...: each pair but the last is a node of its own.
std::string CallInTurn(LayerCall& call, BinaryKind kind) {
  ExpectSeveral(call);
  const std::vector<std::string>& inputs = call.inputs();
  std::string so_far = inputs[0];
  for (size_t i = 1; i + 1 < inputs.size(); ++i) {
    so_far = call.Add(Concat("of_", i + 1), BinaryOp{kind}, {so_far, inputs[i]});
  }
  return call.Finish(BinaryOp{kind}, {so_far, inputs.back()});
}

}  // namespace

template <>
struct internal::LayerTraits<Add> {
  static constexpr std::string_view kName = "Add";
  static void Fields(auto&, auto&) {}
  static std::string Call(const Add&, LayerCall& call) {
    ExpectSeveral(call);
    return call.Finish(AddOp{}, call.inputs());
  }
};

template <>
struct internal::LayerTraits<Subtract> {
  static constexpr std::string_view kName = "Subtract";
  static void Fields(auto&, auto&) {}
  static std::string Call(const Subtract&, LayerCall& call) {
    if (call.inputs().size() != 2) {
      throw Error({.rule = "the layer is called on 2 tensors", .received = std::to_string(call.inputs().size())});
    }
    return call.Finish(BinaryOp{BinaryKind::kSubtract}, call.inputs());
  }
};

template <>
struct internal::LayerTraits<Maximum> {
  static constexpr std::string_view kName = "Maximum";
  static void Fields(auto&, auto&) {}
  static std::string Call(const Maximum&, LayerCall& call) { return CallInTurn(call, BinaryKind::kMaximum); }
};

template <>
struct internal::LayerTraits<Minimum> {
  static constexpr std::string_view kName = "Minimum";
  static void Fields(auto&, auto&) {}
  static std::string Call(const Minimum&, LayerCall& call) { return CallInTurn(call, BinaryKind::kMinimum); }
};

template <>
struct internal::LayerTraits<Multiply> {
  static constexpr std::string_view kName = "Multiply";
  static void Fields(auto&, auto&) {}
  static std::string Call(const Multiply&, LayerCall& call) {
    ExpectSeveral(call);
    return call.Finish(MultiplyOp{}, call.inputs());
  }
};

template <>
struct internal::LayerTraits<Concatenate> {
  static constexpr std::string_view kName = "Concatenate";
  static void Fields(auto& layer, auto& field) { field("axis", layer.axis); }
  static std::string Call(const Concatenate& layer, LayerCall& call) {
    ExpectSeveral(call);
    if (layer.axis == 0) {
      throw Error({.rule = "samples of a batch stay apart: the axis is none of the batch", .received = "axis 0"});
    }
    return call.Finish(ConcatOp{.axis = layer.axis}, call.inputs());
  }
};

Add::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Multiply::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Subtract::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Maximum::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Minimum::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
Concatenate::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::MergeLayers() {
  static constexpr std::array kClasses = {ClassOf<Add>(),     ClassOf<Subtract>(), ClassOf<Multiply>(),
                                          ClassOf<Maximum>(), ClassOf<Minimum>(),  ClassOf<Concatenate>()};
  return kClasses;
}

}  // namespace convscope
