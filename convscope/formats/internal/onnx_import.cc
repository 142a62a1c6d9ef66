#include "convscope/formats/internal/onnx_import.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/formats/internal/onnx_importer.h"
#include "convscope/formats/internal/onnx_note.h"
#include "convscope/formats/internal/onnx_tensor.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"

namespace convscope::internal {
namespace {

using onnx_schema::NodeProto;

bool IsOnnxDomain(const std::string& domain) {
  return domain.empty() || domain == "ai.onnx";
}

constexpr size_t kMostName = 200;  // bytes

// "conv_1 (Conv)".
std::string NodeText(const NodeProto& node) {
  std::string name = node.name().empty() && node.output_size() > 0 ? node.output(0) : node.name();
  // What lies in many branches has the names of all of them: the end tells it apart.
  if (name.size() > kMostName) {
    size_t from = name.size() - kMostName;
    while (from < name.size() && (static_cast<unsigned char>(name[from]) & 0xC0) == 0x80) ++from;  // inside a letter
    name = "..." + name.substr(from);
  }
  const std::string domain = IsOnnxDomain(node.domain()) ? "" : node.domain() + ".";
  return Concat("node ", name, " (", domain, node.op_type(), ")");
}

class Import {
 public:
  Import(const OnnxPieces& pieces, const std::filesystem::path& folder, const OnnxLimits& limits,
         const OnnxImport& options)
      : pieces_(pieces),
        outside_(folder, limits.external_bytes),
        limits_(limits),
        options_(options),
        fed_(options.inputs),
        importer_(made_elements_) {}

  ModelFile Read() {
    CheckKind();
    AddInitializers();
    AddInputs();
    for (const NodeProto& node : pieces_.graph.node()) AddNode(node, 0);
    std::vector<std::string> outputs = Outputs();
    ModelFile file{.model = Model(importer_.builder().Build(), importer_.parameters()), .outputs = std::move(outputs)};
    // No name: exporters give all graphs one and the same. Who opens a file knows that of the file.
    file.axes = importer_.axes();
    // That the model came from a file with axes of its own is known by one at least.
    if (const GraphTensor& first = file.model.graph().tensors()[0]; file.axes.empty()) {
      file.axes[first.name] = SameAxes(first.type.shape.rank());
    }
    file.assumed = std::move(assumed_);
    file.missing = std::move(missing_);
    file.open_axes = std::move(open_axes_);
    file.widened = std::move(widened_);
    for (const std::string& name : known_) {
      // What is rolled back may be computed otherwise by another node.
      if (importer_.Has(name) && importer_.Get(name).constant) file.constants[name] = importer_.Get(name).constant;
    }
    for (const onnx_schema::ValueInfoProto& output : pieces_.graph.output()) {
      if (importer_.Has(output.name())) continue;
      if (!lost_.contains(output.name())) {
        throw Error({.where = "output " + output.name(),
                     .rule = "the outputs of a model are computed by its nodes",
                     .received = "none that computes this one"});
      }
      file.lost.push_back(output.name());
    }
    return file;
  }

 private:
  void CheckKind() {
    if (pieces_.model.ir_version() <= 0) {
      throw Error({.rule = "an .onnx file holds a model", .received = "other messages"});
    }
    opset_ = pieces_.model.ir_version() < 3 ? 1 : 0;  // files of the first versions do not tell
    for (const onnx_schema::OperatorSetIdProto& opset : pieces_.model.opset_import()) {
      if (IsOnnxDomain(opset.domain())) opset_ = opset.version();
    }
    if (opset_ <= 0) {
      throw Error({.rule = "a model tells the version of the operations that it uses", .received = "no opset"});
    }
    constexpr int64_t kNewest = 21;
    if (opset_ > kNewest) {
      assumed_.push_back(Concat("the model is of opset ", opset_, "; its operations are read as those of opset ",
                                kNewest, ", the newest that is known"));
    }
    CheckOnnxCounts(limits_, pieces_);
    for (const onnx_schema::FunctionProto& function : pieces_.model.functions()) {
      functions_.emplace(FunctionKey(function.domain(), function.name(), function.overload()), &function);
    }
    // Names are shown, and written to files.
    std::vector<std::string> names;
    for (const NodeProto& node : pieces_.graph.node()) {
      names.push_back(node.name());
      names.insert(names.end(), node.output().begin(), node.output().end());
    }
    for (const auto& input : pieces_.graph.input()) names.push_back(input.name());
    for (const OnnxInitializer& initializer : pieces_.initializers) names.push_back(initializer.header.name());
    TextOfNames(names);
  }

  void AddInitializers() {
    for (const OnnxInitializer& initializer : pieces_.initializers) {
      const std::string& name = initializer.header.name();
      if (const std::string_view type = WidenedFloat(initializer.header.data_type()); !type.empty()) {
        widened_.emplace(type);
      }
      importer_.AddConstant(
          name, Share(ImportTensor(initializer.header, initializer.raw_data, outside_, "initializer " + name)));
    }
  }

  // A tensor without a name is fed into the only input.
  void NameFed() {
    const auto& inputs = pieces_.graph.input();
    const auto is_fed = [&](const auto& input) { return !importer_.Has(input.name()); };
    auto unnamed = fed_.extract("");
    if (unnamed.empty() || std::count_if(inputs.begin(), inputs.end(), is_fed) != 1) return;
    unnamed.key() = std::find_if(inputs.begin(), inputs.end(), is_fed)->name();
    fed_.insert(std::move(unnamed));
  }

  void AddInputs() {
    NameFed();
    FindWhatMinds();
    for (const onnx_schema::ValueInfoProto& input : pieces_.graph.input()) {
      if (importer_.Has(input.name())) continue;  // before IR version 4 initializers are listed too
      const std::string where = "input " + input.name();
      if (!input.type().has_tensor_type()) {
        throw Error({.where = where, .rule = "what is fed in are tensors", .received = "another type"});
      }
      const DType dtype = ImportedDType(input.type().tensor_type().elem_type(), where);
      const Shape shape = InputShape(input);
      NoteOpenAxes(input, shape.rank());
      importer_.AddInput(input.name(), {shape, dtype}, InputAxes(input.name(), shape));
    }
  }

  // The lengths of the file, where they are told; else those of what is fed in, or what suits a picture.
  Shape InputShape(const onnx_schema::ValueInfoProto& input) {
    const auto given = fed_.find(input.name());
    const auto& dims = input.type().tensor_type().shape().dim();
    if (given != fed_.end()) {
      const Shape& shape = given->second->shape();
      bool fits = !input.type().tensor_type().has_shape() || dims.size() == shape.rank();
      std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
      for (int i = 0; fits && i < dims.size(); ++i) {
        const bool told = dims[i].has_dim_value() && dims[i].dim_value() > 0;
        // So many samples at once are the caller's, who rebuilds the graph for them.
        if (told && i == 0) lengths[0] = dims[0].dim_value();
        fits = !told || i == 0 || dims[i].dim_value() == shape[i];
      }
      if (fits) {
        if (options_.lengths_alone) TellChosen(input, Shape(lengths));
        return Shape(lengths);
      }
      throw Error(
          {.where = "input " + input.name(), .rule = "its shape is " + DimsText(dims), .received = shape.ToString()});
    }
    if (!input.type().tensor_type().has_shape()) {
      throw Error({.where = "input " + input.name(),
                   .rule = "the file tells the shape of an input",
                   .received = "none",
                   .fix = "feed it a tensor"});
    }
    std::vector<int64_t> lengths;
    for (int i = 0; i < dims.size(); ++i) {
      lengths.push_back(dims[i].has_dim_value() && dims[i].dim_value() > 0 ? dims[i].dim_value() : Length(dims, i));
    }
    TellChosen(input, Shape(lengths));
    return Shape(lengths);
  }
  void NoteOpenAxes(const onnx_schema::ValueInfoProto& input, int rank) {
    const auto& type = input.type().tensor_type();
    for (int axis = 0; axis < rank; ++axis) {
      if (!type.has_shape() || type.shape().dim(axis).dim_value() <= 0) open_axes_[input.name()].push_back(axis);
    }
  }
  // But for the first axis: how many samples there are is open to the end.
  void TellChosen(const onnx_schema::ValueInfoProto& input, const Shape& shape) {
    const auto& type = input.type().tensor_type();
    const auto& dims = type.shape().dim();
    bool chosen = !type.has_shape();
    for (int i = 1; i < dims.size(); ++i) chosen = chosen || dims[i].dim_value() != shape[i];
    if (!chosen) return;
    const std::string may_be = type.has_shape() ? DimsText(dims) : "of any shape";
    assumed_.push_back(Concat("input ", input.name(), " may be ", may_be, "; it is read as ", shape.ToString()));
  }
  template <typename Dims>
  static std::string DimsText(const Dims& dims) {
    std::string text;
    for (const auto& dim : dims) {
      text += Concat(text.empty() ? "" : ", ", dim.has_dim_value()       ? Concat(dim.dim_value())
                                               : dim.dim_param().empty() ? "?"
                                                                         : dim.dim_param());
    }
    return '(' + text + ')';
  }
  template <typename Dims>
  int64_t Length(const Dims& dims, int axis) const {
    constexpr int64_t kSide = 224;
    if (axis == 0 || dims.size() != 4) return 1;
    const bool channels_last = dims[3].dim_value() == 1 || dims[3].dim_value() == 3;
    if (axis == (channels_last ? 3 : 1)) return 3;
    const int64_t wanted = axis == (channels_last ? 1 : 2) ? options_.rows : options_.columns;
    return wanted > 0 ? wanted : kSide;
  }

  // Which values lead, through operations that follow their input, to one that wants channels last, and which to one
  // that minds the file's order. From the end back, so that each node is looked at once.
  void FindWhatMinds() {
    const auto& nodes = pieces_.graph.node();
    for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
      const OnnxReader* reader = FindOnnxReader(node->op_type());
      if (reader == nullptr) continue;
      const auto leads_to = [&](const std::set<std::string_view>& values) {
        return std::any_of(node->output().begin(), node->output().end(),
                           [&](const std::string& output) { return !output.empty() && values.contains(output); });
      };
      const bool follows = reader->axes == ImportAxes::kFollowing;
      if (reader->axes == ImportAxes::kChannelsLast && node->input_size() > 0) wants_last_.insert(node->input(0));
      if (follows && leads_to(wants_last_)) wants_last_.insert(node->input().begin(), node->input().end());
      if (reader->axes == ImportAxes::kFile || (follows && leads_to(minds_))) {
        minds_.insert(node->input().begin(), node->input().end());
      }
    }
  }

  // Channels last where the first operations that mind want them there.
  FileAxes InputAxes(const std::string& input, const Shape& shape) const {
    if (shape.rank() < 3) return SameAxes(shape.rank());
    if (wants_last_.contains(input)) return ChannelsLastAxes(shape.rank());
    const bool picture = shape.rank() == 4 && (shape[1] == 1 || shape[1] == 3) && shape[2] > 4 && shape[3] > 4;
    return picture && minds_.contains(input) ? ChannelsLastAxes(4) : SameAxes(shape.rank());
  }

  // `depth`: of functions that the node is in.
  void AddNode(const NodeProto& node, int depth) {
    CheckOnnxCount(limits_, "nodes, those in its functions counted each time", ++nodes_);
    for (const std::string& input : node.input()) {
      if (lost_.contains(input)) return Lose(node);
    }
    const OnnxImporter::Mark before = importer_.Here();
    const int64_t opset = opset_;
    try {
      if (const onnx_schema::FunctionProto* function = FunctionOf(node)) return AddFunction(node, *function, depth);
      if (node.op_type() == "If" && IsOnnxDomain(node.domain())) return AddBranch(node, depth);
      const OnnxReader* reader = IsOnnxDomain(node.domain()) ? FindOnnxReader(node.op_type()) : nullptr;
      if (reader == nullptr) {
        throw Error({.rule = "an operation is one of those that convscope knows",
                     .received = Concat(IsOnnxDomain(node.domain()) ? "" : node.domain() + ".", node.op_type())});
      }
      if (node.output_size() == 0) throw Error({.rule = "a node computes something", .received = "no output"});
      if (!Fold(node, *reader)) reader->read(Reading(importer_, node));
      NoteKnown(node);
    } catch (const Error& error) {
      importer_.RollBack(before);
      opset_ = opset;  // what a function sets
      missing_.push_back(error.At(NodeText(node)).what());
      Lose(node);
    }
  }
  void NoteKnown(const NodeProto& node) {
    if (node.op_type() == "Constant") return;
    for (const std::string& output : node.output()) {
      if (importer_.Has(output) && importer_.Get(output).constant) known_.push_back(output);
    }
  }
  void Lose(const NodeProto& node) { lost_.insert(node.output().begin(), node.output().end()); }

  ImportNode Reading(OnnxImporter& importer, const NodeProto& node) {
    std::string name = !node.name().empty() ? node.name() : node.output_size() > 0 ? node.output(0) : node.op_type();
    return {importer,
            node,
            std::move(name),
            opset_,
            pieces_.attribute_data,
            outside_,
            options_.lengths_alone ? nothing_ : fed_,
            wants_last_};
  }

  // What depends on constants alone is computed here, by the same operations: true if so.
  bool Fold(const NodeProto& node, const OnnxReader& reader) {
    if (node.input_size() == 0) return false;
    for (const std::string& input : node.input()) {
      if (!input.empty() && !importer_.Get(input).constant) return false;
    }
    OnnxImporter scratch(made_elements_);
    for (const std::string& input : node.input()) {
      if (!input.empty() && !scratch.Has(input)) scratch.AddConstant(input, importer_.Get(input).constant);
    }
    reader.read(Reading(scratch, node));
    CheckFolded(scratch.builder().graph());
    const Trace trace(Model(scratch.builder().Build(), scratch.parameters()), {});
    for (const std::string& output : node.output()) {
      if (output.empty() || !scratch.Has(output)) continue;
      const ImportedValue& value = scratch.Get(output);
      if (value.constant) {
        importer_.AddConstant(output, value.constant);
      } else {
        const SharedTensor tensor = trace.Get(value.tensor);
        importer_.AddConstant(output, IsSame(value.axes) ? tensor : Share(Moved(*tensor, Inverse(value.axes), {})));
      }
    }
    return true;
  }

  // What is computed while a file is read is bounded, whatever the file asks for.
  void CheckFolded(const Graph& graph) {
    constexpr int64_t kMostMultiplyAdds = int64_t{1} << 34;
    for (const GraphTensor& tensor : graph.tensors()) {
      if (tensor.role == TensorRole::kComputed) importer_.Spend(tensor.type.shape.NumElements());
    }
    const int64_t more = graph.MultiplyAdds();
    folded_work_ = more > kMostMultiplyAdds - folded_work_ ? kMostMultiplyAdds + 1 : folded_work_ + more;
    if (folded_work_ <= kMostMultiplyAdds) return;
    throw Error({.rule = Concat("what follows from constants alone takes at most ", kMostMultiplyAdds,
                                " multiplications and additions"),
                 .received = "more"});
  }

  const onnx_schema::FunctionProto* FunctionOf(const NodeProto& node) const {
    const auto found = functions_.find(FunctionKey(node.domain(), node.op_type(), node.overload()));
    return found == functions_.end() ? nullptr : found->second;
  }
  static std::string FunctionKey(const std::string& domain, const std::string& name, const std::string& overload) {
    return Concat(IsOnnxDomain(domain) ? "" : domain, '\n', name, '\n', overload);
  }

  static void CheckDepth(int depth) {
    constexpr int kDeepest = 16;
    if (depth < kDeepest) return;
    throw Error(
        {.rule = Concat("functions and branches lie at most ", kDeepest, " deep in each other"), .received = "more"});
  }

  // Calls `change` with each graph among the attributes of a node.
  template <typename Change>
  static void ForEachGraph(NodeProto& node, const Change& change) {
    for (onnx_schema::AttributeProto& attribute : *node.mutable_attribute()) {
      if (attribute.has_g()) change(*attribute.mutable_g());
      for (onnx_schema::GraphProto& graph : *attribute.mutable_graphs()) change(graph);
    }
  }

  // In a graph inside a body: what it reads from outside gets the name that it has outside, and what it makes itself
  // gets the prefix of the body's names, since it may be called as something outside is. `own`: the names that the
  // graphs around it, inside the body's node, make themselves.
  template <typename Outer>
  static void RenameAll(onnx_schema::GraphProto& graph, std::set<std::string> own, const std::string& prefix,
                        const Outer& outer) {
    for (const auto& input : graph.input()) own.insert(input.name());
    for (const auto& initializer : graph.initializer()) own.insert(initializer.name());
    for (const NodeProto& node : graph.node()) own.insert(node.output().begin(), node.output().end());
    own.erase("");  // left out
    const auto rename = [&](std::string& name) { name = own.contains(name) ? prefix + name : outer(name); };
    for (auto& input : *graph.mutable_input()) rename(*input.mutable_name());
    for (auto& initializer : *graph.mutable_initializer()) rename(*initializer.mutable_name());
    for (NodeProto& node : *graph.mutable_node()) {
      for (std::string& input : *node.mutable_input()) rename(input);
      for (std::string& output : *node.mutable_output()) rename(output);
      ForEachGraph(node, [&](onnx_schema::GraphProto& inner) { RenameAll(inner, own, prefix, outer); });
    }
    for (auto& output : *graph.mutable_output()) rename(*output.mutable_name());
  }

  // Attributes of a node inside a function that are those of the call, or of the function where the call has none.
  static void TakeAttributes(const NodeProto& call, const onnx_schema::FunctionProto& function, NodeProto& node) {
    auto* const attributes = node.mutable_attribute();
    for (int i = attributes->size() - 1; i >= 0; --i) {
      const std::string reference = attributes->Get(i).ref_attr_name(), name = attributes->Get(i).name();
      if (reference.empty()) continue;
      bool given = false;
      for (const auto* list : {&call.attribute(), &function.attribute_proto()}) {
        const auto is_meant = [&](const auto& a) { return a.name() == reference; };
        const auto found = std::find_if(list->begin(), list->end(), is_meant);
        if (given || found == list->end()) continue;
        given = true;
        *attributes->Mutable(i) = *found;
        attributes->Mutable(i)->set_name(name);
      }
      if (!given) attributes->DeleteSubrange(i, 1);
    }
    ForEachGraph(node, [&](onnx_schema::GraphProto& graph) {
      for (NodeProto& inner : *graph.mutable_node()) TakeAttributes(call, function, inner);
    });
  }

  // What stands before the names inside a node: an output's name is that node's alone.
  static std::string PrefixOf(const NodeProto& call) {
    return (call.output_size() > 0 ? call.output(0) : call.name()) + "/";
  }

  // A node of a body, under the names that it has outside; its attributes are its own.
  template <typename Outer>
  NodeProto Copied(const NodeProto& inner, const std::string& prefix, const Outer& outer) {
    // A body is copied for each call, and its constants are kept.
    expanded_bytes_ += static_cast<int64_t>(inner.ByteSizeLong());
    if (expanded_bytes_ > kMostExpansion * limits_.structure_bytes) {
      throw Error({.rule = Concat("the functions and branches of a model, each time that they are used, have at most ",
                                  kMostExpansion * limits_.structure_bytes, " bytes"),
                   .received = "more"});
    }
    NodeProto node = inner;
    node.set_name(prefix + (inner.name().empty() ? inner.op_type() : inner.name()));
    for (std::string& input : *node.mutable_input()) input = outer(input);
    for (std::string& output : *node.mutable_output()) output = outer(output);
    std::vector<std::string> names(node.output().begin(), node.output().end());
    names.push_back(node.name());
    TextOfNames(names);  // they are shown, as those outside are
    ForEachGraph(node, [&](onnx_schema::GraphProto& graph) { RenameAll(graph, {}, prefix, outer); });
    return node;
  }

  // The nodes of the branch that is taken in place of an If: its condition is known where it depends on shapes alone.
  void AddBranch(const NodeProto& call, int depth) {
    CheckDepth(depth);
    if (call.input_size() != 1) {
      throw Error({.rule = "If has one input, its condition", .received = Concat(call.input_size())});
    }
    const SharedTensor condition = importer_.Get(call.input(0)).constant;
    if (!condition) {  // what is fed in may be another the next time
      throw Error({.rule = "the condition is known before the model runs: a constant, or made of constants and shapes",
                   .received = Concat('"', call.input(0), "\", which is computed from its inputs")});
    }
    if (condition->size() != 1 || condition->dtype() != DType::kBool) {
      throw Error({.rule = "a condition is one bool", .received = condition->shape().ToString()});
    }
    const char* const name = *condition->data<bool>() ? "then_branch" : "else_branch";
    const auto is_meant = [&](const auto& attribute) { return attribute.name() == name && attribute.has_g(); };
    const auto found = std::find_if(call.attribute().begin(), call.attribute().end(), is_meant);
    if (found == call.attribute().end()) {
      throw Error({.rule = Concat("If has a graph ", name), .received = "none"});
    }
    const onnx_schema::GraphProto& branch = found->g();
    if (branch.output_size() != call.output_size() || branch.input_size() > 0) {
      throw Error({.rule = "a branch has the outputs of its If, and no inputs",
                   .received = Concat(branch.output_size(), " outputs and ", branch.input_size(), " inputs")});
    }
    // What the branch does not make itself is a value outside of it.
    const std::string prefix = PrefixOf(call);
    std::map<std::string, std::string> names;
    for (const onnx_schema::TensorProto& initializer : branch.initializer()) {
      names[initializer.name()] = prefix + initializer.name();
    }
    for (const NodeProto& inner : branch.node()) {
      for (const std::string& output : inner.output()) names[output] = prefix + output;
    }
    names[""] = "";
    const auto outer = [&](const std::string& inner) {
      const auto own = names.find(inner);
      return own != names.end() ? own->second : inner;
    };
    for (const onnx_schema::TensorProto& initializer : branch.initializer()) {
      importer_.Spend(static_cast<int64_t>(initializer.ByteSizeLong()));
      importer_.AddConstant(outer(initializer.name()),
                            Share(ImportTensor(initializer, {}, outside_, "initializer " + initializer.name())));
    }
    for (const NodeProto& inner : branch.node()) AddNode(Copied(inner, prefix, outer), depth + 1);
    for (int i = 0; i < call.output_size(); ++i) {
      NodeProto result;
      result.set_op_type("Identity");
      result.set_name(Concat(prefix, "result_", i));
      result.add_input(outer(branch.output(i).name()));
      result.add_output(call.output(i));
      if (!call.output(i).empty()) AddNode(result, depth + 1);
    }
  }

  // The nodes of a function in place of the one that calls it.
  void AddFunction(const NodeProto& call, const onnx_schema::FunctionProto& function, int depth) {
    CheckDepth(depth);
    const std::string prefix = PrefixOf(call);
    std::map<std::string, std::string> names;
    for (int i = 0; i < function.input_size(); ++i) {
      names[function.input(i)] = i < call.input_size() ? call.input(i) : "";
    }
    for (int i = 0; i < function.output_size() && i < call.output_size(); ++i) {
      if (!call.output(i).empty()) names[function.output(i)] = call.output(i);
    }
    const auto outer = [&](const std::string& name) {
      const auto found = names.find(name);
      return found != names.end() ? found->second : name.empty() ? name : prefix + name;
    };
    const int64_t opset = opset_;
    for (const onnx_schema::OperatorSetIdProto& own : function.opset_import()) {
      if (IsOnnxDomain(own.domain())) opset_ = own.version();
    }
    for (const NodeProto& inner : function.node()) {
      NodeProto node = Copied(inner, prefix, outer);
      TakeAttributes(call, function, node);
      AddNode(node, depth + 1);
    }
    opset_ = opset;
  }

  // The outputs of the file that there are, or else what was computed last.
  std::vector<std::string> Outputs() {
    std::vector<std::string> outputs;
    for (const onnx_schema::ValueInfoProto& output : pieces_.graph.output()) {
      if (!importer_.Has(output.name())) continue;
      const ImportedValue& value = importer_.Get(output.name());
      const Graph& graph = importer_.builder().graph();
      if (!value.tensor.empty() && graph[value.tensor].role == TensorRole::kComputed) {
        outputs.push_back(value.tensor);
        continue;
      }
      // An input or a constant that is handed on.
      const std::string from =
          value.tensor.empty() ? importer_.Parameter(output.name() + "/constant", value.constant) : value.tensor;
      const FileAxes axes = value.tensor.empty() ? SameAxes(value.type.shape.rank()) : value.axes;
      const std::vector<int64_t> same(axes.size(), 0);
      const std::string tensor = importer_.AddNode(output.name(), ReshapeOp{same}, {from});
      importer_.SetAxes(tensor, axes);
      outputs.push_back(tensor);
    }
    if (outputs.empty()) outputs = FinalTensors(importer_.builder().graph());
    if (pieces_.graph.output_size() == 0) {
      assumed_.push_back("the file names no outputs; what no node reads is taken for them");
    }
    if (!outputs.empty()) return outputs;
    throw Error({.rule = "a model computes something that convscope can",
                 .received = missing_.empty() ? "no node" : missing_.front()});
  }

  static constexpr int64_t kMostExpansion = 8;

  const OnnxPieces& pieces_;
  ExternalNumbers outside_;
  const OnnxLimits& limits_;
  const OnnxImport& options_;
  NamedTensors fed_;  // what will be fed in
  const NamedTensors nothing_;
  int64_t opset_ = 0;
  int64_t nodes_ = 0;
  int64_t made_elements_ = int64_t{1} << 26;  // that may still be made
  int64_t folded_work_ = 0, expanded_bytes_ = 0;
  std::map<std::string, const onnx_schema::FunctionProto*> functions_;
  std::set<std::string_view> wants_last_, minds_;  // see FindWhatMinds
  OnnxImporter importer_;
  std::set<std::string> lost_;      // values that depend on a node that is missing
  std::vector<std::string> known_;  // values that nodes computed before the model runs
  std::vector<std::string> assumed_, missing_;
  std::map<std::string, std::vector<int64_t>> open_axes_;
  std::set<std::string> widened_;  // types of initializers that are float32 here
};

}  // namespace

ModelFile ImportOnnx(const OnnxPieces& pieces, const std::filesystem::path& folder, const OnnxLimits& limits,
                     const OnnxImport& options) {
  return Import(pieces, folder, limits, options).Read();
}

}  // namespace convscope::internal
