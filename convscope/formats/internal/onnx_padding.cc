#include "convscope/formats/internal/onnx_padding.h"

#include <algorithm>

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

std::string Sliced(NodeWriter& node, const std::string& value, const std::string& step, int64_t begin, int64_t end,
                   int64_t axis) {
  const std::string from = node.Integers(step + "_from", {begin});
  const std::string to = node.Integers(step + "_to", {end});
  return OutputOf(node.AddStep(step, "Slice", {value, from, to, node.Integers(step + "_axes", {axis})}));
}

// Opset 17 has no such mode: the other end of each axis is put before and after it, axis by axis.
onnx_schema::NodeProto& AddWrapped(NodeWriter& node, std::string value, const OnnxPadding& padding,
                                   const NodeAdder& add_last) {
  size_t last = padding.lengths.size();
  while (padding.before[last - 1] == 0 && padding.after[last - 1] == 0) --last;
  for (size_t i = 0; i < last; ++i) {
    const int64_t before = padding.before[i], after = padding.after[i], length = padding.lengths[i];
    if (before == 0 && after == 0) continue;
    const auto axis = static_cast<int64_t>(i);
    std::vector<std::string> parts;
    if (before > 0) parts.push_back(Sliced(node, value, Concat("wrap_before_", i), length - before, length, axis));
    parts.push_back(value);
    if (after > 0) parts.push_back(Sliced(node, value, Concat("wrap_after_", i), 0, after, axis));
    if (i + 1 == last) return Set(add_last("Concat", parts), "axis", axis);
    value = OutputOf(Set(node.AddStep(Concat("wrap_", i), "Concat", parts), "axis", axis));
  }
  return add_last("Identity", {value});  // not reached: the last axis padded returns
}

}  // namespace

bool OnnxPadding::IsEmpty() const {
  const auto is_zero = [](int64_t count) { return count == 0; };
  return std::all_of(before.begin(), before.end(), is_zero) && std::all_of(after.begin(), after.end(), is_zero);
}

onnx_schema::NodeProto& AddPadded(NodeWriter& node, const std::string& value, const OnnxPadding& padding,
                                  const NodeAdder& add_last) {
  if (padding.IsEmpty()) return add_last("Identity", {value});
  if (padding.mode == PadMode::kWrap) return AddWrapped(node, value, padding, add_last);
  std::vector<int64_t> pads = padding.before;
  pads.insert(pads.end(), padding.after.begin(), padding.after.end());
  std::vector<std::string> inputs = {value, node.Integers("pads", pads)};
  if (padding.mode == PadMode::kZero) {
    inputs.push_back(node.Number("pad_value", padding.value));
    return Set(add_last("Pad", inputs), "mode", std::string("constant"));
  }
  return Set(add_last("Pad", inputs), "mode", std::string(Name(padding.mode)));  // edge and reflect, as ONNX has them
}

std::string Padded(NodeWriter& node, const std::string& value, const OnnxPadding& padding) {
  if (padding.IsEmpty()) return value;
  return OutputOf(
      AddPadded(node, value, padding,
                [&](const std::string& type, const std::vector<std::string>& inputs) -> onnx_schema::NodeProto& {
                  return node.AddStep("padded", type, inputs);
                }));
}

}  // namespace convscope::internal
