// Normalizations in ONNX.
#include <utility>

#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/lp_normalization_operation.h"
#include "convscope/graph/normalization_operation.h"

namespace convscope::internal {
namespace {

// Where our operation goes without a factor or a term, ONNX wants one that changes nothing.
std::string Filled(NodeWriter& node, std::string_view purpose, Shape shape, double value) {
  Tensor tensor(shape, node.InputType(0).dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (tensor.dtype() == DType::kFloat64) {
      tensor.data<double>()[i] = value;
    } else {
      tensor.data()[i] = static_cast<float>(value);
    }
  }
  return node.Constant(purpose, std::move(tensor));
}

void WriteBatchNormalization(NodeWriter& node) {
  const OnnxAttributes& attributes = node.attributes();
  const Shape channels = {node.InputType(0).shape.back()};
  size_t next = 0;
  std::vector<std::string> inputs = {node.Input(next++, Layout::kChannelsFirst)};
  inputs.push_back(attributes.Flag("scale") ? node.Input(next++, Layout::kOurs) : Filled(node, "ones", channels, 1));
  inputs.push_back(attributes.Flag("center") ? node.Input(next++, Layout::kOurs) : Filled(node, "zeros", channels, 0));
  inputs.push_back(node.Input(next++, Layout::kOurs));
  inputs.push_back(node.Input(next++, Layout::kOurs));
  Set(node.Add("BatchNormalization", inputs, Layout::kChannelsFirst), "epsilon",
      static_cast<float>(attributes.Number("epsilon")));
}

OperationPtr ReadBatchNormalization(const OnnxAttributes& attributes) {
  return BatchNormalizationOp{.epsilon = attributes.Number("epsilon"),
                              .momentum = attributes.Number("momentum"),
                              .center = attributes.Flag("center"),
                              .scale = attributes.Flag("scale")};
}

// The lengths that each mean is over, which gamma and beta have too, or as many in one axis: ONNX knows the first only.
std::string LayerParameter(NodeWriter& node, size_t i, std::string_view step, const Shape& shape) {
  const std::string value = node.Input(i, Layout::kOurs);
  if (node.InputType(i).shape == shape) return value;
  const std::string lengths =
      node.Integers(std::string(step) + "_shape", {shape.lengths().begin(), shape.lengths().end()});
  return OutputOf(node.AddStep(step, "Reshape", {value, lengths}));
}

void WriteLayerNormalization(NodeWriter& node) {
  const OnnxAttributes& attributes = node.attributes();
  const int64_t axis = NodeWriter::AxisIn(Layout::kOurs, attributes.Integer("axis"), node.rank());
  const Shape shape(node.InputType(0).shape.lengths().subspan(static_cast<size_t>(axis)));
  size_t next = 0;
  std::vector<std::string> inputs = {node.Input(next++, Layout::kOurs)};
  inputs.push_back(attributes.Flag("scale") ? LayerParameter(node, next++, "gamma", shape)
                                            : Filled(node, "ones", shape, 1));
  if (attributes.Flag("center")) inputs.push_back(LayerParameter(node, next++, "beta", shape));
  onnx_schema::NodeProto& added = node.Add("LayerNormalization", inputs, Layout::kOurs);
  Set(Set(added, "axis", axis), "epsilon", static_cast<float>(attributes.Number("epsilon")));
}

OperationPtr ReadLayerNormalization(const OnnxAttributes& attributes) {
  return LayerNormalizationOp{.axis = attributes.Integer("axis"),
                              .epsilon = attributes.Number("epsilon"),
                              .center = attributes.Flag("center"),
                              .scale = attributes.Flag("scale")};
}

onnx_schema::NodeProto& SetResponse(onnx_schema::NodeProto& node, const OnnxAttributes& attributes) {
  for (const char* name : {"alpha", "beta", "bias"}) Set(node, name, static_cast<float>(attributes.Number(name)));
  return Set(node, "size", attributes.Integer("size"));
}

// Runtimes have it for pictures; the rows of other tensors become pictures of one pixel.
void WriteLocalResponse(NodeWriter& node) {
  if (node.rank() == 4) {
    const std::string x = node.Input(0, Layout::kChannelsFirst);
    SetResponse(node.Add("LRN", {x}, Layout::kChannelsFirst), node.attributes());
    return;
  }
  const auto lengths = node.InputType(0).shape.lengths();
  std::vector<int64_t> back(lengths.begin(), lengths.end());
  if (back.size() > 1) back[0] = -1;  // the batch
  const std::string x = node.Input(0, Layout::kOurs);
  const std::string pixels =
      OutputOf(node.AddStep("pixels", "Reshape", {x, node.Integers("pixels_shape", {-1, lengths.back(), 1, 1})}));
  onnx_schema::NodeProto& response = SetResponse(node.AddStep("response", "LRN", {pixels}), node.attributes());
  node.Add("Reshape", {OutputOf(response), node.Integers("shape", back)}, Layout::kOurs);
}

OperationPtr ReadLocalResponse(const OnnxAttributes& attributes) {
  return LocalResponseNormalizationOp{.size = attributes.Integer("size"),
                                      .alpha = attributes.Number("alpha"),
                                      .beta = attributes.Number("beta"),
                                      .bias = attributes.Number("bias")};
}

// A parameter (C,) beside channels first: (C, 1, ...).
std::string BesidePixels(NodeWriter& node, size_t i, std::string_view step) {
  const std::string value = node.Input(i, Layout::kOurs);
  if (node.rank() < 3) return value;
  std::vector<int64_t> lengths(static_cast<size_t>(node.rank() - 1), 1);
  lengths[0] = -1;
  return OutputOf(node.AddStep(step, "Reshape", {value, node.Integers(std::string(step) + "_shape", lengths)}));
}

// Opset 17 has it of single channels; a group becomes one whose pixels are those of all of its channels.
void WriteGroupNormalization(NodeWriter& node) {
  const Shape& shape = node.InputType(0).shape;
  const auto epsilon = static_cast<float>(node.attributes().Number("epsilon"));
  const int64_t groups = node.attributes().Integer("groups");
  const std::string x = node.Input(0, Layout::kChannelsFirst);
  if (groups == 0 && node.rank() > 2) {
    const std::vector<std::string> inputs = {x, node.Input(1, Layout::kOurs), node.Input(2, Layout::kOurs)};
    Set(node.Add("InstanceNormalization", inputs, Layout::kChannelsFirst), "epsilon", epsilon);
    return;
  }
  const int64_t count = groups == 0 ? shape.back() : groups;
  const std::string rows =
      OutputOf(node.AddStep("groups", "Reshape", {x, node.Integers("groups_shape", {0, count, -1})}));
  const std::vector<std::string> inputs = {rows, Filled(node, "ones", {count}, 1), Filled(node, "zeros", {count}, 0)};
  const std::string normal = OutputOf(Set(node.AddStep("normal", "InstanceNormalization", inputs), "epsilon", epsilon));
  std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
  lengths[0] = 0;  // the batch
  const std::string whole = OutputOf(node.AddStep(
      "whole", "Reshape", {normal, node.Integers("whole_shape", InLayout(lengths, Layout::kChannelsFirst))}));
  const std::string scaled = OutputOf(node.AddStep("scaled", "Mul", {whole, BesidePixels(node, 1, "scale")}));
  node.Add("Add", {scaled, BesidePixels(node, 2, "bias")}, Layout::kChannelsFirst);
}

OperationPtr ReadGroupNormalization(const OnnxAttributes& attributes) {
  return GroupNormalizationOp{.groups = attributes.Integer("groups"), .epsilon = attributes.Number("epsilon")};
}

void WriteLpNormalization(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::string x = node.Input(0, layout);
  const int64_t axis = NodeWriter::AxisIn(layout, node.attributes().Integer("axis"), node.rank());
  Set(Set(node.Add("LpNormalization", {x}, layout), "axis", axis), "p", node.attributes().Integer("p"));
}

OperationPtr ReadLpNormalization(const OnnxAttributes& attributes) {
  return LpNormalizationOp{.axis = attributes.Integer("axis"), .p = attributes.Integer("p")};
}

void WriteNormalization(NodeWriter& node) {
  const std::string x = node.Input(0, Layout::kOurs), mean = node.Input(1, Layout::kOurs);
  const std::string variance = node.Input(2, Layout::kOurs);
  const std::string centred = OutputOf(node.AddStep("centred", "Sub", {x, mean}));
  const std::string root = OutputOf(node.AddStep("root", "Sqrt", {variance}));
  const std::string epsilon = node.Number("epsilon", node.attributes().Number("epsilon"));
  const std::string deviation = OutputOf(node.AddStep("deviation", "Max", {root, epsilon}));
  node.Add("Div", {centred, deviation}, Layout::kOurs);
}

OperationPtr ReadNormalization(const OnnxAttributes& attributes) {
  return NormalizationOp{.epsilon = attributes.Number("epsilon")};
}

}  // namespace

std::vector<OnnxOperation> OnnxNormalizations() {
  return {
      {"BatchNormalization", WriteBatchNormalization, ReadBatchNormalization},
      {"GroupNormalization", WriteGroupNormalization, ReadGroupNormalization},
      {"LpNormalization", WriteLpNormalization, ReadLpNormalization},
      {"LayerNormalization", WriteLayerNormalization, ReadLayerNormalization},
      {"LRN", WriteLocalResponse, ReadLocalResponse},
      {"Normalization", WriteNormalization, ReadNormalization},
  };
}

}  // namespace convscope::internal
