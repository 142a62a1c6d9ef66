#include "convscope/formats/safetensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <utility>

#include "convscope/base/byte_source.h"
#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/safetensors_header.h"
#include "convscope/formats/internal/stored_type.h"

namespace convscope {
namespace {

using internal::SafetensorsEntry;
using internal::SafetensorsHeader;

static_assert(std::endian::native == std::endian::little, "numbers are stored as they lie in memory");

constexpr size_t kLengthBytes = 8;  // of the number that a file begins with

using internal::StoredType, internal::Widen, internal::WidenBool, internal::WidenBrain, internal::WidenHalf;

constexpr std::array<StoredType, 12> kTypes = {{
    {"F32", 4, DType::kFloat32},
    {"F64", 8, DType::kFloat64},
    {"U8", 1, DType::kUInt8},
    {"I8", 1, DType::kInt8},
    {"I32", 4, DType::kInt32},
    {"I64", 8, DType::kInt64},
    {"BOOL", 1, DType::kBool, WidenBool},
    {"F16", 2, DType::kFloat32, WidenHalf},
    {"BF16", 2, DType::kFloat32, WidenBrain},
    {"I16", 2, DType::kInt32, Widen<int16_t, int32_t>},
    {"U16", 2, DType::kInt32, Widen<uint16_t, int32_t>},
    {"U32", 4, DType::kInt64, Widen<uint32_t, int64_t>},
}};

const StoredType& FindType(const SafetensorsEntry& entry, const std::string& where) {
  for (const StoredType& type : kTypes) {
    if (type.name == entry.dtype) return type;
  }
  std::string names;
  for (const StoredType& type : kTypes) names += Concat(names.empty() ? "" : ", ", type.name);
  throw Error({.where = where,
               .rule = "a tensor is of one of the types " + names,
               .received = Concat('"', entry.dtype, '"'),
               .fix = "convert it: tensor.to(torch.float32)"});
}

std::string_view NameOnDisk(DType dtype) {
  for (const StoredType& type : kTypes) {
    if (type.dtype == dtype) return type.name;
  }
  return "";
}

[[noreturn]] void FailTruncated(const std::string& where, const std::string& rule, const std::string& received) {
  throw Error({.where = where, .rule = rule, .received = received, .fix = "the file is damaged: get it again"});
}

void ReadAll(ByteSource& source, std::span<std::byte> out, const std::string& where) {
  if (source.Read(out) != out.size()) {
    FailTruncated(where, "a safetensors file holds what its header says", "a shorter one");
  }
}

std::string ReadHeaderText(ByteSource& source, const std::string& where, const SafetensorsLimits& limits) {
  std::array<std::byte, kLengthBytes> start{};
  if (source.Read(start) != kLengthBytes) {
    FailTruncated(where, "a safetensors file begins with the length of its header, 8 bytes", "a shorter file");
  }
  uint64_t length = 0;
  std::memcpy(&length, start.data(), sizeof length);
  if (length > static_cast<uint64_t>(limits.header_bytes)) {
    throw Error({.where = where,
                 .rule = Concat("the header of a safetensors file has at most ", limits.header_bytes, " bytes"),
                 .received = Concat(length),
                 .fix = "this is another kind of file, or a damaged one"});
  }
  if (length > static_cast<uint64_t>(source.MostBytes())) {
    FailTruncated(where, Concat("its header has ", length, " bytes"),
                  Concat(source.MostBytes(), " bytes after its length"));
  }
  std::string text(length, '\0');
  ReadAll(source, std::as_writable_bytes(std::span(text)), where);
  return text;
}

// That the entries cover `bytes` bytes, each as its shape and type say; they are sorted by their place.
void CheckPlaces(const std::vector<SafetensorsEntry>& entries, uint64_t bytes, const std::string& where) {
  uint64_t place = 0;
  for (const SafetensorsEntry& entry : entries) {
    const std::string at = Concat(where, ", ", entry.name);
    const StoredType& type = FindType(entry, at);
    Shape shape;
    try {
      shape = Shape(entry.lengths);
    } catch (const Error& error) {
      throw error.At(at);
    }
    // At most 2^40 elements of 8 bytes: no overflow.
    const uint64_t wanted = static_cast<uint64_t>(shape.NumElements()) * type.bytes;
    if (entry.begin > entry.end || entry.end - entry.begin != wanted) {
      throw Error({.where = at,
                   .rule = Concat("shape ", shape.ToString(), " of type ", type.name, " takes ", wanted, " bytes"),
                   .received = Concat("data_offsets [", entry.begin, ", ", entry.end, "]")});
    }
    if (entry.begin != place) {
      throw Error({.where = at,
                   .rule = "the tensors of a safetensors file lie one after the other, without holes and overlaps",
                   .received = Concat("one that begins at ", entry.begin, " where ", place, " is free")});
    }
    place = entry.end;
  }
  if (place == bytes) return;
  FailTruncated(where, Concat("its tensors take ", place, " bytes"), Concat(bytes, " bytes after its header"));
}

Tensor ReadTensor(ByteSource& source, const SafetensorsEntry& entry, const std::string& where) {
  const StoredType& type = FindType(entry, where);
  Tensor tensor(Shape(entry.lengths), type.dtype);
  std::byte* out = tensor.bytes();
  if (type.widen == nullptr) {
    ReadAll(source, {out, static_cast<size_t>(tensor.SizeInBytes())}, where);
    return tensor;
  }
  std::vector<std::byte> piece(size_t{1} << 16);  // a multiple of every element's length
  const size_t wide = SizeInBytes(type.dtype);
  for (uint64_t left = entry.end - entry.begin; left > 0;) {
    const size_t count = static_cast<size_t>(std::min<uint64_t>(left, piece.size()));
    ReadAll(source, {piece.data(), count}, where);
    const size_t elements = count / type.bytes;
    type.widen(piece.data(), out, static_cast<int64_t>(elements));
    out += elements * wide;
    left -= count;
  }
  return tensor;
}

SafetensorsFile Read(ByteSource& source, const std::string& where, const SafetensorsLimits& limits) {
  SafetensorsHeader header =
      internal::ParseSafetensorsHeader(ReadHeaderText(source, where, limits), where, limits.tensors);
  // Empty tensors before the one that begins where they do.
  std::stable_sort(header.entries.begin(), header.entries.end(),
                   [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
                     return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
                   });
  CheckPlaces(header.entries, static_cast<uint64_t>(source.MostBytes()), where);
  SafetensorsFile file{.tensors = {}, .metadata = std::move(header.metadata)};
  for (const SafetensorsEntry& entry : header.entries) {
    const std::string at = Concat(where, ", ", entry.name);
    if (Shape(entry.lengths).NumElements() > limits.elements) {
      throw Error({.where = at,
                   .rule = Concat("a tensor may have at most ", limits.elements, " elements"),
                   .received = Concat("shape ", Shape(entry.lengths).ToString())});
    }
    const char* const widened = entry.dtype == "F16" ? "float16" : entry.dtype == "BF16" ? "bfloat16" : "";
    file.tensors.push_back({entry.name, Share(ReadTensor(source, entry, at)), widened});
  }
  return file;
}

}  // namespace

SafetensorsFile ReadSafetensors(const std::filesystem::path& path, const SafetensorsLimits& limits) {
  FileSource source(path);
  return Read(source, path.string(), limits);
}

SafetensorsFile ParseSafetensors(std::string_view bytes, const std::string& where, const SafetensorsLimits& limits) {
  MemorySource source(bytes);
  return Read(source, where, limits);
}

namespace {

// A file's bytes up to its numbers, and the tensors in the order of those.
struct Written {
  std::string head;
  std::vector<const StoredTensor*> tensors;
};

Written Arrange(std::span<const StoredTensor> tensors, const std::map<std::string, std::string>& metadata,
                const std::string& where) {
  std::vector<const StoredTensor*> ordered;
  std::set<std::string_view> names = {"__metadata__"};
  for (const StoredTensor& tensor : tensors) {
    if (!names.insert(tensor.name).second) {
      throw Error({.where = where,
                   .rule = "a safetensors file has each name once, and none is __metadata__",
                   .received = Concat("another \"", tensor.name, '"')});
    }
    ordered.push_back(&tensor);
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const StoredTensor* a, const StoredTensor* b) {
    return SizeInBytes(a->tensor->dtype()) > SizeInBytes(b->tensor->dtype());
  });
  SafetensorsHeader header{.entries = {}, .metadata = metadata};
  uint64_t place = 0;
  for (const StoredTensor* tensor : ordered) {
    const std::span<const int64_t> lengths = tensor->tensor->shape().lengths();
    const uint64_t end = place + static_cast<uint64_t>(tensor->tensor->SizeInBytes());
    header.entries.push_back({.name = tensor->name,
                              .dtype = std::string(NameOnDisk(tensor->tensor->dtype())),
                              .lengths = {lengths.begin(), lengths.end()},
                              .begin = place,
                              .end = end});
    place = end;
  }
  std::string text = internal::FormatSafetensorsHeader(header);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');  // so that the numbers are aligned
  const uint64_t length = text.size();
  return {std::string(reinterpret_cast<const char*>(&length), sizeof length) + text, std::move(ordered)};
}

std::string_view BytesOf(const StoredTensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.tensor->bytes()), static_cast<size_t>(tensor.tensor->SizeInBytes())};
}

}  // namespace

void WriteSafetensors(std::span<const StoredTensor> tensors, const std::map<std::string, std::string>& metadata,
                      const std::filesystem::path& path) {
  const Written written = Arrange(tensors, metadata, path.string());
  std::vector<std::string_view> pieces = {written.head};
  for (const StoredTensor* tensor : written.tensors) pieces.push_back(BytesOf(*tensor));
  WriteFileAtomically(path, pieces);
}

std::string SafetensorsBytes(std::span<const StoredTensor> tensors,
                             const std::map<std::string, std::string>& metadata) {
  const Written written = Arrange(tensors, metadata, "safetensors");
  std::string bytes = written.head;
  size_t size = bytes.size();
  for (const StoredTensor* tensor : written.tensors) size += BytesOf(*tensor).size();
  bytes.reserve(size);
  for (const StoredTensor* tensor : written.tensors) bytes += BytesOf(*tensor);
  return bytes;
}

}  // namespace convscope
