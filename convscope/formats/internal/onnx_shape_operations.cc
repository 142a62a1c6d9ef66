// Operations that move elements, repeat them or leave some out, in ONNX.
#include <limits>

#include "convscope/formats/internal/onnx_padding.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"

namespace convscope::internal {
namespace {

// The order of elements is that of our axes. 0 and -1 mean the same in ONNX.
void WriteReshape(NodeWriter& node) {
  const std::string shape = node.Integers("shape", node.attributes().Integers("shape"));
  node.Add("Reshape", {node.Input(0, Layout::kOurs), shape}, Layout::kOurs);
}

OperationPtr ReadReshape(const OnnxAttributes& attributes) {
  return ReshapeOp{attributes.Integers("shape")};
}

void WriteTranspose(NodeWriter& node) {
  const std::vector<int64_t>& axes = node.attributes().Integers("axes");
  const std::string x = node.Input(0, Layout::kOurs);
  const std::vector<int64_t> in_file = InLayout(axes, Layout::kChannelsFirst);
  if (node.StandsInFile(Layout::kChannelsFirst) && std::is_sorted(in_file.begin(), in_file.end())) {
    node.Add("Identity", {x}, Layout::kChannelsFirst);  // reading moved what stays as it is
    return;
  }
  Set(node.Add("Transpose", {x}, Layout::kOurs), "perm", axes);
}

OperationPtr ReadTranspose(const OnnxAttributes& attributes) {
  return TransposeOp{attributes.Integers("axes")};
}

void WritePad(NodeWriter& node) {
  const OnnxAttributes& attributes = node.attributes();
  const Layout layout = node.Following();
  const auto lengths = node.InputType(0).shape.lengths();
  const OnnxPadding padding{.lengths = InLayout({lengths.begin(), lengths.end()}, layout),
                            .before = InLayout(attributes.Integers("before"), layout),
                            .after = InLayout(attributes.Integers("after"), layout),
                            .mode = attributes.Mode("mode"),
                            .value = attributes.Has("value") ? attributes.Number("value") : 0};
  const std::string x = node.Input(0, layout);
  AddPadded(node, x, padding,
            [&](const std::string& type, const std::vector<std::string>& inputs) -> onnx_schema::NodeProto& {
              return node.Add(type, inputs, layout);
            });
}

OperationPtr ReadPad(const OnnxAttributes& attributes) {
  return PadOp{.before = attributes.Integers("before"),
               .after = attributes.Integers("after"),
               .mode = attributes.Mode("mode"),
               .value = attributes.Has("value") ? attributes.Number("value") : 0};
}

void WriteCrop(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::vector<int64_t> before = InLayout(node.attributes().Integers("before"), layout);
  const std::vector<int64_t> after = InLayout(node.attributes().Integers("after"), layout);
  std::vector<int64_t> starts, ends, axes;
  for (size_t i = 0; i < before.size(); ++i) {
    if (before[i] == 0 && after[i] == 0) continue;
    axes.push_back(static_cast<int64_t>(i));
    starts.push_back(before[i]);
    ends.push_back(after[i] > 0 ? -after[i] : std::numeric_limits<int64_t>::max());
  }
  const std::string x = node.Input(0, layout);
  if (axes.empty()) {
    node.Add("Identity", {x}, layout);
  } else {
    node.Add("Slice", {x, node.Integers("starts", starts), node.Integers("ends", ends), node.Integers("axes", axes)},
             layout);
  }
}

OperationPtr ReadCrop(const OnnxAttributes& attributes) {
  return CropOp{.before = attributes.Integers("before"), .after = attributes.Integers("after")};
}

void WriteConcat(NodeWriter& node) {
  const Layout layout = node.Following();
  std::vector<std::string> parts;
  for (size_t i = 0; i < node.input_count(); ++i) parts.push_back(node.Input(i, layout));
  const int64_t axis = NodeWriter::AxisIn(layout, node.attributes().Integer("axis"), node.rank());
  Set(node.Add("Concat", parts, layout), "axis", axis);
}

OperationPtr ReadConcat(const OnnxAttributes& attributes) {
  return ConcatOp{attributes.Integer("axis")};
}

void WriteUpSample(NodeWriter& node) {
  std::vector<int64_t> sizes = node.attributes().Integers("sizes");
  if (sizes.size() == 1) sizes.assign(static_cast<size_t>(node.rank() - 2), sizes[0]);
  Tensor scales = Tensor::Zeros(Shape{node.rank()});
  scales.data()[0] = scales.data()[1] = 1;
  for (size_t i = 0; i < sizes.size(); ++i) scales.data()[i + 2] = static_cast<float>(sizes[i]);
  const std::string x = node.Input(0, Layout::kChannelsFirst);
  const std::string factors = node.Constant("scales", std::move(scales));
  onnx_schema::NodeProto& resize = node.Add("Resize", {x, "", factors}, Layout::kChannelsFirst);
  if (node.attributes().Word("interpolation") == "nearest") {
    Set(resize, "coordinate_transformation_mode", std::string("asymmetric"));
    Set(Set(resize, "mode", std::string("nearest")), "nearest_mode", std::string("floor"));
  } else {
    Set(Set(resize, "coordinate_transformation_mode", std::string("half_pixel")), "mode", std::string("linear"));
  }
}

OperationPtr ReadUpSample(const OnnxAttributes& attributes) {
  const std::string& interpolation = attributes.Word("interpolation");
  if (interpolation != "nearest" && interpolation != "bilinear") {
    throw Error({.rule = "interpolation is nearest or bilinear", .received = '"' + interpolation + '"'});
  }
  return UpSampleOp{.sizes = attributes.Integers("sizes"),
                    .interpolation = interpolation == "nearest" ? UpSampleOp::Interpolation::kNearest
                                                                : UpSampleOp::Interpolation::kBilinear};
}

// Inference alone: nothing is dropped, and runtimes take it away. The rate stays to be seen.
void WriteDropout(NodeWriter& node) {
  const Layout layout = node.Following();
  const std::string x = node.Input(0, layout);
  node.Add("Dropout", {x, node.Number("ratio", node.attributes().Number("rate"))}, layout);
}

OperationPtr ReadDropout(const OnnxAttributes& attributes) {
  return DropoutOp{.rate = attributes.Number("rate"),
                   .spatial = attributes.Has("spatial") && attributes.Flag("spatial")};
}

}  // namespace

std::vector<OnnxOperation> OnnxShapeOperations() {
  return {
      {"Reshape", WriteReshape, ReadReshape},
      {"Transpose", WriteTranspose, ReadTranspose},
      {"Pad", WritePad, ReadPad},
      {"Crop", WriteCrop, ReadCrop},
      {"Concat", WriteConcat, ReadConcat},
      {"UpSample", WriteUpSample, ReadUpSample},
      {"Dropout", WriteDropout, ReadDropout},
  };
}

}  // namespace convscope::internal
