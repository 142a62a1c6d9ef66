#include "convscope/formats/internal/onnx_form.h"

#include <algorithm>
#include <array>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/moved_axes.h"
#include "convscope/formats/internal/onnx_form_writer.h"

namespace convscope::internal {
namespace {

struct TypeNumber {
  DType dtype;
  int number;
};

constexpr std::array<TypeNumber, 7> kTypes = {{
    {DType::kFloat32, onnx_schema::TensorProto::FLOAT},
    {DType::kFloat64, onnx_schema::TensorProto::DOUBLE},
    {DType::kUInt8, onnx_schema::TensorProto::UINT8},
    {DType::kInt8, onnx_schema::TensorProto::INT8},
    {DType::kInt32, onnx_schema::TensorProto::INT32},
    {DType::kInt64, onnx_schema::TensorProto::INT64},
    {DType::kBool, onnx_schema::TensorProto::BOOL},
}};

// Without those that are new.
std::vector<int64_t> OwnAxes(std::vector<int64_t> axes) {
  std::erase_if(axes, [](int64_t axis) { return axis < 0; });
  return axes;
}

}  // namespace

OnnxForm FormOf(const Graph& graph, const std::vector<std::string>& outputs, const BorderAxes& axes) {
  return OnnxFormWriter(graph, outputs, axes).Write();
}

std::vector<std::string> FinalTensors(const Graph& graph) {
  std::vector<bool> is_read(graph.tensors().size());
  for (const GraphNode& node : graph.nodes()) {
    for (const int input : node.inputs) is_read[input] = true;
  }
  std::vector<std::string> names;
  for (size_t t = 0; t < is_read.size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    if (tensor.role == TensorRole::kComputed && !is_read[t]) names.push_back(tensor.name);
  }
  return names;
}

int OnnxType(DType dtype) {
  return std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeNumber& type) { return type.dtype == dtype; })
      ->number;
}

DType DTypeOfOnnx(int type, const std::string& where) {
  for (const TypeNumber& known : kTypes) {
    if (known.number == type) return known.dtype;
  }
  throw Error({.where = where,
               .rule = "a tensor is of float, double, uint8, int8, int32, int64 or bool",
               .received = Concat("ONNX data type ", type)});
}

Tensor Moved(const Tensor& tensor, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped) {
  std::vector<int64_t> lengths;
  for (const int64_t axis : axes) lengths.push_back(axis < 0 ? 1 : tensor.shape()[static_cast<int>(axis)]);
  Tensor moved(Shape(lengths), tensor.dtype());
  MoveAxes(tensor.bytes(), moved.bytes(), tensor.shape(), SizeInBytes(tensor.dtype()), OwnAxes(axes), flipped);
  return moved;
}

Tensor MovedBack(const std::byte* bytes, const Shape& moved, DType dtype, const ParameterNote& note,
                 const std::string& where) {
  // Which axes there are, each once; and of the flipped ones, that they are there.
  const std::vector<int64_t> own = OwnAxes(note.axes);
  const auto rank = static_cast<int64_t>(own.size());
  std::vector<int64_t> lengths(own.size(), -1);
  bool possible = static_cast<int>(note.axes.size()) == moved.rank();
  for (int i = 0; possible && i < moved.rank(); ++i) {
    const int64_t axis = note.axes[static_cast<size_t>(i)];
    if (axis < 0) {
      possible = moved[i] == 1;
      continue;
    }
    possible = axis < rank && lengths[static_cast<size_t>(axis)] < 0;
    if (possible) lengths[static_cast<size_t>(axis)] = moved[i];
  }
  for (const int64_t axis : note.flipped) possible = possible && axis >= 0 && axis < rank;
  if (!possible) {
    throw Error({.where = where, .rule = "a note names each axis of its tensor once", .received = Text(note)});
  }
  Tensor tensor(Shape(lengths), dtype);
  MoveAxesBack(bytes, tensor.bytes(), tensor.shape(), SizeInBytes(dtype), own, note.flipped);
  return tensor;
}

}  // namespace convscope::internal
