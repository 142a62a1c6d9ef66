#include "convscope/formats/onnx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_example.h"
#include "convscope/formats/internal/onnx_form.h"
#include "convscope/formats/internal/onnx_function.h"
#include "convscope/formats/internal/onnx_import.h"
#include "convscope/formats/internal/onnx_metadata.h"
#include "convscope/formats/internal/onnx_note.h"
#include "convscope/formats/internal/onnx_rules.h"
#include "convscope/formats/internal/onnx_table.h"
#include "convscope/formats/internal/onnx_wire.h"
#include "convscope/formats/picture_note.h"

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
               kChannelsKey[] = "convscope.channels", kFitKey[] = "convscope.fit", kCropKey[] = "convscope.crop",
               kScalingKey[] = "convscope.scaling", kAxesKey[] = "convscope.axes",
               kRulesKey[] = "convscope.training_rules";
// What stands there where divisor, mean and deviation are not told but assumed.
constexpr char kAssumed[] = "assumed";

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
    if (file.scaling_assumed) AddMetadata(kScalingKey, kAssumed, model);
    if (given.reversed) AddMetadata(kChannelsKey, "bgr", model);
    if (given.fit != PictureFit::kCover) AddMetadata(kFitKey, std::string(NameOf(given.fit)), model);
    if (given.crop != 1) AddMetadata(kCropKey, ShortestText(given.crop), model);
  }
  internal::WriteExample(file,
                         [&](const std::string& key, const std::string& value) { AddMetadata(key, value, model); });
  if (!file.axes.empty()) AddMetadata(kAxesKey, internal::TextOfAxes(file.axes), model);
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
  OnnxForm form =
      internal::FormOf(graph, file.outputs.empty() ? internal::FinalTensors(graph) : file.outputs, file.axes);
  Written written;
  onnx_schema::ModelProto& model = written.pieces.model;
  model.set_ir_version(kIrVersion);
  model.set_producer_name("convscope");
  model.set_producer_version(CONVSCOPE_VERSION);
  model.set_doc_string(file.axes.empty() ? "Inputs and outputs have their channels last (N, rows, columns, channels); "
                                           "tensors between convolutions have "
                                           "them second."
                                         : "Inputs and outputs have the axes of the file that the model came from.");
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

// How convscope wrote the file; empty: another program did.
std::string FormOfFile(const OnnxPieces& pieces) {
  for (const onnx_schema::StringStringEntryProto& entry : pieces.model.metadata_props()) {
    if (entry.key() == kFormKey) return entry.value();
  }
  return "";
}

// Reads one file of convscope. Errors name a place inside it.
class Reader {
 public:
  Reader(const OnnxPieces& pieces, const OnnxLimits& limits) : limits_(limits), pieces_(pieces) {}

  // All but the metadata.
  ModelFile Read() {
    CheckKind();
    AddInputs();
    AddParameters();
    AddNodes();
    Graph graph = builder_.Build();
    std::vector<std::string> outputs;
    for (const onnx_schema::ValueInfoProto& output : pieces_.graph.output()) outputs.push_back(output.name());
    internal::BorderAxes axes = ReadAxes(graph);
    Compare(graph, outputs, axes);
    ModelFile file{.model = Model(std::move(graph), std::move(parameters_)), .outputs = std::move(outputs)};
    file.axes = std::move(axes);
    return file;
  }

 private:
  void CheckKind() const {
    if (FormOfFile(pieces_) != kForm) {
      throw Error({.rule = Concat("this version of convscope reads form ", kForm, " of its models"),
                   .received = "another form",
                   .fix = "read it with the version that wrote it"});
    }
    internal::CheckOnnxCounts(limits_, pieces_);
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

  internal::BorderAxes ReadAxes(const Graph& graph) const {
    internal::BorderAxes axes;
    for (const onnx_schema::StringStringEntryProto& entry : pieces_.model.metadata_props()) {
      if (entry.key() == kAxesKey) axes = internal::ParseAxes(entry.value(), kAxesKey);
    }
    for (const auto& [name, order] : axes) {
      if (graph.Has(name)) continue;
      throw Error({.where = kAxesKey, .rule = "it names tensors of the model", .received = Concat('"', name, '"')});
    }
    return axes;
  }

  // The graph, written once more, must be what the file holds: then its nodes mean what its notes say.
  void Compare(const Graph& graph, const std::vector<std::string>& outputs, const internal::BorderAxes& axes) const {
    const OnnxForm form = internal::FormOf(graph, outputs, axes);
    for (const onnx_schema::OperatorSetIdProto& opset : pieces_.model.opset_import()) {
      if (opset.domain().empty() && opset.version() != internal::kOnnxOpset) Changed("opset", Concat(opset.version()));
    }
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
                 .received = "something else"});
  }

  const OnnxLimits& limits_;
  const OnnxPieces& pieces_;
  GraphBuilder builder_;
  NamedTensors parameters_;
};

// What convscope itself tells in the file, of `file`, whose graph is read.
class Metadata {
 public:
  explicit Metadata(ModelFile& file) : file_(file) {}

  void Read(const std::string& key, const std::string& value) {
    internal::TextOfNames({key, value});  // both are UTF-8
    if (key == kSourceKey) {
      file_.source = value;
    } else if (key == kClassNamesKey) {
      file_.class_names = internal::ParseNames(value, kClassNamesKey);
    } else if (key == kPreprocessingKey) {
      const auto lists = internal::ParseNumbers(value, {"divisor", "mean", "deviation"}, kPreprocessingKey);
      if (lists[0].size() != 1) {
        throw Error({.where = kPreprocessingKey, .rule = "there is one divisor", .received = Concat(lists[0].size())});
      }
      pictures_.divisor = lists[0][0];
      pictures_.mean = lists[1];
      pictures_.deviation = lists[2];
      told_ = true;
    } else if (key == kScalingKey) {
      file_.scaling_assumed = value == kAssumed;
    } else if (key == kChannelsKey) {
      pictures_.reversed = ParseChannelOrder(value, kChannelsKey);
    } else if (key == kFitKey) {
      pictures_.fit = ParsePictureFit(value, kFitKey);
    } else if (key == kCropKey) {
      pictures_.crop = ParseNumber(value, kCropKey);
      if (!(pictures_.crop > 0 && pictures_.crop <= 1)) {
        throw Error({.where = kCropKey, .rule = "it is above 0 and at most 1", .received = value});
      }
    } else if (key == kRulesKey) {
      file_.rules = internal::ParseRules(value, kRulesKey);
      CheckRules(file_.model.graph(), file_.rules);
    } else if (key.starts_with(internal::kExampleKey)) {
      internal::ReadExample(key, value, file_);
    } else if (key != kFormKey && key != kAxesKey) {
      file_.notes[key] = value;
    }
  }

  // After the last one: what belongs together.
  void Finish() {
    if (told_) file_.preprocessing = std::move(pictures_);
  }

 private:
  ModelFile& file_;
  bool told_ = false;  // by which numbers pictures are scaled
  Preprocessing pictures_;
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

namespace {

// A model of another program, with what its metadata tell of pictures and classes; the rest of them are notes.
ModelFile Import(const OnnxPieces& pieces, const std::filesystem::path& folder, const OnnxLimits& limits,
                 const OnnxImport& options) {
  constexpr size_t kLongestNote = 1 << 16;
  std::map<std::string, std::string> metadata, notes;
  for (const onnx_schema::StringStringEntryProto& entry : pieces.model.metadata_props()) {
    try {
      internal::TextOfNames({entry.key(), entry.value()});
    } catch (const Error&) {
      continue;  // no UTF-8: nothing that could be shown
    }
    metadata[entry.key()] = entry.value();
    const bool kept = !entry.key().empty() && !entry.key().starts_with(kOurs) && entry.value().size() <= kLongestNote;
    if (kept) notes[entry.key()] = entry.value();
  }
  const PictureNote note = internal::NoteOfMetadata(metadata);
  OnnxImport sized = options;
  if (sized.rows == 0) sized.rows = note.rows;
  if (sized.columns == 0) sized.columns = note.columns;
  ModelFile file = internal::ImportOnnx(pieces, folder, limits, sized);
  file.notes = std::move(notes);
  ApplyNote(note, file);
  return file;
}

// A file of convscope: what its notes say or, where that is not what its nodes compute, its nodes.
ModelFile ReadOurs(const OnnxPieces& pieces, const std::filesystem::path& folder, const OnnxLimits& limits,
                   const OnnxImport& options) {
  std::string changed;  // where, and how
  ModelFile file = [&] {
    try {
      return Reader(pieces, limits).Read();
    } catch (const Error& error) {
      ErrorParts parts = error.parts();
      parts.fix.clear();  // nothing needs to be done
      changed = Error(std::move(parts)).what();
      return Import(pieces, folder, limits, options);
    }
  }();
  file.name = pieces.graph.name();
  internal::TextOfNames({file.name});  // it is UTF-8
  Metadata metadata(file);
  for (const onnx_schema::StringStringEntryProto& entry : pieces.model.metadata_props()) {
    // The rules are of nodes and parameters that may be gone; what is not ours the import has noted.
    const bool holds = entry.key().starts_with(kOurs) && entry.key() != kRulesKey;
    if (!changed.empty() && !holds) continue;
    try {
      metadata.Read(entry.key(), entry.value());
    } catch (const Error&) {
      if (changed.empty()) throw;  // else it may be of what is gone
    }
  }
  metadata.Finish();
  if (changed.empty()) return file;
  if (!FitsClasses(file.class_names, file)) file.class_names.clear();
  file.assumed.push_back(
      Concat("another program, or another version of convscope, changed the file since it was written (", changed,
             "): its nodes are read as those of another program, without what a training "
             "goes on with"));
  return file;
}

ModelFile ReadBytes(std::string_view bytes, const std::string& where, const std::filesystem::path& folder,
                    const OnnxLimits& limits, const OnnxImport& options) {
  try {
    if (static_cast<int64_t>(bytes.size()) > limits.bytes) {
      throw Error({.rule = Concat("an .onnx file may hold at most ", limits.bytes, " bytes"),
                   .received = Concat(bytes.size())});
    }
    const OnnxPieces pieces = internal::SplitOnnx(bytes, limits.structure_bytes, "");
    return FormOfFile(pieces).empty() ? Import(pieces, folder, limits, options)
                                      : ReadOurs(pieces, folder, limits, options);
  } catch (const Error& error) {
    throw error.At(where);
  }
}

}  // namespace

ModelFile ReadOnnx(const std::filesystem::path& path, const OnnxLimits& limits, const OnnxImport& options) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  return ReadBytes(ReadFile(path, limits.bytes), path.string(), folder, limits, options);
}

ModelFile ParseOnnx(std::string_view bytes, const std::string& where, const OnnxLimits& limits,
                    const OnnxImport& options) {
  return ReadBytes(bytes, where, {}, limits, options);
}

}  // namespace convscope
