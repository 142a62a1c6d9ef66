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
  for (const int64_t axis : axes) lengths.push_back(tensor.shape()[static_cast<int>(axis)]);
  Tensor moved(Shape(lengths), tensor.dtype());
  MoveAxes(tensor.bytes(), moved.bytes(), tensor.shape(), SizeInBytes(tensor.dtype()), axes, flipped);
  return moved;
}

Tensor MovedBack(const std::byte* bytes, const Shape& moved, DType dtype, const ParameterNote& note,
                 const std::string& where) {
  // Which axes there are, each once; and of the flipped ones, that they are there.
  std::vector<int64_t> lengths(static_cast<size_t>(moved.rank()), -1);
  bool possible = note.axes.size() == lengths.size();
  for (size_t i = 0; possible && i < lengths.size(); ++i) {
    const int64_t axis = note.axes[i];
    possible = axis >= 0 && axis < moved.rank() && lengths[static_cast<size_t>(axis)] < 0;
    if (possible) lengths[static_cast<size_t>(axis)] = moved[static_cast<int>(i)];
  }
  for (const int64_t axis : note.flipped) possible = possible && axis >= 0 && axis < moved.rank();
  if (!possible) {
    throw Error({.where = where, .rule = "a note names each axis of its tensor once", .received = Text(note)});
  }
  Tensor tensor(Shape(lengths), dtype);
  MoveAxesBack(bytes, tensor.bytes(), tensor.shape(), SizeInBytes(dtype), note.axes, note.flipped);
  return tensor;
}

}  // namespace convscope::internal
