#include "convscope/formats/internal/onnx_form_writer.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_function.h"
#include "convscope/formats/internal/onnx_node_writer.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/graph/rebuild.h"

namespace convscope::internal {
namespace {

std::vector<int64_t> Counting(int count) {
  std::vector<int64_t> numbers(static_cast<size_t>(count));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

// Transposes between the layouts.
std::vector<int64_t> ToChannelsFirst(int rank) {
  return ChannelsFirst(Counting(rank));
}
std::vector<int64_t> FromChannelsFirst(int rank) {
  std::vector<int64_t> axes = Counting(rank);
  std::rotate(axes.begin() + 1, axes.begin() + 2, axes.end());
  return axes;
}

void SetDims(const Shape& shape, onnx_schema::TensorProto& header) {
  for (const int64_t length : shape.lengths()) header.add_dims(length);
}

}  // namespace

OnnxFormWriter::OnnxFormWriter(const Graph& graph, const std::vector<std::string>& outputs)
    : graph_(graph), values_(graph.tensors().size()), is_output_(graph.tensors().size()) {
  CheckGraph();
  for (const GraphTensor& tensor : graph.tensors()) names_.insert(tensor.name);
  for (const GraphNode& node : graph.nodes()) names_.insert(node.name);
  FindLengths();
  AddInputsAndOutputs(outputs);
}

void OnnxFormWriter::CheckGraph() const {
  if (graph_.nodes().empty()) throw Error({.where = "graph", .rule = "a model has nodes", .received = "none"});
  for (const GraphTensor& tensor : graph_.tensors()) {
    const auto lengths = tensor.type.shape.lengths();
    if (std::count(lengths.begin(), lengths.end(), 0) > 0) {
      throw Error({.where = "tensor " + tensor.name,
                   .rule = "no axis in an .onnx file has length 0",
                   .received = tensor.type.ToString()});
    }
    TextOfNames({tensor.name});  // it is UTF-8
  }
}

// The lengths that follow the batch are those that change when the graph is built again for another one. Where it
// cannot be, the batch is part of the graph and stays a number.
void OnnxFormWriter::FindLengths() {
  int64_t batch = 0;
  bool same_batch = true;
  for (const GraphTensor& tensor : graph_.tensors()) {
    const auto lengths = tensor.type.shape.lengths();
    std::vector<Length> list;
    for (const int64_t length : lengths) list.push_back({.value = length});
    lengths_.push_back(std::move(list));
    if (tensor.role != TensorRole::kInput) continue;
    if (lengths.empty() || (batch > 0 && lengths[0] != batch)) same_batch = false;
    if (!lengths.empty()) batch = lengths[0];
  }
  if (!same_batch || batch == 0) return;
  const int64_t other_batch = batch + 2;
  Graph other;
  try {
    other = Rebuild(graph_, {.batch = other_batch}).builder.Build();
  } catch (const Error&) {
    return;
  }
  for (size_t t = 0; t < lengths_.size(); ++t) {
    if (graph_.tensors()[t].role == TensorRole::kParameter) continue;
    const Shape& shape = other[graph_.tensors()[t].name].type.shape;
    for (size_t axis = 0; axis < lengths_[t].size(); ++axis) {
      Length& length = lengths_[t][axis];
      const int64_t other_length = shape[static_cast<int>(axis)];
      length.is_open = other_length != length.value;
      length.is_batch = length.is_open && length.value == batch && other_length == other_batch;
    }
  }
}

void OnnxFormWriter::Describe(int tensor, Layout layout, onnx_schema::ValueInfoProto& info) const {
  onnx_schema::TypeProto_Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(OnnxType(Tensor(tensor).type.dtype));
  std::vector<Length> lengths = lengths_[tensor];
  if (layout == Layout::kChannelsFirst) std::rotate(lengths.begin() + 1, lengths.end() - 1, lengths.end());
  type.mutable_shape();
  for (size_t axis = 0; axis < lengths.size(); ++axis) {
    onnx_schema::TensorShapeProto_Dimension& dim = *type.mutable_shape()->add_dim();
    if (lengths[axis].is_batch) {
      dim.set_dim_param("N");
    } else if (!lengths[axis].is_open) {
      dim.set_dim_value(lengths[axis].value);
    }
    // ONNX' words for what an axis means.
    if (layout == Layout::kChannelsFirst) {
      dim.set_denotation(axis == 0 ? "DATA_BATCH" : axis == 1 ? "DATA_CHANNEL" : "DATA_FEATURE");
    }
  }
}

void OnnxFormWriter::AddInputsAndOutputs(const std::vector<std::string>& outputs) {
  for (size_t t = 0; t < graph_.tensors().size(); ++t) {
    const GraphTensor& tensor = graph_.tensors()[t];
    if (tensor.role != TensorRole::kInput) continue;
    onnx_schema::ValueInfoProto& info = *form_.graph.add_input();
    info.set_name(tensor.name);
    const auto lengths = tensor.type.shape.lengths();
    info.set_doc_string(Text(InputNote{{lengths.begin(), lengths.end()}}));
    Describe(static_cast<int>(t), Layout::kOurs, info);
    values_[t].ours = tensor.name;
  }
  if (outputs.empty()) throw Error({.where = "graph", .rule = "a model has outputs", .received = "none"});
  for (const std::string& output : outputs) {
    const int t = graph_.Find(output);
    if (Tensor(t).role != TensorRole::kComputed || is_output_[t]) {
      throw Error({.where = "output " + output,
                   .rule = "an output is a computed tensor, named once",
                   .received = is_output_[t] ? "this name again" : "an input or a parameter"});
    }
    is_output_[t] = true;
    onnx_schema::ValueInfoProto& info = *form_.graph.add_output();
    info.set_name(output);
    Describe(t, Layout::kOurs, info);
  }
}

std::string OnnxFormWriter::Unused(std::string name) {
  while (!names_.insert(name).second) name += '\'';
  return name;
}

onnx_schema::NodeProto& OnnxFormWriter::AddNode(const std::string& name, const std::string& type,
                                                const std::string& output) {
  onnx_schema::NodeProto& node = *form_.graph.add_node();
  node.set_name(name);
  node.set_op_type(type);
  node.add_output(output);
  return node;
}

void OnnxFormWriter::AddTransposed(int tensor, const std::string& from, const std::string& to, Layout to_layout) {
  const int rank = Tensor(tensor).type.shape.rank();
  // Its output may be one of ours; a node has a name of its own.
  const std::string name = graph_.Has(to) ? Unused(to + "/channels_last") : to;
  onnx_schema::NodeProto& node = AddNode(name, "Transpose", to);
  node.add_input(from);
  Set(node, "perm", to_layout == Layout::kChannelsFirst ? ToChannelsFirst(rank) : FromChannelsFirst(rank));
  if (is_output_[tensor] && to_layout == Layout::kOurs) return;  // described as an output
  onnx_schema::ValueInfoProto& info = *form_.graph.add_value_info();
  info.set_name(to);
  Describe(tensor, to_layout, info);
}

std::string OnnxFormWriter::Value(int tensor, Layout layout) {
  const int rank = Tensor(tensor).type.shape.rank();
  if (rank < 3) layout = Layout::kOurs;
  if (Tensor(tensor).role == TensorRole::kParameter) {
    return Stored(tensor, layout == Layout::kOurs ? Counting(rank) : ToChannelsFirst(rank), {});
  }
  Names& names = values_[tensor];
  if (layout == Layout::kOurs && names.ours.empty()) {
    names.ours = Unused(Tensor(tensor).name + "/channels_last");
    AddTransposed(tensor, names.channels_first, names.ours, layout);
  } else if (layout == Layout::kChannelsFirst && names.channels_first.empty()) {
    names.channels_first = Unused(Tensor(tensor).name + "/channels_first");
    AddTransposed(tensor, names.ours, names.channels_first, layout);
  }
  return layout == Layout::kOurs ? names.ours : names.channels_first;
}

std::string OnnxFormWriter::Stored(int parameter, const std::vector<int64_t>& axes,
                                   const std::vector<int64_t>& flipped) {
  const GraphTensor& tensor = Tensor(parameter);
  const ParameterNote note{.parameter = tensor.name, .axes = axes, .flipped = flipped};
  bool stored = false;
  for (const StoredTensor& known : form_.tensors) {
    if (known.parameter == parameter && known.note == note) return known.header.name();
    stored = stored || known.parameter == parameter;
  }
  StoredTensor& added = form_.tensors.emplace_back();
  added.parameter = parameter;
  added.note = note;
  // A second form, where one parameter serves two kinds of nodes.
  added.header.set_name(stored ? Unused(tensor.name + "/stored") : tensor.name);
  added.header.set_data_type(OnnxType(tensor.type.dtype));
  added.header.set_doc_string(Text(note));
  for (const int64_t axis : axes) added.header.add_dims(tensor.type.shape[static_cast<int>(axis)]);
  return added.header.name();
}

std::string OnnxFormWriter::Constant(const std::string& name, convscope::Tensor tensor) {
  StoredTensor& added = form_.tensors.emplace_back();
  added.header.set_name(Unused(name));
  added.header.set_data_type(OnnxType(tensor.dtype()));
  SetDims(tensor.shape(), added.header);
  added.constant = Share(std::move(tensor));
  return added.header.name();
}

onnx_schema::NodeProto& OnnxFormWriter::AddMainNode(const GraphNode& node, const std::string& type,
                                                    const OnnxAttributes& attributes,
                                                    const std::vector<std::string>& inputs, Layout layout) {
  const int tensor = node.outputs[0];
  const GraphTensor& output = Tensor(tensor);
  if (output.type.shape.rank() < 3) layout = Layout::kOurs;
  // An output of the model stands as in our graph; other tensors as they come, under our name all the same.
  const bool turned = layout == Layout::kChannelsFirst && is_output_[tensor];
  const std::string name = turned ? Unused(output.name + "/channels_first") : output.name;
  (layout == Layout::kOurs ? values_[tensor].ours : values_[tensor].channels_first) = name;

  onnx_schema::NodeProto& added = AddNode(node.name, type, name);
  for (const std::string& input : inputs) added.add_input(input);
  NodeNote note{.operation = std::string(node.operation->type()), .attributes = attributes};
  for (const int input : node.inputs) note.inputs.push_back(Tensor(input).name);
  for (const int each : node.outputs) note.outputs.push_back(Tensor(each).name);
  added.set_doc_string(Text(note));
  if (turned || !is_output_[tensor]) {
    onnx_schema::ValueInfoProto& info = *form_.graph.add_value_info();
    info.set_name(name);
    Describe(tensor, layout, info);
  }
  if (turned) {
    values_[tensor].ours = output.name;
    AddTransposed(tensor, name, output.name, Layout::kOurs);
  }
  return added;
}

OnnxForm OnnxFormWriter::Write() {
  for (const GraphNode& node : graph_.nodes()) {
    try {
      if (node.outputs.size() != 1) {
        throw Error({.rule = "a node in an .onnx file of ours has one output",
                     .received = Concat(node.outputs.size(), " outputs"),
                     .fix = "write the graph that does not learn"});
      }
      NodeWriter writer(*this, node);
      FindOnnxOperation(node.operation->type()).write(writer);
    } catch (const Error& error) {
      throw error.At(Concat("node ", node.name, " (", node.operation->type(), ")"));
    }
  }
  // Every parameter travels, whether a node reads it or not.
  for (size_t t = 0; t < graph_.tensors().size(); ++t) {
    const auto holds = [&](const StoredTensor& stored) { return stored.parameter == static_cast<int>(t); };
    if (graph_.tensors()[t].role != TensorRole::kParameter) continue;
    if (std::any_of(form_.tensors.begin(), form_.tensors.end(), holds)) continue;
    Stored(static_cast<int>(t), Counting(graph_.tensors()[t].type.shape.rank()), {});
  }
  const auto before = [](const StoredTensor& a, const StoredTensor& b) {
    if (a.parameter < 0 || b.parameter < 0) return a.parameter >= 0 && b.parameter < 0;
    return a.parameter < b.parameter;
  };
  std::stable_sort(form_.tensors.begin(), form_.tensors.end(), before);
  return std::move(form_);
}

}  // namespace convscope::internal
