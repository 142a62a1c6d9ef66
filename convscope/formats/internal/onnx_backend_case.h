// Cases of the ONNX backend suite (Debian: libonnx-testdata): a folder with model.onnx and numbered sets of inputs and
// the outputs that they give. For tests; not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_BACKEND_CASE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_BACKEND_CASE_H_

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_importer.h"
#include "convscope/formats/internal/onnx_tensor.h"
#include "convscope/formats/internal/onnx_wire.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/trace.h"

namespace convscope::internal {

struct OnnxCaseResult {
  enum class Kind { kPassed, kFailed, kNotClaimed };
  Kind kind = Kind::kPassed;
  std::string reason;  // of one that did not pass
};

inline bool IsBrain(const onnx_schema::ValueInfoProto& value) {
  return value.type().tensor_type().elem_type() == onnx_schema::TensorProto::BFLOAT16;
}

// A tensor of a .pb file, of a value of this type: the suite keeps the bits of bfloat16 as uint16.
inline SharedTensor ReadCaseTensor(const std::filesystem::path& path, const onnx_schema::ValueInfoProto& value) {
  const std::string bytes = ReadFile(path, int64_t{1} << 30);
  onnx_schema::TensorProto tensor;
  if (!tensor.ParseFromString(bytes))
    throw Error({.where = path.string(), .rule = "a tensor", .received = "another message"});
  if (IsBrain(value)) tensor.set_data_type(onnx_schema::TensorProto::BFLOAT16);
  ExternalNumbers none({}, 0);
  return Share(ImportTensor(tensor, {}, none, path.filename().string()));
}

template <typename T>
bool NearAll(const Tensor& actual, const Tensor& expected, double relative, double absolute, std::string& reason) {
  for (int64_t i = 0; i < expected.size(); ++i) {
    const auto a = static_cast<double>(actual.data<T>()[i]), b = static_cast<double>(expected.data<T>()[i]);
    if (std::isnan(a) && std::isnan(b)) continue;
    if (a == b || std::abs(a - b) <= absolute + relative * std::abs(b)) continue;
    reason = Concat("element ", i, " is ", a, ", expected ", b);
    return false;
  }
  return true;
}

// What a float of this type may differ by, as a share of its value: the suite's 1e-3, or the last of the 8 bits that
// bfloat16 has.
inline double Tolerance(const onnx_schema::ValueInfoProto& value) {
  return IsBrain(value) ? 0x1p-7 : 1e-3;
}

// Floats within `relative` of the value and 1e-7; all else exactly.
inline bool SameOutput(const Tensor& actual, const Tensor& expected, double relative, std::string& reason) {
  if (actual.shape() != expected.shape() || actual.dtype() != expected.dtype()) {
    reason = Concat(TensorType{actual.shape(), actual.dtype()}.ToString(), " instead of ",
                    TensorType{expected.shape(), expected.dtype()}.ToString());
    return false;
  }
  constexpr double kAbsolute = 1e-7;
  switch (expected.dtype()) {
    case DType::kFloat32:
      return NearAll<float>(actual, expected, relative, kAbsolute, reason);
    case DType::kFloat64:
      return NearAll<double>(actual, expected, relative, kAbsolute, reason);
    default:
      if (std::equal(expected.bytes(), expected.bytes() + expected.SizeInBytes(), actual.bytes())) return true;
      reason = "other integers or bools";
      return false;
  }
}

inline OnnxCaseResult RunOnnxCase(const std::filesystem::path& folder) {
  using Kind = OnnxCaseResult::Kind;
  const std::string model = ReadFile(folder / "model.onnx", int64_t{1} << 30);
  OnnxPieces pieces = SplitOnnx(model, int64_t{1} << 24, "model.onnx");
  for (int set = 0; std::filesystem::exists(folder / Concat("test_data_set_", set)); ++set) {
    const std::filesystem::path data = folder / Concat("test_data_set_", set);
    OnnxImport given;
    std::vector<SharedTensor> expected;
    try {
      for (int i = 0; std::filesystem::exists(data / Concat("input_", i, ".pb")); ++i) {
        const auto& input = pieces.graph.input(i);
        given.inputs[input.name()] = ReadCaseTensor(data / Concat("input_", i, ".pb"), input);
      }
      for (int i = 0; std::filesystem::exists(data / Concat("output_", i, ".pb")); ++i) {
        expected.push_back(ReadCaseTensor(data / Concat("output_", i, ".pb"), pieces.graph.output(i)));
      }
    } catch (const Error& error) {
      return {Kind::kNotClaimed, Concat("its data: ", error.what())};
    }
    std::optional<ModelFile> file;
    try {
      file = ParseOnnx(model, "model.onnx", {}, given);
    } catch (const Error& error) {
      return {Kind::kNotClaimed, error.what()};
    }
    if (!file->missing.empty()) return {Kind::kNotClaimed, file->missing.front()};
    try {
      NamedTensors inputs;
      for (const GraphTensor& tensor : file->model.graph().tensors()) {
        if (tensor.role != TensorRole::kInput) continue;
        SharedTensor value = given.inputs.at(tensor.name);
        const auto axes = file->axes.find(tensor.name);
        if (axes != file->axes.end()) value = Share(Moved(*value, axes->second, {}));
        inputs[tensor.name] = value;
      }
      const Trace trace(file->model, inputs);
      if (file->outputs.size() != expected.size()) {
        return {Kind::kFailed, Concat(file->outputs.size(), " outputs instead of ", expected.size())};
      }
      for (size_t i = 0; i < expected.size(); ++i) {
        SharedTensor value = trace.Get(file->outputs[i]);
        const auto axes = file->axes.find(file->outputs[i]);
        if (axes != file->axes.end()) value = Share(Moved(*value, Inverse(axes->second), {}));
        std::string reason;
        const double tolerance = Tolerance(pieces.graph.output(static_cast<int>(i)));
        if (!SameOutput(*value, *expected[i], tolerance, reason))
          return {Kind::kFailed, Concat("output ", i, ": ", reason)};
      }
    } catch (const Error& error) {
      return {Kind::kFailed, error.what()};
    }
  }
  return {};
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_BACKEND_CASE_H_
