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

OnnxFormWriter::OnnxFormWriter(const Graph& graph, const std::vector<std::string>& outputs, const BorderAxes& axes)
    : graph_(graph),
      values_(graph.tensors().size()),
      is_output_(graph.tensors().size()),
      orders_(graph.tensors().size()),
      came_from_file_(!axes.empty()) {
  CheckGraph();
  for (const GraphTensor& tensor : graph.tensors()) names_.insert(tensor.name);
  for (const GraphNode& node : graph.nodes()) names_.insert(node.name);
  FindLengths();
  FindOrders(axes);
  AddInputsAndOutputs(outputs);
}

void OnnxFormWriter::FindOrders(const BorderAxes& axes) {
  for (size_t t = 0; t < orders_.size(); ++t) {
    const GraphTensor& tensor = graph_.tensors()[t];
    const auto told = axes.find(tensor.name);
    if (told == axes.end()) continue;
    std::vector<int64_t> order(told->second.size(), -1);
    for (size_t i = 0; i < order.size(); ++i) {
      const auto axis = static_cast<size_t>(told->second[i]);  // a negative one is none of them
      if (axis < order.size()) order[axis] = static_cast<int64_t>(i);
    }
    if (static_cast<int>(order.size()) != tensor.type.shape.rank() || std::count(order.begin(), order.end(), -1) > 0) {
      throw Error({.where = "tensor " + tensor.name,
                   .rule = Concat("its ", tensor.type.shape.rank(), " axes stand in one order"),
                   .received = "another"});
    }
    if (order != Counting(static_cast<int>(order.size()))) orders_[t] = std::move(order);
  }
}

bool OnnxFormWriter::StandsAsInFile(int tensor, Layout layout) const {
  const std::vector<int64_t>& order = orders_[tensor];
  if (layout == Layout::kOurs || Tensor(tensor).type.shape.rank() < 3) return order.empty();
  return order == ToChannelsFirst(Tensor(tensor).type.shape.rank());
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

void OnnxFormWriter::DescribeIn(int tensor, const std::vector<int64_t>& order,
                                onnx_schema::ValueInfoProto& info) const {
  onnx_schema::TypeProto_Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(OnnxType(Tensor(tensor).type.dtype));
  type.mutable_shape();
  for (const int64_t axis : order) {
    const Length& length = lengths_[tensor][static_cast<size_t>(axis)];
    onnx_schema::TensorShapeProto_Dimension& dim = *type.mutable_shape()->add_dim();
    if (length.is_batch) {
      dim.set_dim_param("N");
    } else if (!length.is_open) {
      dim.set_dim_value(length.value);
    }
  }
}

void OnnxFormWriter::Describe(int tensor, Layout layout, onnx_schema::ValueInfoProto& info) const {
  const int rank = Tensor(tensor).type.shape.rank();
  DescribeIn(tensor, layout == Layout::kChannelsFirst ? ToChannelsFirst(rank) : Counting(rank), info);
  if (layout != Layout::kChannelsFirst) return;
  // ONNX' words for what an axis means.
  for (int axis = 0; axis < rank; ++axis) {
    info.mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(axis)->set_denotation(
        axis == 0   ? "DATA_BATCH"
        : axis == 1 ? "DATA_CHANNEL"
                    : "DATA_FEATURE");
  }
}

void OnnxFormWriter::DescribeInFile(int tensor, onnx_schema::ValueInfoProto& info) const {
  const std::vector<int64_t>& order = orders_[tensor];
  DescribeIn(tensor, order.empty() ? Counting(Tensor(tensor).type.shape.rank()) : order, info);
}

void OnnxFormWriter::AddInputsAndOutputs(const std::vector<std::string>& outputs) {
  for (size_t t = 0; t < graph_.tensors().size(); ++t) {
    const GraphTensor& tensor = graph_.tensors()[t];
    if (tensor.role != TensorRole::kInput) continue;
    onnx_schema::ValueInfoProto& info = *form_.graph.add_input();
    info.set_name(tensor.name);
    const auto lengths = tensor.type.shape.lengths();
    info.set_doc_string(Text(InputNote{{lengths.begin(), lengths.end()}}));
    const auto input = static_cast<int>(t);
    DescribeInFile(input, info);
    if (StandsAsInFile(input, Layout::kOurs)) {
      values_[t].ours = tensor.name;
    } else if (StandsAsInFile(input, Layout::kChannelsFirst)) {
      values_[t].channels_first = tensor.name;
    } else {
      values_[t].ours = Unused(tensor.name + "/channels_last");
      AddInOurOrder(input, values_[t].ours);
    }
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
    DescribeInFile(t, info);
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
  const char* const ending = to_layout == Layout::kOurs ? "/channels_last" : "/channels_first";
  const std::string name = graph_.Has(to) ? Unused(to + ending) : to;
  onnx_schema::NodeProto& node = AddNode(name, "Transpose", to);
  node.add_input(from);
  Set(node, "perm", to_layout == Layout::kChannelsFirst ? ToChannelsFirst(rank) : FromChannelsFirst(rank));
  if (is_output_[tensor] && to == Tensor(tensor).name) return;  // described as an output
  onnx_schema::ValueInfoProto& info = *form_.graph.add_value_info();
  info.set_name(to);
  Describe(tensor, to_layout, info);
}

void OnnxFormWriter::AddInOurOrder(int tensor, const std::string& to) {
  onnx_schema::NodeProto& node = AddNode(to, "Transpose", to);
  node.add_input(Tensor(tensor).name);
  std::vector<int64_t> perm(orders_[tensor].size());
  for (size_t i = 0; i < perm.size(); ++i) perm[static_cast<size_t>(orders_[tensor][i])] = static_cast<int64_t>(i);
  Set(node, "perm", perm);
  onnx_schema::ValueInfoProto& info = *form_.graph.add_value_info();
  info.set_name(to);
  Describe(tensor, Layout::kOurs, info);
}

// An output in the order of the file, under its name.
void OnnxFormWriter::AddInFile(int tensor) {
  const std::string& name = Tensor(tensor).name;
  Names& names = values_[tensor];
  if (StandsAsInFile(tensor, Layout::kOurs)) {
    names.ours = name;
    return AddTransposed(tensor, names.channels_first, name, Layout::kOurs);
  }
  if (StandsAsInFile(tensor, Layout::kChannelsFirst)) {
    names.channels_first = name;
    return AddTransposed(tensor, names.ours, name, Layout::kChannelsFirst);
  }
  const std::string from = Value(tensor, Layout::kOurs);
  onnx_schema::NodeProto& node = AddNode(Unused(name + "/in_file"), "Transpose", name);
  node.add_input(from);
  Set(node, "perm", orders_[tensor]);
}

// Of what is moved into this layout.
std::string OnnxFormWriter::NameIn(int tensor, Layout layout) {
  const std::string& name = Tensor(tensor).name;
  if (came_from_file_ && StandsAsInFile(tensor, layout)) return name;
  return Unused(name + (layout == Layout::kOurs ? "/channels_last" : "/channels_first"));
}

std::string OnnxFormWriter::Value(int tensor, Layout layout) {
  const int rank = Tensor(tensor).type.shape.rank();
  if (rank < 3) layout = Layout::kOurs;
  if (Tensor(tensor).role == TensorRole::kParameter) {
    return Stored(tensor, layout == Layout::kOurs ? Counting(rank) : ToChannelsFirst(rank), {});
  }
  Names& names = values_[tensor];
  if (layout == Layout::kOurs && names.ours.empty()) {
    names.ours = NameIn(tensor, layout);
    AddTransposed(tensor, names.channels_first, names.ours, layout);
  } else if (layout == Layout::kChannelsFirst && names.channels_first.empty()) {
    names.channels_first = NameIn(tensor, layout);
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
  for (const int64_t axis : axes) added.header.add_dims(axis < 0 ? 1 : tensor.type.shape[static_cast<int>(axis)]);
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
  onnx_schema::NodeProto& added = *form_.graph.add_node();
  added.set_name(node.name);
  added.set_op_type(type);
  for (const std::string& input : inputs) added.add_input(input);
  NodeNote note{.operation = std::string(node.operation->type()), .attributes = attributes};
  for (const int input : node.inputs) note.inputs.push_back(Tensor(input).name);
  for (const int each : node.outputs) note.outputs.push_back(Tensor(each).name);
  added.set_doc_string(Text(note));
  for (const int tensor : node.outputs) added.add_output(AddOutput(tensor, layout));
  // Nodes behind this one, which lies where it lay: a repeated field of messages holds pointers.
  for (const int tensor : node.outputs) {
    if (is_output_[tensor] && !StandsAsInFile(tensor, layout)) AddInFile(tensor);
  }
  return added;
}

// The name of an output of a node in the file: an output of the model stands as the file wants it; other tensors as
// they come, under our name all the same, but that a name of the file that a model came from is only of what stood
// there.
std::string OnnxFormWriter::AddOutput(int tensor, Layout layout) {
  const GraphTensor& output = Tensor(tensor);
  if (output.type.shape.rank() < 3) layout = Layout::kOurs;
  const bool told = is_output_[tensor] || came_from_file_;
  const bool turned = told && !StandsAsInFile(tensor, layout);
  const char* const ending = layout == Layout::kOurs ? "/channels_last" : "/channels_first";
  const std::string name = turned ? Unused(output.name + ending) : output.name;
  (layout == Layout::kOurs ? values_[tensor].ours : values_[tensor].channels_first) = name;
  if (turned || !is_output_[tensor]) {
    onnx_schema::ValueInfoProto& info = *form_.graph.add_value_info();
    info.set_name(name);
    Describe(tensor, layout, info);
  }
  return name;
}

OnnxForm OnnxFormWriter::Write() {
  for (const GraphNode& node : graph_.nodes()) {
    try {
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
