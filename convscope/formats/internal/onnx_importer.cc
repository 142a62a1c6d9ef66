#include "convscope/formats/internal/onnx_importer.h"

#include <algorithm>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"

namespace convscope::internal {

FileAxes SameAxes(int rank) {
  FileAxes axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

FileAxes ChannelsLastAxes(int rank) {
  FileAxes axes = SameAxes(rank);
  if (rank < 3) return axes;
  axes.erase(axes.begin() + 1);
  axes.push_back(1);
  return axes;
}

bool IsSame(const FileAxes& axes) {
  return axes == SameAxes(static_cast<int>(axes.size()));
}

FileAxes Inverse(const FileAxes& axes) {
  FileAxes inverse(axes.size());
  for (size_t i = 0; i < axes.size(); ++i) inverse[static_cast<size_t>(axes[i])] = static_cast<int64_t>(i);
  return inverse;
}

std::vector<int64_t> InOrder(const FileAxes& axes, const std::vector<int64_t>& values) {
  std::vector<int64_t> ordered;
  for (const int64_t axis : axes) ordered.push_back(values[static_cast<size_t>(axis)]);
  return ordered;
}

Shape InOrder(const FileAxes& axes, const Shape& shape) {
  return Shape(InOrder(axes, {shape.lengths().begin(), shape.lengths().end()}));
}

namespace {

// Axes of another rank would be read past their end.
void CheckRank(const std::string& value, const FileAxes& axes, const Shape& shape) {
  if (static_cast<int>(axes.size()) == shape.rank()) return;
  throw Error(
      {.where = "tensor " + value, .rule = Concat("it has ", axes.size(), " axes here"), .received = shape.ToString()});
}

}  // namespace

void OnnxImporter::CheckNew(const std::string& value) const {
  if (!values_.contains(value)) return;
  throw Error({.rule = "each value of a model is computed once", .received = Concat('"', value, "\" again")});
}

const ImportedValue& OnnxImporter::Get(std::string_view value) const {
  const auto found = values_.find(value);
  if (found != values_.end()) return found->second;
  throw Error({.rule = "a node reads inputs, initializers and what nodes before it compute",
               .received = Concat('"', value, '"')});
}

void OnnxImporter::CheckLengths(const Shape& shape) const {
  for (const int64_t length : shape.lengths()) {
    if (length > int64_t{1} << 31) {
      throw Error({.rule = "no axis of a tensor in an .onnx file is longer than 2^31", .received = shape.ToString()});
    }
  }
}

std::string& OnnxImporter::Made(const std::string& what, const FileAxes& axes) {
  const auto [entry, is_new] = stored_.try_emplace({what, axes});
  if (is_new) stored_order_.push_back(entry->first);
  return entry->second;
}

void OnnxImporter::AddInput(const std::string& value, TensorType type, FileAxes axes) {
  CheckLengths(type.shape);
  builder_.Input(value, {InOrder(axes, type.shape), type.dtype});
  AddComputed(value, value, std::move(axes));
}

void OnnxImporter::AddConstant(const std::string& value, SharedTensor constant) {
  CheckNew(value);
  TensorType type{constant->shape(), constant->dtype()};
  CheckLengths(type.shape);
  values_[value] = {.type = std::move(type), .tensor = {}, .axes = {}, .constant = std::move(constant)};
  value_order_.push_back(value);
}

void OnnxImporter::AddComputed(const std::string& value, const std::string& tensor, FileAxes axes) {
  CheckNew(value);
  const TensorType& type = builder_.graph()[tensor].type;
  CheckRank(value, axes, type.shape);
  ImportedValue& added = values_[value];
  value_order_.push_back(value);
  added.type = {InOrder(Inverse(axes), type.shape), type.dtype};
  added.tensor = tensor;
  if (axes.size() > 2 && axes == ChannelsLastAxes(type.shape.rank())) {
    maps_.emplace(added.type.shape.lengths().begin(), added.type.shape.lengths().end());
  }
  SetAxes(tensor, axes);
  Made(value, axes) = tensor;
  added.axes = std::move(axes);
}

std::string OnnxImporter::Parameter(const std::string& name, SharedTensor constant) {
  std::string free = FreeName(name);
  builder_.Parameter(free, {constant->shape(), constant->dtype()});
  parameters_[free] = std::move(constant);
  return free;
}

void OnnxImporter::SetAxes(const std::string& tensor, const FileAxes& axes) {
  if (IsSame(axes)) return;
  if (axes_.insert_or_assign(tensor, axes).second) axes_order_.push_back(tensor);
}

std::string OnnxImporter::Stored(const std::string& value, const FileAxes& axes) {
  const auto found = stored_.find({value, axes});
  if (found != stored_.end()) return found->second;
  const ImportedValue& from = Get(value);
  CheckRank(value, axes, from.type.shape);
  std::string& name = Made(value, axes);
  if (from.constant && from.tensor.empty()) {
    name = Parameter(value, IsSame(axes) ? from.constant : Share(Moved(*from.constant, axes, {})));
    SetAxes(name, axes);
    return name;
  }
  // Our axis i of the new tensor is axis `moves[i]` of the one that there is.
  const FileAxes moves = InOrder(axes, Inverse(from.axes));
  const std::string suffix = IsSame(axes)                                       ? "/channels_second"
                             : axes == ChannelsLastAxes(from.type.shape.rank()) ? "/channels_last"
                                                                                : "/transposed";
  // Where only axes of length 1 move, the order in memory stays.
  FileAxes long_axes;
  for (const int64_t axis : moves) {
    if (builder_.graph()[from.tensor].type.shape[static_cast<int>(axis)] != 1) long_axes.push_back(axis);
  }
  OperationPtr move = TransposeOp{moves};
  if (std::is_sorted(long_axes.begin(), long_axes.end())) {
    const Shape shape = InOrder(axes, from.type.shape);
    std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
    if (!moves.empty() && moves[0] == 0) lengths[0] = 0;  // whatever the batch
    move = ReshapeOp{std::move(lengths)};
  }
  name = AddNode(from.tensor + suffix, std::move(move), {from.tensor});
  SetAxes(name, axes);
  return name;
}

template <typename IsTaken>
std::string OnnxImporter::Numbered(const std::string& name, std::map<std::string, int, std::less<>>& next,
                                   const IsTaken& is_taken) {
  if (!is_taken(name)) return name;
  for (int& number = next.try_emplace(name, 1).first->second;; ++number) {
    std::string numbered = Concat(name, '_', number);
    if (!is_taken(numbered)) return numbered;
  }
}

std::string OnnxImporter::FreeName(const std::string& name) const {
  return Numbered(name, next_tensor_, [&](const std::string& n) { return builder_.graph().Has(n); });
}

std::string OnnxImporter::AddNode(const std::string& name, OperationPtr operation,
                                  const std::vector<std::string>& inputs) {
  std::string free = FreeName(name);
  AddNode(free, std::move(operation), inputs, {free});
  return free;
}

void OnnxImporter::AddNode(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs,
                           const std::vector<std::string>& outputs) {
  const std::string free = Numbered(name, next_node_, [&](const std::string& n) { return node_names_.contains(n); });
  builder_.Add(free, std::move(operation), inputs, outputs);
  for (const std::string& output : outputs) CheckLengths(builder_.graph()[output].type.shape);
  node_names_.insert(free);
}

void OnnxImporter::Spend(int64_t elements) {
  if (elements < 0 || elements > made_elements_) {
    throw Error({.rule = "what a file only describes, and what follows from constants alone, has at most 2^26 elements",
                 .received = elements < 0 ? "fewer than none"
                                          : Concat(elements, " more, where ", made_elements_, " are left")});
  }
  made_elements_ -= elements;
}

OnnxImporter::Mark OnnxImporter::Here() const {
  const Graph& graph = builder_.graph();
  return {graph.tensors().size(), graph.nodes().size(), value_order_.size(), stored_order_.size(), axes_order_.size()};
}

void OnnxImporter::RollBack(const Mark& mark) {
  for (const GraphNode& node : builder_.graph().nodes().subspan(mark.nodes)) node_names_.erase(node.name);
  for (const GraphTensor& tensor : builder_.graph().tensors().subspan(mark.tensors)) parameters_.erase(tensor.name);
  builder_.RollBack(mark.tensors, mark.nodes);
  const auto forget = [](auto& map, auto& order, size_t count) {
    for (; order.size() > count; order.pop_back()) map.erase(order.back());
  };
  forget(values_, value_order_, mark.values);
  forget(stored_, stored_order_, mark.stored);
  forget(axes_, axes_order_, mark.axes);
}

}  // namespace convscope::internal
