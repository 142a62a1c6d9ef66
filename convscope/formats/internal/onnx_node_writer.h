// One node of our graph while it is turned into nodes of an .onnx file: what the writers in the table of operations
// work with. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_NODE_WRITER_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_NODE_WRITER_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/formats/internal/onnx_attributes.h"
#include "convscope/formats/internal/onnx_form.h"

namespace convscope::internal {

class OnnxFormWriter;

// Sets one attribute of a node of the file, and hands the node on: Set(Set(node, "axis", 1), "alpha", 0.5f).
onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, int64_t value);
onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, float value);
onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, const std::string& value);
onnx_schema::NodeProto& Set(onnx_schema::NodeProto& node, const std::string& name, const std::vector<int64_t>& value);

// `lengths` of (N, spatial..., C) as (N, C, spatial...), or anything else that has one entry an axis.
std::vector<int64_t> ChannelsFirst(std::span<const int64_t> lengths);
// One value an axis of ours, in the order of the axes in `layout`.
std::vector<int64_t> InLayout(const std::vector<int64_t>& values, Layout layout);

class NodeWriter {
 public:
  NodeWriter(OnnxFormWriter& form, const GraphNode& node);

  std::string_view type() const { return node_.operation->type(); }
  const OnnxAttributes& attributes() const { return attributes_; }
  size_t input_count() const { return node_.inputs.size(); }
  const TensorType& InputType(size_t i) const;
  const TensorType& OutputType() const;
  int rank() const { return InputType(0).shape.rank(); }  // axes of the first input

  // kChannelsFirst if an input stands that way already, which an operation that does not mind takes over.
  Layout Following() const;
  // The same for an operation that broadcasts; kOurs where an input that is computed has fewer axes than the output,
  // since its axes are counted from the last one.
  Layout FollowingBroadcast() const;
  // Whether the file that the model came from has the first output in this layout.
  bool StandsInFile(Layout layout) const;
  // The axis of a tensor in `layout` that is axis `axis` (from the end, if negative) of ours.
  static int64_t AxisIn(Layout layout, int64_t axis, int rank);

  // The name in the file of input i in this layout; adds a Transpose where it stands otherwise.
  std::string Input(size_t i, Layout layout);
  // Input i of an operation that broadcasts in `layout`, which is FollowingBroadcast(): a parameter of fewer axes than
  // the output is stored so that they meet those that they meet in ours; (C,) as (C, 1, 1) where channels are second.
  std::string Term(size_t i, Layout layout);
  // Input i with its axes `flipped` turned around, then moved as `axes` says: a parameter is stored that way.
  std::string MovedInput(size_t i, const std::vector<int64_t>& axes, const std::vector<int64_t>& flipped = {});

  // An initializer called NODE/purpose.
  std::string Constant(std::string_view purpose, Tensor tensor);
  std::string Integers(std::string_view purpose, const std::vector<int64_t>& values);  // int64 (n,)
  std::string Number(std::string_view purpose, double value);  // a scalar of the first input's type, which holds it

  // A node called NODE/step, with one output of that name; returns the node.
  onnx_schema::NodeProto& AddStep(std::string_view step, const std::string& type,
                                  const std::vector<std::string>& inputs);
  // A further output of such a node; returns its name.
  std::string AddOutput(onnx_schema::NodeProto& added, std::string_view purpose);
  // The node that has the name of ours, and its first output, which is in `layout`. Once, after all steps.
  onnx_schema::NodeProto& Add(const std::string& type, const std::vector<std::string>& inputs, Layout layout);
  // The same, of a function of ours (see onnx_function.h).
  onnx_schema::NodeProto& AddFunction(const std::string& name, const std::vector<std::string>& inputs, Layout layout);

 private:
  OnnxFormWriter& form_;
  const GraphNode& node_;
  OnnxAttributes attributes_;
};

// The output of a node of the file, to be read by the next.
inline const std::string& OutputOf(const onnx_schema::NodeProto& node) {
  return node.output(0);
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_NODE_WRITER_H_
