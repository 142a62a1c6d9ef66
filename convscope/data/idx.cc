#include "convscope/data/idx.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

static_assert(std::endian::native == std::endian::little, "only little-endian machines are supported");

struct StoredType {
  uint8_t code;
  const char* name;
  size_t bytes;
  DType dtype;  // of the array
};

constexpr std::array<StoredType, 6> kTypes = {{
    {0x08, "uint8", 1, DType::kUInt8},
    {0x09, "int8", 1, DType::kInt8},
    {0x0B, "int16", 2, DType::kInt32},
    {0x0C, "int32", 4, DType::kInt32},
    {0x0D, "float32", 4, DType::kFloat32},
    {0x0E, "float64", 8, DType::kFloat64},
}};

[[noreturn]] void FailHeader(const std::string& where, const std::string& received) {
  throw Error({.where = where,
               .rule =
                   "an IDX file must begin with 0, 0, the type of its numbers (8, 9 or 11 to 14), its number of axes "
                   "(1 to 8) and their lengths",
               .received = received,
               .fix = "it may be another kind of file, or damaged: get it again"});
}

struct Header {
  const StoredType* type;
  Shape shape;
};

Header ReadHeader(ByteSource& source, const std::string& where, const IdxLimits& limits) {
  std::array<uint8_t, 4> start{};
  const size_t got = source.Read(std::as_writable_bytes(std::span(start)));
  if (got < start.size()) FailHeader(where, got == 0 ? "an empty file" : Concat("a file of ", got, " bytes"));
  const auto* const type =
      std::find_if(kTypes.begin(), kTypes.end(), [&](const StoredType& t) { return t.code == start[2]; });
  if (start[0] != 0 || start[1] != 0 || type == kTypes.end() || start[3] < 1 || start[3] > Shape::kMaxRank) {
    FailHeader(where, Concat("bytes ", int{start[0]}, ", ", int{start[1]}, ", ", int{start[2]}, ", ", int{start[3]}));
  }
  std::array<uint8_t, 4 * Shape::kMaxRank> stored{};
  const auto lengths_bytes = std::as_writable_bytes(std::span(stored)).first(size_t{4} * start[3]);
  if (source.Read(lengths_bytes) < lengths_bytes.size()) FailHeader(where, "a file that ends within the lengths");
  std::vector<int64_t> lengths;
  std::string text;
  int64_t elements = 1;
  bool too_many = false;
  for (int axis = 0; axis < start[3]; ++axis) {
    const uint8_t* const b = &stored[static_cast<size_t>(axis) * 4];
    const int64_t length = int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3];
    lengths.push_back(length);
    text += Concat(axis == 0 ? "" : ", ", length);
    // A product past the limit stays past it, unless an axis is 0; that is nothing's size either.
    too_many = too_many || (length > 0 && elements > limits.elements / length);
    if (!too_many) elements *= length;
  }
  if (too_many) {
    throw Error({.where = where,
                 .rule = Concat("an array may have at most ", limits.elements, " numbers"),
                 .received = Concat("lengths (", text, ") in the header"),
                 .fix = "the header may be damaged: get the file again"});
  }
  return {type, Shape(lengths)};
}

[[noreturn]] void FailLength(const Header& header, const std::string& where, const std::string& received) {
  throw Error({.where = where,
               .rule = Concat("an IDX header of shape ", header.shape.ToString(), " and type ", header.type->name,
                              " must be followed by ",
                              header.shape.NumElements() * static_cast<int64_t>(header.type->bytes), " bytes"),
               .received = received,
               .fix = "the file is damaged: get it again"});
}

// Turns `count` big-endian numbers of Word's size around.
template <typename Word>
void SwapWords(std::byte* bytes, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    std::byte* const word = bytes + i * static_cast<int64_t>(sizeof(Word));
    std::reverse(word, word + sizeof(Word));
  }
}

// int16, big endian, at the front of memory for as many int32.
void WidenInt16(std::byte* bytes, int64_t count) {
  for (int64_t i = count - 1; i >= 0; --i) {  // from the end: what is written lies behind what is still to be read
    const auto high = static_cast<uint8_t>(bytes[2 * i]), low = static_cast<uint8_t>(bytes[2 * i + 1]);
    const int32_t wide = static_cast<int16_t>(high << 8 | low);
    std::memcpy(bytes + 4 * i, &wide, sizeof wide);
  }
}

}  // namespace

Tensor ReadIdx(ByteSource& source, const std::string& where, const IdxLimits& limits) {
  const Header header = ReadHeader(source, where, limits);
  const int64_t count = header.shape.NumElements();
  const int64_t wanted = count * static_cast<int64_t>(header.type->bytes);
  if (wanted > source.MostBytes()) FailLength(header, where, Concat("at most ", source.MostBytes()));
  Tensor array(header.shape, header.type->dtype);
  const size_t got = source.Read({array.bytes(), static_cast<size_t>(wanted)});
  if (static_cast<int64_t>(got) < wanted) FailLength(header, where, Concat(got));
  std::byte more;
  // Reading past the end also makes a gzip source look at its checksum.
  if (source.Read({&more, 1}) > 0) FailLength(header, where, "more");
  switch (header.type->code) {
    case 0x0B:
      WidenInt16(array.bytes(), count);
      break;
    case 0x0C:
    case 0x0D:
      SwapWords<uint32_t>(array.bytes(), count);
      break;
    case 0x0E:
      SwapWords<uint64_t>(array.bytes(), count);
      break;
    default:
      break;
  }
  return array;
}

Tensor ParseIdx(std::string_view bytes, const std::string& where, const IdxLimits& limits) {
  MemorySource source(bytes);
  return ReadIdx(source, where, limits);
}

}  // namespace convscope
