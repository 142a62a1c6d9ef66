#include "convscope/formats/internal/onnx_wire.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

// Numbers of the fields that are taken apart; the schema has them in comments and generated constants.
constexpr uint32_t kGraph = onnx_schema::ModelProto::kGraphFieldNumber;
constexpr uint32_t kInitializer = onnx_schema::GraphProto::kInitializerFieldNumber;
constexpr uint32_t kRawData = onnx_schema::TensorProto::kRawDataFieldNumber;
constexpr uint32_t kNode = onnx_schema::GraphProto::kNodeFieldNumber;
constexpr uint32_t kOutput = onnx_schema::NodeProto::kOutputFieldNumber;
constexpr uint32_t kAttribute = onnx_schema::NodeProto::kAttributeFieldNumber;
constexpr uint32_t kName = onnx_schema::AttributeProto::kNameFieldNumber;
constexpr uint32_t kTensor = onnx_schema::AttributeProto::kTFieldNumber;
// Lists of numbers, of bytes as they are and of as few bytes as each number takes.
constexpr uint32_t kPlainLists[] = {onnx_schema::TensorProto::kFloatDataFieldNumber,
                                    onnx_schema::TensorProto::kDoubleDataFieldNumber};
constexpr uint32_t kPackedLists[] = {onnx_schema::TensorProto::kInt32DataFieldNumber,
                                     onnx_schema::TensorProto::kInt64DataFieldNumber,
                                     onnx_schema::TensorProto::kUint64DataFieldNumber};
constexpr int64_t kMostPackedBytes = int64_t{1} << 28;  // up to eight times as much in memory
constexpr uint64_t kLengthDelimited = 2;
constexpr int64_t kMost = std::numeric_limits<int32_t>::max();  // of protobuf

// One field of a message: https://protobuf.dev/programming-guides/encoding/
struct Field {
  uint32_t number = 0;
  uint64_t wire_type = 0;
  std::string_view whole;    // tag, length and payload
  std::string_view payload;  // of a length-delimited field
};

class FieldReader {
 public:
  FieldReader(std::string_view bytes, const std::string& where) : rest_(bytes), where_(where) {}

  // False at the end.
  bool Next(Field& field) {
    if (rest_.empty()) return false;
    const std::string_view start = rest_;
    const uint64_t tag = Varint();
    field.number = static_cast<uint32_t>(tag >> 3);
    field.wire_type = tag & 7;
    field.payload = {};
    if (tag >> 3 == 0 || tag >> 3 > (uint64_t{1} << 29) - 1) Fail();
    if (field.wire_type == 0) {
      Varint();
    } else if (field.wire_type == 1) {
      Take(8);
    } else if (field.wire_type == kLengthDelimited) {
      field.payload = Take(Varint());
    } else if (field.wire_type == 5) {
      Take(4);
    } else {
      Fail();
    }
    field.whole = start.substr(0, start.size() - rest_.size());
    return true;
  }

 private:
  [[noreturn]] void Fail() const {
    throw Error({.where = where_,
                 .rule = "an .onnx file holds a protobuf ModelProto",
                 .received = "other bytes, or not all of one",
                 .fix = "the file is damaged or of another kind: get it again"});
  }
  uint64_t Varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) Fail();
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(byte & 127) << shift;
      if (byte < 128) return value;
    }
    Fail();
  }
  std::string_view Take(uint64_t length) {
    if (length > rest_.size()) Fail();
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::string_view rest_;
  const std::string& where_;
};

// Fields in a row are a message of their own, whatever stood between them.
template <typename Message>
void Parse(const std::string& fields, Message& message, const std::string& where) {
  if (message.ParseFromString(fields)) return;
  throw Error({.where = where,
               .rule = "an .onnx file holds messages of the ONNX schema, no deeper than 100",
               .received = "other bytes",
               .fix = "the file is damaged: get it again"});
}

void AppendVarint(uint64_t value, std::string& bytes) {
  while (value > 127) {
    bytes += static_cast<char>(value | 128);
    value >>= 7;
  }
  bytes += static_cast<char>(value);
}

// The tag and the length that a length-delimited field begins with.
std::string Opening(uint32_t number, int64_t length) {
  std::string bytes;
  AppendVarint(static_cast<uint64_t>(number) << 3 | kLengthDelimited, bytes);
  AppendVarint(static_cast<uint64_t>(length), bytes);
  return bytes;
}

std::string Framed(uint32_t number, const std::string& payload) {
  return Opening(number, static_cast<int64_t>(payload.size())) + payload;
}

// A message without its fields `number` of bytes, each of which `replace` turns into what stands there instead.
template <typename Replace>
std::string Rewritten(std::string_view message, uint32_t number, const std::string& where, const Replace& replace) {
  std::string rewritten;
  Field field;
  for (FieldReader reader(message, where); reader.Next(field);) {
    const bool meant = field.number == number && field.wire_type == kLengthDelimited;
    rewritten += meant ? replace(field.payload) : std::string(field.whole);
  }
  return rewritten;
}

// Bytes of a file that are the numbers of a tensor in its lists.
class ListBytes {
 public:
  // True where `field` of a tensor is one of them, and counted.
  bool Count(const Field& field, const std::string& where) {
    const auto is = [&](uint32_t number) { return number == field.number; };
    const auto bytes = static_cast<int64_t>(field.whole.size());
    if (std::any_of(std::begin(kPlainLists), std::end(kPlainLists), is)) {
      all_ += bytes;
      return true;
    }
    if (std::none_of(std::begin(kPackedLists), std::end(kPackedLists), is)) return false;
    all_ += bytes;
    packed_ += bytes;
    if (packed_ <= kMostPackedBytes) return true;
    throw Error({.where = where,
                 .rule = Concat("the lists of integers in a model take at most ", kMostPackedBytes, " bytes"),
                 .received = "more",
                 .fix = "write its numbers as raw_data, as every exporter does"});
  }
  int64_t all() const { return all_; }

 private:
  int64_t all_ = 0, packed_ = 0;
};

// The last field of this number, as protobuf has it.
std::string_view TextField(std::string_view message, uint32_t number, const std::string& where, bool first = false) {
  std::string_view text;
  Field field;
  for (FieldReader reader(message, where); reader.Next(field);) {
    if (field.number != number || field.wire_type != kLengthDelimited) continue;
    text = field.payload;
    if (first) break;
  }
  return text;
}

// A node without the numbers of its attributes, which go into `pieces`.
std::string SplitNode(std::string_view node, const std::string& where, OnnxPieces& pieces, ListBytes& lists) {
  constexpr size_t kSmall = 256;  // bytes that need no splitting
  if (node.size() <= kSmall) return std::string(node);
  const std::string output(TextField(node, kOutput, where, true));
  return Rewritten(node, kAttribute, where, [&](std::string_view attribute) {
    const std::string name(TextField(attribute, kName, where));
    return Framed(kAttribute, Rewritten(attribute, kTensor, where, [&](std::string_view tensor) {
                    Field field;
                    for (FieldReader fields(tensor, where); fields.Next(field);) lists.Count(field, where);
                    return Framed(kTensor, Rewritten(tensor, kRawData, where, [&](std::string_view data) {
                                    pieces.attribute_data[{output, name}] = data;
                                    return std::string();
                                  }));
                  }));
  });
}

template <typename Message>
std::string Serialized(const Message& message) {
  if (message.ByteSizeLong() > static_cast<size_t>(kMost)) {
    throw Error({.rule = "the structure of an .onnx file is smaller than 2 GiB",
                 .received = Concat(message.ByteSizeLong(), " bytes")});
  }
  return message.SerializeAsString();
}

}  // namespace

OnnxPieces SplitOnnx(std::string_view bytes, int64_t structure_limit, const std::string& where) {
  if (bytes.empty()) {
    throw Error({.where = where, .rule = "an .onnx file holds a protobuf ModelProto", .received = "an empty file"});
  }
  OnnxPieces pieces;
  int64_t structure = 0;
  std::string graph_fields, model_fields;
  bool has_graph = false;
  ListBytes lists;
  const auto count = [&](size_t length) {
    structure += static_cast<int64_t>(length);
    if (structure <= structure_limit) return;
    throw Error(
        {.where = where,
         .rule = Concat("the structure of a model (all but its numbers) has at most ", structure_limit, " bytes"),
         .received = "more"});
  };

  Field field;
  for (FieldReader model(bytes, where); model.Next(field);) {
    if (field.number != kGraph || field.wire_type != kLengthDelimited) {
      count(field.whole.size());
      model_fields += field.whole;
      continue;
    }
    if (has_graph) throw Error({.where = where, .rule = "a model has one graph", .received = "a second one"});
    has_graph = true;
    for (FieldReader graph(field.payload, where); graph.Next(field);) {
      if (field.number == kNode && field.wire_type == kLengthDelimited) {
        const int64_t before = lists.all();
        const std::string node = Framed(kNode, SplitNode(field.payload, where, pieces, lists));
        count(node.size() - static_cast<size_t>(lists.all() - before));
        graph_fields += node;
        continue;
      }
      if (field.number != kInitializer || field.wire_type != kLengthDelimited) {
        count(field.whole.size());
        graph_fields += field.whole;
        continue;
      }
      OnnxInitializer initializer;
      std::string header;
      count(sizeof initializer);  // a header of no bytes costs memory all the same
      for (FieldReader tensor(field.payload, where); tensor.Next(field);) {
        if (field.number == kRawData && field.wire_type == kLengthDelimited) {
          initializer.raw_data = field.payload;
        } else {
          if (!lists.Count(field, where)) count(field.whole.size());
          header += field.whole;
        }
      }
      Parse(header, initializer.header, where);
      pieces.initializers.push_back(std::move(initializer));
    }
  }
  if (!has_graph) {
    throw Error({.where = where, .rule = "an .onnx file holds a model with a graph", .received = "no graph"});
  }
  Parse(model_fields, pieces.model, where);
  Parse(graph_fields, pieces.graph, where);
  return pieces;
}

void CheckOnnxCount(const OnnxLimits& limits, const char* what, int64_t count) {
  if (count <= limits.nodes) return;
  throw Error({.rule = Concat("a model has at most ", limits.nodes, " ", what), .received = Concat(count)});
}

void CheckOnnxCounts(const OnnxLimits& limits, const OnnxPieces& pieces) {
  CheckOnnxCount(limits, "nodes", pieces.graph.node_size());
  CheckOnnxCount(limits, "tensors", static_cast<int64_t>(pieces.initializers.size()));
  CheckOnnxCount(limits, "inputs and outputs", pieces.graph.input_size() + pieces.graph.output_size());
}

OnnxBytes::OnnxBytes(const OnnxPieces& pieces) {
  // The graph's length stands before it, so what it holds is put together first.
  const std::string graph = Serialized(pieces.graph);
  std::vector<std::string> headers;  // of each initializer, up to its raw_data
  int64_t graph_size = static_cast<int64_t>(graph.size());
  for (const OnnxInitializer& initializer : pieces.initializers) {
    const auto data_size = static_cast<int64_t>(initializer.raw_data.size());
    std::string header = Serialized(initializer.header);
    header += Opening(kRawData, data_size);
    header.insert(0, Opening(kInitializer, static_cast<int64_t>(header.size()) + data_size));
    graph_size += static_cast<int64_t>(header.size()) + data_size;
    headers.push_back(std::move(header));
  }
  if (graph_size > kMost) {
    throw Error({.rule = "an .onnx file is smaller than 2 GiB",
                 .received = Concat(graph_size, " bytes"),
                 .fix = "the numbers of a larger model would lie in other files, which are not written"});
  }
  owned_.push_back(Serialized(pieces.model) + Opening(kGraph, graph_size) + graph);
  for (std::string& header : headers) owned_.push_back(std::move(header));
  views_.push_back(owned_[0]);
  for (size_t i = 0; i < pieces.initializers.size(); ++i) {
    views_.push_back(owned_[i + 1]);
    views_.push_back(pieces.initializers[i].raw_data);
  }
  for (const std::string_view view : views_) size_ += static_cast<int64_t>(view.size());
}

}  // namespace convscope::internal
