#include "convscope/formats/internal/onnx_wire.h"

#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

// Numbers of the fields that are taken apart; the schema has them in comments and generated constants.
constexpr uint32_t kGraph = onnx_schema::ModelProto::kGraphFieldNumber;
constexpr uint32_t kInitializer = onnx_schema::GraphProto::kInitializerFieldNumber;
constexpr uint32_t kRawData = onnx_schema::TensorProto::kRawDataFieldNumber;
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
          count(field.whole.size());
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
