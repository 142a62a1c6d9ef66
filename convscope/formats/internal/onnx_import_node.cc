#include "convscope/formats/internal/onnx_import_node.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_tensor.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"

namespace convscope::internal {
namespace {

using onnx_schema::AttributeProto;

template <typename To>
std::vector<To> NumbersOf(const Tensor& tensor) {
  std::vector<To> numbers;
  const auto add = [&]<typename T>(T) {
    for (const T value : tensor.view<T>().span()) numbers.push_back(static_cast<To>(value));
  };
  switch (tensor.dtype()) {
    case DType::kFloat32:
      add(float{});
      break;
    case DType::kFloat64:
      add(double{});
      break;
    case DType::kUInt8:
      add(uint8_t{});
      break;
    case DType::kInt8:
      add(int8_t{});
      break;
    case DType::kInt32:
      add(int32_t{});
      break;
    case DType::kInt64:
      add(int64_t{});
      break;
    case DType::kBool:
      add(bool{});
      break;
  }
  return numbers;
}

// What an attribute of this type holds, in the words of an error.
const char* TypeText(AttributeProto::AttributeType type) {
  switch (type) {
    case AttributeProto::FLOAT:
      return "a float";
    case AttributeProto::INT:
      return "an integer";
    case AttributeProto::STRING:
      return "a text";
    case AttributeProto::TENSOR:
      return "a tensor";
    case AttributeProto::FLOATS:
      return "a list of floats";
    case AttributeProto::INTS:
      return "a list of integers";
    default:
      return "something else";
  }
}

// Files of the first versions do not say the type.
AttributeProto::AttributeType TypeOf(const AttributeProto& attribute) {
  if (attribute.type() != AttributeProto::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return AttributeProto::FLOAT;
  if (attribute.has_i()) return AttributeProto::INT;
  if (attribute.has_s()) return AttributeProto::STRING;
  if (attribute.has_t()) return AttributeProto::TENSOR;
  if (attribute.floats_size() > 0) return AttributeProto::FLOATS;
  return attribute.ints_size() > 0 ? AttributeProto::INTS : AttributeProto::UNDEFINED;
}

}  // namespace

const AttributeProto* ImportNode::Find(std::string_view name) const {
  for (const AttributeProto& attribute : node_.attribute()) {
    if (attribute.name() == name) return &attribute;
  }
  return nullptr;
}

const AttributeProto* ImportNode::Find(std::string_view name, AttributeProto::AttributeType type) const {
  const AttributeProto* found = Find(name);
  if (found == nullptr || TypeOf(*found) == type) return found;
  // An empty list of a file that does not say its types.
  if (TypeOf(*found) == AttributeProto::UNDEFINED && (type == AttributeProto::FLOATS || type == AttributeProto::INTS)) {
    return found;
  }
  Fail(Concat("attribute ", name, " of ", this->type(), " is ", TypeText(type)), TypeText(TypeOf(*found)));
}

void ImportNode::Require(std::string_view attribute) const {
  if (!Has(attribute)) Fail(Concat(type(), " has an attribute ", attribute), "none");
}

int64_t ImportNode::Integer(std::string_view attribute, int64_t otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::INT);
  return found == nullptr ? otherwise : found->i();
}

int64_t ImportNode::Integer(std::string_view attribute) const {
  Require(attribute);
  return Integer(attribute, 0);
}

double ImportNode::Number(std::string_view attribute, double otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::FLOAT);
  return found == nullptr ? otherwise : double{found->f()};
}

std::string ImportNode::Word(std::string_view attribute, std::string_view otherwise) const {
  const AttributeProto* found = Find(attribute, AttributeProto::STRING);
  return found == nullptr ? std::string(otherwise) : found->s();
}

std::vector<int64_t> ImportNode::Integers(std::string_view attribute) const {
  const AttributeProto* found = Find(attribute, AttributeProto::INTS);
  if (found == nullptr) return {};
  return {found->ints().begin(), found->ints().end()};
}

void ImportNode::CheckSmall(std::string_view what, const std::vector<int64_t>& values) const {
  constexpr int64_t kMost = int64_t{1} << 31;
  for (const int64_t value : values) {
    if (value < -kMost || value > kMost) Fail(Concat(what, " of ", type(), " is at most 2^31"), Concat(value));
  }
}

std::vector<int64_t> ImportNode::SmallIntegers(std::string_view attribute) const {
  std::vector<int64_t> values = Integers(attribute);
  CheckSmall(attribute, values);
  return values;
}

std::vector<double> ImportNode::Numbers(std::string_view attribute) const {
  const AttributeProto* found = Find(attribute, AttributeProto::FLOATS);
  if (found == nullptr) return {};
  return {found->floats().begin(), found->floats().end()};
}

std::optional<Tensor> ImportNode::TensorOf(const std::string& attribute) const {
  const AttributeProto* found = Find(attribute, AttributeProto::TENSOR);
  if (found == nullptr) return std::nullopt;
  const auto data = data_.find({node_.output_size() > 0 ? node_.output(0) : "", attribute});
  return ImportTensor(found->t(), data == data_.end() ? std::string_view() : data->second, outside_, attribute);
}

const std::string& ImportNode::InputName(size_t i) const {
  if (!HasInput(i)) Fail(Concat(type(), " has an input number ", i + 1), Concat(input_count(), " inputs"));
  return node_.input(static_cast<int>(i));
}

const ImportedValue& ImportNode::Input(size_t i) const {
  return importer_.Get(InputName(i));
}

int64_t ImportNode::Axis(int64_t axis, int rank) const {
  if (axis < -rank || axis >= rank) Fail(Concat("axis is ", -rank, " to ", rank - 1), Concat(axis));
  return axis < 0 ? axis + rank : axis;
}

SharedTensor ImportNode::Constant(size_t i, std::string_view what) const {
  const std::string& name = InputName(i);
  const ImportedValue& value = importer_.Get(name);
  if (value.constant) return value.constant;
  // An input of the model, of which it is known what will be fed in.
  const auto given = known_.find(name);
  if (given != known_.end()) return given->second;
  Fail(Concat(what, " is known before the model runs: a constant, or made of constants and shapes"),
       Concat('"', name, "\", which is computed from its inputs"));
}

std::vector<int64_t> ImportNode::ConstantIntegers(size_t i, std::string_view what) const {
  const SharedTensor constant = Constant(i, what);
  if (constant->dtype() == DType::kFloat32 || constant->dtype() == DType::kFloat64) {
    Fail(Concat(what, " is made of integers"), std::string(Name(constant->dtype())));
  }
  return NumbersOf<int64_t>(*constant);
}

int64_t ImportNode::ConstantInteger(size_t i, std::string_view what) const {
  const double number = ConstantNumber(i, what);
  if (!(std::abs(number) <= 0x1p62) || number != std::floor(number)) {
    Fail(Concat(what, " is a whole number of at most 2^62"), Concat(number));
  }
  return static_cast<int64_t>(number);
}

std::vector<double> ImportNode::ConstantNumbers(size_t i, std::string_view what) const {
  return NumbersOf<double>(*Constant(i, what));
}

double ImportNode::ConstantNumber(size_t i, std::string_view what) const {
  const std::vector<double> numbers = ConstantNumbers(i, what);
  if (numbers.empty()) Fail(Concat(what, " is a number"), "none");
  return numbers[0];
}

FileAxes ImportNode::AxesOf(size_t i) const {
  const ImportedValue& value = Input(i);
  return value.tensor.empty() ? SameAxes(value.type.shape.rank()) : value.axes;
}

FileAxes ImportNode::Following(int rank) const {
  for (size_t i = 0; i < input_count(); ++i) {
    if (!HasInput(i) || InputShape(i).rank() != rank) continue;
    FileAxes axes = AxesOf(i);
    if (!IsSame(axes)) return axes;
  }
  return SameAxes(rank);
}

std::string ImportNode::Stored(size_t i, const FileAxes& axes) const {
  return importer_.Stored(InputName(i), axes);
}

std::string ImportNode::ElementsInFileOrder(size_t i) const {
  const FileAxes axes = AxesOf(i);
  if (IsSame(axes) || axes[0] != 0) return AsInFile(i);
  const std::string stored = Stored(i, axes);
  FileAxes long_axes;
  for (const int64_t axis : axes) {
    if (InputShape(i)[static_cast<int>(axis)] != 1) long_axes.push_back(axis);
  }
  if (std::is_sorted(long_axes.begin(), long_axes.end())) return stored;
  if (axes != ChannelsLastAxes(static_cast<int>(axes.size()))) return AsInFile(i);
  // By way of (N, pixels, C), so that no tensor looks like a picture whose rows are channels.
  const std::string turned = InputName(i) + "/channels_second";
  if (importer_.Has(turned)) return importer_.Get(turned).tensor;
  const int64_t channels = InputShape(i)[1];
  const std::string pixels = importer_.AddNode(InputName(i) + "/pixels", ReshapeOp{{0, -1, channels}}, {stored});
  const std::string tensor = importer_.AddNode(turned, TransposeOp{{0, 2, 1}}, {pixels});
  importer_.AddComputed(turned, tensor, SameAxes(3));
  return tensor;
}

std::string ImportNode::Broadcasting(size_t i, const FileAxes& axes, int64_t first) const {
  const ImportedValue& value = Input(i);
  const Shape shape = value.type.shape;
  const auto rank = static_cast<int>(axes.size());
  const int before = first < 0 ? rank - shape.rank() : static_cast<int>(first);
  if (before == 0 && shape.rank() == rank) return Stored(i, axes);
  const bool at_end = before + shape.rank() == rank;
  if ((IsSame(axes) && at_end) || shape.NumElements() == 1) return AsInFile(i);
  if (before < 0 || before + shape.rank() > rank) {
    Fail("the second input's axes are among the first one's", Concat(shape.ToString(), " from axis ", before));
  }
  std::vector<int64_t> lengths(static_cast<size_t>(rank), 1);
  std::copy(shape.lengths().begin(), shape.lengths().end(), lengths.begin() + before);
  const std::string& name = InputName(i);
  const std::string wide = Concat(name, "/broadcast_", before, "_", rank);
  if (value.constant && value.tensor.empty()) {
    // (C, 1, 1) beside channels that stand last is (C,): axes of length 1 in front are left out. Once for all uses.
    std::string& made = importer_.Made(wide, axes);
    if (!made.empty()) return made;
    Tensor moved = Moved(value.constant->Clone().Reshaped(Shape(lengths)), axes, {});
    std::vector<int64_t> kept(moved.shape().lengths().begin(), moved.shape().lengths().end());
    while (kept.size() > 1 && kept[0] == 1) kept.erase(kept.begin());
    return made = importer_.Parameter(name, Share(std::move(moved).Reshaped(Shape(kept))));
  }
  if (!importer_.Has(wide)) {
    importer_.AddComputed(wide, importer_.AddNode(wide, ReshapeOp{lengths}, {AsInFile(i)}), SameAxes(rank));
  }
  return importer_.Stored(wide, axes);
}

std::string ImportNode::AddConstant(std::string_view purpose, Tensor tensor) const {
  return importer_.Parameter(Concat(name_, '/', purpose), Share(std::move(tensor)));
}

std::string ImportNode::AddNumber(std::string_view purpose, double value) const {
  Tensor tensor(Shape{}, InputType(0));
  if (InputType(0) == DType::kFloat64) {
    tensor.data<double>()[0] = value;
  } else {
    tensor.data<float>()[0] = static_cast<float>(value);
  }
  return AddConstant(purpose, std::move(tensor));
}

std::string ImportNode::AddStep(std::string_view step, OperationPtr operation,
                                const std::vector<std::string>& inputs) const {
  return importer_.AddNode(Concat(name_, '/', step), std::move(operation), inputs);
}

void ImportNode::Add(OperationPtr operation, const std::vector<std::string>& inputs, const FileAxes& axes, size_t first,
                     size_t count) const {
  std::vector<std::string> outputs;
  for (size_t i = first; i < first + count; ++i) {
    // One that nobody asked for needs a name too.
    outputs.push_back(
        importer_.FreeName(WantsOutput(i) ? node_.output(static_cast<int>(i)) : Concat(name_, "/output_", i)));
  }
  importer_.AddNode(name_, std::move(operation), inputs, outputs);
  for (size_t i = first; i < first + count; ++i) {
    if (WantsOutput(i)) importer_.AddComputed(node_.output(static_cast<int>(i)), outputs[i - first], axes);
  }
}

void ImportNode::AddKnown(size_t i, Tensor tensor) const {
  if (WantsOutput(i)) importer_.AddConstant(node_.output(static_cast<int>(i)), Share(std::move(tensor)));
}

void ImportNode::AddSame(size_t i, const std::string& tensor, const FileAxes& axes) const {
  const Shape shape = importer_.builder().graph()[tensor].type.shape;
  std::vector<int64_t> lengths(static_cast<size_t>(shape.rank()), 0);
  Add(ReshapeOp{lengths}, {tensor}, axes, i);
}

void ImportNode::Fail(std::string rule, std::string received) const {
  throw Error({.rule = std::move(rule), .received = std::move(received)});
}

}  // namespace convscope::internal
