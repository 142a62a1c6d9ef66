#include "convscope/formats/onnx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_function.h"
#include "convscope/formats/internal/onnx_note.h"
#include "convscope/formats/internal/onnx_rules.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/formats/internal/onnx_wire.h"

namespace convscope {
namespace {

using internal::OnnxForm;
using internal::OnnxInitializer;
using internal::OnnxPieces;
using internal::StoredTensor;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian, and copied as it is");

constexpr int64_t kIrVersion = 8;
// How our graphs are written. A change of how any operation is written is another form, since reading compares.
constexpr char kForm[] = "1";

// Keys of metadata_props; what a user adds has none that begins like these.
constexpr std::string_view kOurs = "convscope.";
constexpr char kFormKey[] = "convscope.form", kSourceKey[] = "convscope.source",
               kClassNamesKey[] = "convscope.class_names", kPreprocessingKey[] = "convscope.preprocessing",
               kRulesKey[] = "convscope.training_rules";

void AddMetadata(const std::string& key, const std::string& value, onnx_schema::ModelProto& model) {
  onnx_schema::StringStringEntryProto& entry = *model.add_metadata_props();
  entry.set_key(key);
  entry.set_value(value);
}

void AddMetadata(const ModelFile& file, onnx_schema::ModelProto& model) {
  internal::TextOfNames({file.name, file.source});  // both are UTF-8
  AddMetadata(kFormKey, kForm, model);
  if (!file.source.empty()) AddMetadata(kSourceKey, file.source, model);
  if (!file.class_names.empty()) AddMetadata(kClassNamesKey, internal::TextOfNames(file.class_names), model);
  if (file.preprocessing) {
    const Preprocessing& given = *file.preprocessing;
    AddMetadata(kPreprocessingKey,
                internal::Text(internal::NumbersNote{
                    {{"divisor", {given.divisor}}, {"mean", given.mean}, {"deviation", given.deviation}}}),
                model);
  }
  CheckRules(file.model.graph(), file.rules);
  const std::string rules = internal::RulesText(file.rules);
  if (!rules.empty()) AddMetadata(kRulesKey, rules, model);
  for (const auto& [key, value] : file.notes) {
    if (key.empty() || key.starts_with(kOurs)) {
      throw Error({.where = "notes of a model",
                   .rule = Concat("a note has a name that does not begin with \"", kOurs, '"'),
                   .received = Concat('"', key, '"')});
    }
    internal::TextOfNames({key, value});  // both are UTF-8
    AddMetadata(key, value, model);
  }
}

void AddOpset(const std::string& domain, int64_t version, onnx_schema::ModelProto& model) {
  onnx_schema::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain(domain);
  opset.set_version(version);
}

std::string_view BytesOf(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.bytes()), static_cast<size_t>(tensor.SizeInBytes())};
}

bool IsMoved(const StoredTensor& stored) {
  for (size_t i = 0; i < stored.note.axes.size(); ++i) {
    if (stored.note.axes[i] != static_cast<int64_t>(i)) return true;
  }
  return !stored.note.flipped.empty();
}

// The numbers of an initializer; those of a parameter that is stored as it is are not copied.
SharedTensor NumbersOf(const StoredTensor& stored, const Graph& graph, const NamedTensors& parameters) {
  if (stored.parameter < 0) return stored.constant;
  const SharedTensor& parameter = parameters.find(graph.tensors()[stored.parameter].name)->second;
  return IsMoved(stored) ? Share(internal::Moved(*parameter, stored.note.axes, stored.note.flipped)) : parameter;
}

// The pieces of a file, and the numbers that they point to.
struct Written {
  OnnxPieces pieces;
  std::vector<SharedTensor> numbers;
};

Written PiecesOf(const ModelFile& file) {
  const Graph& graph = file.model.graph();
  OnnxForm form = internal::FormOf(graph, file.outputs.empty() ? internal::FinalTensors(graph) : file.outputs);
  Written written;
  onnx_schema::ModelProto& model = written.pieces.model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("convscope");
  model.set_producer_version(CONVSCOPE_VERSION);
  model.set_doc_string(
      "Inputs and outputs have their channels last (N, rows, columns, channels); tensors between convolutions have "
      "them second.");
  AddOpset("", internal::kOnnxOpset, model);
  if (!form.functions.empty()) AddOpset(internal::kOnnxDomain, 1, model);
  for (const std::string& function : form.functions) *model.add_functions() = internal::OnnxFunction(function);
  AddMetadata(file, model);
  form.graph.set_name(file.name.empty() ? "model" : file.name);
  written.pieces.graph = std::move(form.graph);
  for (StoredTensor& stored : form.tensors) {
    written.numbers.push_back(NumbersOf(stored, graph, file.model.parameters()));
    written.pieces.initializers.push_back(
        {.header = std::move(stored.header), .raw_data = BytesOf(*written.numbers.back())});
  }
  return written;
}

// Reads one file. Errors name a place inside it.
class Reader {
 public:
  Reader(std::string_view bytes, const OnnxLimits& limits)
      : limits_(limits), pieces_(internal::SplitOnnx(bytes, limits.structure_bytes, "")) {}

  ModelFile Read() {
    CheckKind();
    AddInputs();
    AddParameters();
    AddNodes();
    Graph graph = builder_.Build();
    std::vector<std::string> outputs;
    for (const onnx_schema::ValueInfoProto& output : pieces_.graph.output()) outputs.push_back(output.name());
    Compare(graph, outputs);
    ModelFile file{.model = Model(std::move(graph), std::move(parameters_)), .outputs = std::move(outputs)};
    file.name = pieces_.graph.name();
    ReadMetadata(file);
    return file;
  }

 private:
  void CheckKind() const {
    const auto is_form = [](const auto& entry) { return entry.key() == kFormKey; };
    const auto& metadata = pieces_.model.metadata_props();
    const auto form = std::find_if(metadata.begin(), metadata.end(), is_form);
    if (form == metadata.end()) {
      throw Error({.rule = "models are read that convscope wrote",
                   .received = pieces_.model.ir_version() > 0 ? "a model of another program" : "no ONNX model"});
    }
    if (form->value() != kForm) {
      throw Error({.rule = Concat("this version of convscope reads form ", kForm, " of its models"),
                   .received = "another form",
                   .fix = "read it with the version that wrote it"});
    }
    CheckCount("nodes", pieces_.graph.node_size());
    CheckCount("tensors", static_cast<int64_t>(pieces_.initializers.size()));
    CheckCount("inputs and outputs", pieces_.graph.input_size() + pieces_.graph.output_size());
  }
  void CheckCount(const char* what, int64_t count) const {
    if (count <= limits_.nodes) return;
    throw Error({.rule = Concat("a model has at most ", limits_.nodes, " ", what), .received = Concat(count)});
  }

  void AddInputs() {
    for (const onnx_schema::ValueInfoProto& input : pieces_.graph.input()) {
      const DType dtype = internal::DTypeOfOnnx(input.type().tensor_type().elem_type(), "an input");
      builder_.Input(input.name(), {Shape(internal::ParseInputNote(input.doc_string(), "an input").shape), dtype});
    }
  }

  void AddParameters() {
    for (const OnnxInitializer& initializer : pieces_.initializers) {
      const onnx_schema::TensorProto& header = initializer.header;
      if (header.doc_string().empty()) continue;  // a constant of a node
      const internal::ParameterNote note = internal::ParseParameterNote(header.doc_string(), "an initializer");
      const std::string where = "parameter " + note.parameter;
      if (parameters_.contains(note.parameter)) continue;  // a second form
      if (header.data_location() == onnx_schema::TensorProto::EXTERNAL || header.external_data_size() > 0) {
        throw Error({.where = where,
                     .rule = "the numbers of a model lie in its own file",
                     .received = "a reference to another file"});
      }
      const DType dtype = internal::DTypeOfOnnx(header.data_type(), where);
      const Shape shape(std::vector<int64_t>(header.dims().begin(), header.dims().end()));
      const int64_t size = TensorType{shape, dtype}.SizeInBytes();
      // Before memory is asked for: a tensor is as large as the bytes that are there.
      if (size != static_cast<int64_t>(initializer.raw_data.size())) {
        throw Error({.where = where,
                     .rule = Concat("its type ", TensorType{shape, dtype}.ToString(), " takes ", size, " bytes"),
                     .received = Concat(initializer.raw_data.size()),
                     .fix = "the file is damaged: get it again"});
      }
      const auto* bytes = reinterpret_cast<const std::byte*>(initializer.raw_data.data());
      if (dtype == DType::kBool && std::any_of(bytes, bytes + size, [](std::byte b) { return b > std::byte{1}; })) {
        throw Error({.where = where, .rule = "a bool is 0 or 1", .received = "another byte"});
      }
      Tensor tensor = internal::MovedBack(bytes, shape, dtype, note, where);
      builder_.Parameter(note.parameter, {tensor.shape(), dtype});
      parameters_[note.parameter] = Share(std::move(tensor));
    }
  }

  void AddNodes() {
    for (const onnx_schema::NodeProto& node : pieces_.graph.node()) {
      if (node.doc_string().empty()) continue;  // a step on the way to one that has a note
      const internal::NodeNote note = internal::ParseNodeNote(node.doc_string(), "a node");
      OperationPtr operation;
      try {
        operation = internal::FindOnnxOperation(note.operation).read(note.attributes);
      } catch (const Error& error) {
        throw error.At("node " + node.name());
      }
      builder_.Add(node.name(), std::move(operation), note.inputs, note.outputs);
      CheckLengths(node.name());
    }
  }
  // Attributes are at most 2^31, so products of one and a length stay in 64 bits, whatever a file says.
  void CheckLengths(const std::string& node) const {
    for (const int output : builder_.graph().nodes().back().outputs) {
      const Shape& shape = builder_.graph().tensors()[output].type.shape;
      for (const int64_t length : shape.lengths()) {
        if (length <= int64_t{1} << 31) continue;
        throw Error({.where = "node " + node,
                     .rule = "no axis of a tensor in an .onnx file is longer than 2^31",
                     .received = shape.ToString()});
      }
    }
  }

  // The graph, written once more, must be what the file holds: then its nodes mean what its notes say.
  void Compare(const Graph& graph, const std::vector<std::string>& outputs) const {
    const OnnxForm form = internal::FormOf(graph, outputs);
    CompareAll("node", form.graph.node(), pieces_.graph.node());
    CompareAll("input", form.graph.input(), pieces_.graph.input());
    CompareAll("output", form.graph.output(), pieces_.graph.output());
    onnx_schema::ModelProto functions;
    for (const std::string& function : form.functions) *functions.add_functions() = internal::OnnxFunction(function);
    CompareAll("function", functions.functions(), pieces_.model.functions());
    if (form.tensors.size() != pieces_.initializers.size()) Changed("initializers", "");
    for (size_t i = 0; i < form.tensors.size(); ++i) {
      const StoredTensor& stored = form.tensors[i];
      const OnnxInitializer& initializer = pieces_.initializers[i];
      if (stored.header.SerializeAsString() != initializer.header.SerializeAsString() ||
          BytesOf(*NumbersOf(stored, graph, parameters_)) != initializer.raw_data) {
        Changed("initializer", stored.header.name());
      }
    }
  }
  template <typename Messages>
  void CompareAll(const char* what, const Messages& expected, const Messages& found) const {
    for (int i = 0; i < std::min(expected.size(), found.size()); ++i) {
      if (expected[i].SerializeAsString() != found[i].SerializeAsString()) Changed(what, expected[i].name());
    }
    if (expected.size() != found.size()) Changed(what, Concat("number ", std::min(expected.size(), found.size()) + 1));
  }
  [[noreturn]] void Changed(const char* what, const std::string& name) const {
    throw Error({.where = Concat(what, " ", name),
                 .rule = "a model of convscope is what its notes say",
                 .received = "something else",
                 .fix = "another program changed it: take the file as convscope wrote it"});
  }

  void ReadMetadata(ModelFile& file) const {
    internal::TextOfNames({file.name});  // it is UTF-8, as all that follows
    for (const onnx_schema::StringStringEntryProto& entry : pieces_.model.metadata_props()) {
      internal::TextOfNames({entry.key(), entry.value()});
      if (entry.key() == kSourceKey) {
        file.source = entry.value();
      } else if (entry.key() == kClassNamesKey) {
        file.class_names = internal::ParseNames(entry.value(), kClassNamesKey);
      } else if (entry.key() == kPreprocessingKey) {
        const auto lists = internal::ParseNumbers(entry.value(), {"divisor", "mean", "deviation"}, kPreprocessingKey);
        if (lists[0].size() != 1) {
          throw Error(
              {.where = kPreprocessingKey, .rule = "there is one divisor", .received = Concat(lists[0].size())});
        }
        file.preprocessing = {.divisor = lists[0][0], .mean = lists[1], .deviation = lists[2]};
      } else if (entry.key() == kRulesKey) {
        file.rules = internal::ParseRules(entry.value(), kRulesKey);
        CheckRules(file.model.graph(), file.rules);
      } else if (entry.key() != kFormKey) {
        file.notes[entry.key()] = entry.value();
      }
    }
  }

  const OnnxLimits& limits_;
  OnnxPieces pieces_;
  GraphBuilder builder_;
  NamedTensors parameters_;
};

}  // namespace

void WriteOnnx(const ModelFile& file, const std::filesystem::path& path) {
  try {
    const Written written = PiecesOf(file);
    WriteFileAtomically(path, internal::OnnxBytes(written.pieces).pieces());
  } catch (const Error& error) {
    if (error.parts().where == path.string()) throw;
    throw error.At(path.string());
  }
}

std::string FormatOnnx(const ModelFile& file) {
  const Written written = PiecesOf(file);
  const internal::OnnxBytes bytes(written.pieces);
  std::string text;
  text.reserve(static_cast<size_t>(bytes.size()));
  for (const std::string_view piece : bytes.pieces()) text += piece;
  return text;
}

std::string ProtobufVersion() {
  return google::protobuf::internal::VersionString(GOOGLE_PROTOBUF_VERSION);
}

ModelFile ReadOnnx(const std::filesystem::path& path, const OnnxLimits& limits) {
  return ParseOnnx(ReadFile(path, limits.bytes), path.string(), limits);
}

ModelFile ParseOnnx(std::string_view bytes, const std::string& where, const OnnxLimits& limits) {
  try {
    if (static_cast<int64_t>(bytes.size()) > limits.bytes) {
      throw Error({.rule = Concat("an .onnx file may hold at most ", limits.bytes, " bytes"),
                   .received = Concat(bytes.size())});
    }
    return Reader(bytes, limits).Read();
  } catch (const Error& error) {
    throw error.At(where);
  }
}

}  // namespace convscope
