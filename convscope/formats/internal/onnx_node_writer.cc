#include "convscope/formats/internal/onnx_node_writer.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form_writer.h"
#include "convscope/formats/internal/onnx_function.h"
#include "convscope/tensor/element_type.h"

namespace convscope::internal {
namespace {

onnx_schema::AttributeProto& Added(onnx_schema::NodeProto& node, const std::string& name,
                                   onnx_schema::AttributeProto::AttributeType type) {
  onnx_schema::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, int64_t value) {
  Added(node, name, onnx_schema::AttributeProto::INT).set_i(value);
  return node;
}

onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, float value) {
  Added(node, name, onnx_schema::AttributeProto::FLOAT).set_f(value);
  return node;
}

onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, const std::string& value) {
  Added(node, name, onnx_schema::AttributeProto::STRING).set_s(value);
  return node;
}

onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, const std::vector<int64_t>& value) {
  onnx_schema::AttributeProto& attribute = Added(node, name, onnx_schema::AttributeProto::INTS);
  for (const int64_t number : value) attribute.add_ints(number);
  return node;
}

std::vector<int64_t> ChannelsFirst(std::span<const int64_t> lengths) {
  std::vector<int64_t> moved(lengths.begin(), lengths.end());
  std::rotate(moved.begin() + 1, moved.end() - 1, moved.end());
  return moved;
}

std::vector<int64_t> InLayout(const std::vector<int64_t>& values, Layout layout) {
  return layout == Layout::kOurs || values.size() < 3 ? values : ChannelsFirst(values);
}

NodeWriter::NodeWriter(OnnxFormWriter& form, const GraphNode& node)
    : form_(form), node_(node), attributes_(node.operation->attributes()) {}

const TensorType& NodeWriter::InputType(size_t i) const {
  return form_.Tensor(node_.inputs[i]).type;
}

const TensorType& NodeWriter::OutputType() const {
  return form_.Tensor(node_.outputs[0]).type;
}

Layout NodeWriter::Following() const {
  const auto stands = [&](int tensor) { return form_.StandsChannelsFirst(tensor); };
  return std::any_of(node_.inputs.begin(), node_.inputs.end(), stands) ? Layout::kChannelsFirst : Layout::kOurs;
}

Layout NodeWriter::FollowingBroadcast() const {
  for (size_t i = 0; i < input_count(); ++i) {
    const bool fewer = InputType(i).shape.rank() < OutputType().shape.rank();
    const bool moves = form_.Tensor(node_.inputs[i]).role != TensorRole::kParameter;
    if (fewer && moves && InputType(i).shape.rank() > 0) return Layout::kOurs;
  }
  return Following();
}

bool NodeWriter::StandsInFile(Layout layout) const {
  return form_.StandsAsInFile(node_.outputs[0], layout);
}

int64_t NodeWriter::AxisIn(Layout layout, int64_t axis, int rank) {
  if (axis < 0) axis += rank;
  if (layout == Layout::kOurs || rank < 3 || axis == 0) return axis;
  return axis == rank - 1 ? 1 : axis + 1;
}

std::string NodeWriter::Input(size_t i, Layout layout) {
  return form_.Value(node_.inputs[i], layout);
}

std::string NodeWriter::Term(size_t i, Layout layout) {
  const Shape& shape = InputType(i).shape;
  const int most = OutputType().shape.rank(), fewer = most - shape.rank();
  if (fewer == 0 || layout == Layout::kOurs) return Input(i, layout);
  if (shape.NumElements() == 1) return Input(i, Layout::kOurs);
  std::vector<int64_t> axes = {shape.rank() - 1};
  for (int axis = 1; axis + 1 < most; ++axis) axes.push_back(std::max(axis - fewer, -1));
  return form_.Stored(node_.inputs[i], axes, {});
}

std::string NodeWriter::MovedInput(size_t i, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped) {
  if (form_.Tensor(node_.inputs[i]).role == TensorRole::kParameter) {
    return form_.Stored(node_.inputs[i], axes, flipped);
  }
  // A tensor that is itself computed is moved by nodes.
  std::string value = Input(i, Layout::kOurs);
  if (!flipped.empty()) {
    const std::vector<int64_t> last(flipped.size(), -1), steps(flipped.size(), -1);
    const std::vector<int64_t> before_first(flipped.size(), std::numeric_limits<int64_t>::min());
    value = OutputOf(AddStep("turned", "Slice",
                             {value, Integers("turned_from", last), Integers("turned_to", before_first),
                              Integers("turned_axes", flipped), Integers("turned_steps", steps)}));
  }
  std::vector<int64_t> in_order(axes.size());
  std::iota(in_order.begin(), in_order.end(), 0);
  if (axes == in_order) return value;
  return OutputOf(Set(AddStep("moved", "Transpose", {value}), "perm", axes));
}

std::string NodeWriter::Constant(std::string_view purpose, Tensor tensor) {
  return form_.Constant(Concat(node_.name, "/", purpose), std::move(tensor));
}

std::string NodeWriter::Integers(std::string_view purpose, const std::vector<int64_t>& values) {
  Tensor tensor(Shape{static_cast<int64_t>(values.size())}, DType::kInt64);
  std::copy(values.begin(), values.end(), tensor.data<int64_t>());
  return Constant(purpose, std::move(tensor));
}

std::string NodeWriter::Number(std::string_view purpose, double value) {
  Tensor tensor(Shape{}, InputType(0).dtype);
  ForElementType(tensor.dtype(),
                 [&](auto type) { *tensor.data<decltype(type)>() = static_cast<decltype(type)>(value); });
  return Constant(purpose, std::move(tensor));
}

onnx_schema::NodeProto& NodeWriter::AddStep(std::string_view step, const std::string& type,
                                            const std::vector<std::string>& inputs) {
  const std::string name = form_.Unused(Concat(node_.name, "/", step));
  onnx_schema::NodeProto& added = form_.AddNode(name, type, name);
  for (const std::string& input : inputs) added.add_input(input);
  return added;
}

std::string NodeWriter::AddOutput(onnx_schema::NodeProto& added, std::string_view purpose) {
  const std::string name = form_.Unused(Concat(node_.name, "/", purpose));
  added.add_output(name);
  return name;
}

onnx_schema::NodeProto& NodeWriter::Add(const std::string& type, const std::vector<std::string>& inputs,
                                        Layout layout) {
  return form_.AddMainNode(node_, type, attributes_, inputs, layout);
}

onnx_schema::NodeProto& NodeWriter::AddFunction(const std::string& name, const std::vector<std::string>& inputs,
                                                Layout layout) {
  form_.UseFunction(name);
  onnx_schema::NodeProto& added = Add(name, inputs, layout);
  added.set_domain(kOnnxDomain);
  return added;
}

}  // namespace convscope::internal
