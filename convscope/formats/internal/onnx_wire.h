// The outermost layers of an .onnx file: a protobuf ModelProto, its graph, its initializers. Splitting them by hand,
// and handing what is small to protobuf, keeps the numbers of a model where they lie in the file: protobuf would copy
// each tensor, and would take two bytes of a hostile file for an object of hundreds. What the parts say is not looked
// at here. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_WIRE_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_WIRE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/formats/onnx.h"
#include "onnx_schema.pb.h"

namespace convscope::internal {

struct OnnxInitializer {
  onnx_schema::TensorProto header;  // all but raw_data
  std::string_view raw_data;
};

struct OnnxPieces {
  onnx_schema::ModelProto model;  // all but its graph
  onnx_schema::GraphProto graph;  // all but its initializers
  std::vector<OnnxInitializer> initializers;
  // The raw_data of tensors that are attributes of the graph's nodes, by the names of the node's first output and of
  // the attribute, taken out of them: some programs write weights as Constant nodes. In functions they stay.
  std::map<std::pair<std::string, std::string>, std::string_view> attribute_data;
};

// The pieces of a file's bytes, which must outlive them. Throws Error naming `where` unless the bytes are a ModelProto
// with one graph, and where all of it that is not numbers is longer than `structure_limit` bytes: raw_data, and the
// lists of numbers in a tensor, which take no more than 2^28 bytes where one byte of the file can be a number.
OnnxPieces SplitOnnx(std::string_view bytes, int64_t structure_limit, const std::string& where);

// Throws Error for more nodes, tensors, or inputs and outputs than the limits allow; the first is for one of them.
void CheckOnnxCount(const OnnxLimits& limits, const char* what, int64_t count);
void CheckOnnxCounts(const OnnxLimits& limits, const OnnxPieces& pieces);

// The bytes of a file, to be written one after the other; `raw_data` is not copied, so it must outlive them.
class OnnxBytes {
 public:
  // Throws Error where a part is larger than protobuf allows, 2 GiB.
  explicit OnnxBytes(const OnnxPieces& pieces);
  OnnxBytes(const OnnxBytes&) = delete;
  OnnxBytes& operator=(const OnnxBytes&) = delete;

  const std::vector<std::string_view>& pieces() const { return views_; }
  int64_t size() const { return size_; }

 private:
  std::vector<std::string> owned_;
  std::vector<std::string_view> views_;
  int64_t size_ = 0;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_WIRE_H_
