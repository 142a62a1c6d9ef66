#include "convscope/nn/layer.h"

#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/transpose_operation.h"

namespace convscope {

LayerCall::LayerCall(GraphBuilder& builder, const Layer& layer, std::string layer_name, std::vector<std::string> inputs,
                     int64_t call)
    : builder_(builder),
      layer_(layer),
      layer_name_(std::move(layer_name)),
      name_(call == 0 ? layer_name_ : Concat(layer_name_, "/call_", call)),
      inputs_(std::move(inputs)) {}

const Shape& LayerCall::ShapeOf(std::string_view tensor) const {
  return builder_.graph()[tensor].type.shape;
}

void LayerCall::ExpectOneInput() const {
  if (inputs_.size() == 1) return;
  throw Error({.rule = "the layer is called on one tensor", .received = std::to_string(inputs_.size())});
}

void LayerCall::ExpectRank(int rank) const {
  ExpectOneInput();
  if (input_shape().rank() == rank) return;
  throw Error({.rule = Concat("the input has ", rank, " axes, the batch and the channels included"),
               .received = input_shape().ToString()});
}

std::string LayerCall::Parameter(std::string_view name, const Shape& shape, ParameterSettings settings) {
  const std::string full = Concat(layer_name_, '/', name);
  record_.parameters.push_back(full);
  if (builder_.graph().Has(full)) {
    const Shape& made = ShapeOf(full);
    if (made != shape) {
      throw Error({.rule = Concat("a layer that is called again keeps its parameters, ", full, " ", made.ToString()),
                   .received = Concat("an input that needs ", shape.ToString())});
    }
    return full;
  }
  builder_.Parameter(full, {shape});
  settings.trainable = settings.trainable && layer_.trainable();
  if (settings.keras_shape.rank() == 0) settings.keras_shape = shape;
  record_.settings.emplace(full, std::move(settings));
  return full;
}

void LayerCall::AddNode(const std::string& name, const OperationPtr& operation,
                        const std::vector<std::string>& inputs) {
  builder_.Add(name, operation, inputs);
  record_.nodes.push_back(name);
}

std::string LayerCall::Add(std::string_view name, const OperationPtr& operation,
                           const std::vector<std::string>& inputs) {
  const std::string full = Concat(name_, '/', name);
  AddNode(full, operation, inputs);
  return full;
}

std::string LayerCall::AxisLast(int64_t axis) {
  const int64_t rank = input_shape().rank();
  const int64_t place = axis < 0 ? axis + rank : axis;
  if (place < 1 || place >= rank) {
    throw Error({.rule = Concat("the axis is one of the ", rank, " of the input ", input_shape().ToString(),
                                ", and not that of the batch"),
                 .received = std::to_string(axis)});
  }
  if (place == rank - 1) return input();
  moved_axis_ = place;
  std::vector<int64_t> axes;
  for (int64_t i = 0; i < rank; ++i) {
    if (i != place) axes.push_back(i);
  }
  axes.push_back(place);
  return Add("channels_last", TransposeOp{std::move(axes)}, {input()});
}

std::string LayerCall::Finish(const OperationPtr& operation, const std::vector<std::string>& inputs,
                              const Activation& activation, bool move_back) {
  const bool activated = activation.kind != ActivationKind::kLinear;
  const std::string before = activated ? name_ + "/pre_activation" : name_;
  if (moved_axis_ < 0 || !move_back) {
    AddNode(before, operation, inputs);
  } else {
    const std::string last = Add("output_channels_last", operation, inputs);
    const int64_t rank = ShapeOf(last).rank();
    std::vector<int64_t> axes;
    for (int64_t i = 0; i + 1 < rank; ++i) axes.push_back(i);
    axes.insert(axes.begin() + moved_axis_, rank - 1);
    AddNode(before, TransposeOp{std::move(axes)}, {last});
  }
  if (activated) AddNode(name_, ActivationOp{activation}, {before});
  return name_;
}

}  // namespace convscope
