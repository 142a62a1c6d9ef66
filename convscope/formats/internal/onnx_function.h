// Activations that opset 17 lacks, as functions of the domain "convscope" that a file brings along: any runtime that
// knows functions computes them, and Netron shows one node. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_FUNCTION_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_FUNCTION_H_

#include <string>

#include "onnx_schema.pb.h"

namespace convscope::internal {

inline constexpr char kOnnxDomain[] = "convscope";
inline constexpr int64_t kOnnxOpset = 17;

// The function of this name: "Swish", "Mish", "Gelu", "GeluTanh"; one input X, one output Y.
onnx_schema::FunctionProto OnnxFunction(const std::string& name);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_FUNCTION_H_
