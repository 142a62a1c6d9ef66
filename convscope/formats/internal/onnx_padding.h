// Padding by nodes of its own: what Pad does, and the modes that convolutions and pools of ONNX do not have. Not for
// users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_PADDING_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_PADDING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "convscope/formats/internal/onnx_node_writer.h"

namespace convscope::internal {

// One entry an axis, in the order of the value in the file.
struct OnnxPadding {
  std::vector<int64_t> lengths;  // of the value; read where mode is kWrap and there is something to add
  std::vector<int64_t> before, after;
  PadMode mode = PadMode::kZero;
  double value = 0;  // what kZero adds

  bool IsEmpty() const;
};

// Adds the nodes that pad `value`; the last one is made by `add_last`, whose result is returned.
using NodeAdder =
    std::function<onnx_schema::NodeProto&(const std::string& type, const std::vector<std::string>& inputs)>;
onnx_schema::NodeProto& AddPadded(NodeWriter& node, const std::string& value, const OnnxPadding& padding,
                                  const NodeAdder& add_last);

// The name of `value` padded by steps of `node`; `value` itself where there is nothing to add.
std::string Padded(NodeWriter& node, const std::string& value, const OnnxPadding& padding);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_PADDING_H_
