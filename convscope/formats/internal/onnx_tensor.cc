#include "convscope/formats/internal/onnx_tensor.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <optional>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/small_floats.h"

namespace convscope::internal {
namespace {

using onnx_schema::TensorProto;

// What an element takes in raw_data and in files.
size_t StoredBytes(int type) {
  switch (type) {
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
    case TensorProto::UINT64:
      return 8;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32:
      return 4;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
    case TensorProto::INT16:
    case TensorProto::UINT16:
      return 2;
    default:
      return 1;
  }
}

template <typename From, typename To, typename Convert>
void ConvertAll(std::string_view bytes, Tensor& tensor, const Convert& convert) {
  To* to = tensor.data<To>();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    From value;
    std::memcpy(&value, bytes.data() + static_cast<size_t>(i) * sizeof value, sizeof value);
    to[i] = convert(value);
  }
}

// From the bytes that raw_data and files hold.
void FillFromBytes(std::string_view bytes, int type, Tensor& tensor) {
  const auto same = [](auto value) { return static_cast<int64_t>(value); };
  switch (type) {
    case TensorProto::FLOAT16:
      return ConvertAll<uint16_t, float>(bytes, tensor, FromHalf);
    case TensorProto::BFLOAT16:
      return ConvertAll<uint16_t, float>(bytes, tensor, FromBfloat16);
    case TensorProto::INT16:
      return ConvertAll<int16_t, int64_t>(bytes, tensor, same);
    case TensorProto::UINT16:
      return ConvertAll<uint16_t, int64_t>(bytes, tensor, same);
    case TensorProto::UINT32:
      return ConvertAll<uint32_t, int64_t>(bytes, tensor, same);
    case TensorProto::BOOL:
      return ConvertAll<uint8_t, bool>(bytes, tensor, [](uint8_t value) { return value != 0; });
    default:
      std::copy_n(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size(), tensor.bytes());
  }
}

// From the lists of numbers of the message; false where that list has another length.
template <typename To, typename List, typename Convert>
bool FillFromList(const List& list, Tensor& tensor, const Convert& convert) {
  if (list.size() != tensor.size()) return false;
  std::transform(list.begin(), list.end(), tensor.data<To>(), convert);
  return true;
}

bool FillFromLists(const TensorProto& from, Tensor& tensor) {
  const auto as = [](auto to) { return [](auto value) { return static_cast<decltype(to)>(value); }; };
  switch (from.data_type()) {
    case TensorProto::FLOAT:
      return FillFromList<float>(from.float_data(), tensor, as(float{}));
    case TensorProto::DOUBLE:
      return FillFromList<double>(from.double_data(), tensor, as(double{}));
    case TensorProto::INT64:
      return FillFromList<int64_t>(from.int64_data(), tensor, as(int64_t{}));
    case TensorProto::UINT32:
    case TensorProto::UINT64:
      return FillFromList<int64_t>(from.uint64_data(), tensor, as(int64_t{}));
    case TensorProto::FLOAT16:
      return FillFromList<float>(from.int32_data(), tensor,
                                 [](int32_t bits) { return FromHalf(static_cast<uint16_t>(bits)); });
    case TensorProto::BFLOAT16:
      return FillFromList<float>(from.int32_data(), tensor,
                                 [](int32_t bits) { return FromBfloat16(static_cast<uint16_t>(bits)); });
    case TensorProto::INT32:
      return FillFromList<int32_t>(from.int32_data(), tensor, as(int32_t{}));
    case TensorProto::UINT8:
      return FillFromList<uint8_t>(from.int32_data(), tensor, as(uint8_t{}));
    case TensorProto::INT8:
      return FillFromList<int8_t>(from.int32_data(), tensor, as(int8_t{}));
    case TensorProto::BOOL:
      return FillFromList<bool>(from.int32_data(), tensor, [](int32_t value) { return value != 0; });
    default:  // int16, uint16
      return FillFromList<int64_t>(from.int32_data(), tensor, as(int64_t{}));
  }
}

}  // namespace

void ExternalNumbers::Take(const std::filesystem::path& file, int64_t offset, int64_t bytes, const std::string& where) {
  if (bytes > left_bytes_) {
    throw Error({.where = where,
                 .rule = "the numbers of a model in files of their own are within the limit",
                 .received = Concat(bytes, " bytes more, where ", left_bytes_, " are left")});
  }
  left_bytes_ -= bytes;
  if (bytes == 0) return;
  std::map<int64_t, int64_t>& parts = taken_[file];
  const auto same = parts.find(offset);
  if (same != parts.end() && same->second == offset + bytes) return;  // one matrix of weights that is used twice
  const auto next = parts.lower_bound(offset);
  const bool before = next != parts.begin() && std::prev(next)->second > offset;
  if (before || (next != parts.end() && next->first < offset + bytes)) {
    throw Error({.where = where,
                 .rule = "the numbers of two tensors do not overlap in their file",
                 .received = Concat(bytes, " bytes from ", offset, ", of which another tensor has some"),
                 .fix = "the file is damaged: get it again"});
  }
  parts[offset] = offset + bytes;
}

std::string ExternalNumbers::Read(const TensorProto& tensor, int64_t bytes, const std::string& where) {
  std::string location;
  int64_t offset = 0, length = bytes;
  for (const onnx_schema::StringStringEntryProto& entry : tensor.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = ParseInteger(entry.value(), where);
    if (entry.key() == "length") length = ParseInteger(entry.value(), where);
  }
  const auto fail = [&](const std::string& rule, const std::string& received) -> Error {
    return Error({.where = where, .rule = rule, .received = received});
  };
  if (folder_.empty()) throw fail("the numbers of this model lie in its own file", "a reference to another file");
  if (offset < 0 || length != bytes) {
    throw fail(Concat("the tensor takes ", bytes, " bytes of its file, from an offset of 0 or more"),
               Concat(length, " bytes from ", offset));
  }
  // Only below the model's folder, links followed: a model must not read what else lies on a machine.
  std::error_code error;
  const std::filesystem::path inside(location);
  const std::filesystem::path root = std::filesystem::canonical(folder_, error);
  const std::filesystem::path file = error ? inside : std::filesystem::canonical(root / inside, error);
  const std::filesystem::path relative = error ? inside : file.lexically_relative(root);
  if (location.empty() || inside.is_absolute() || relative.empty() || *relative.begin() == "..") {
    throw fail("numbers outside an .onnx file lie in its folder", '"' + location + '"');
  }
  if (error || !std::filesystem::is_regular_file(file, error)) {
    throw Error({.where = where,
                 .rule = "the file with the numbers of the model can be read",
                 .received = Concat("no file \"", location, "\" beside the model"),
                 .fix = "keep the files of a model together"});
  }
  const auto size = static_cast<int64_t>(std::filesystem::file_size(file, error));
  if (error || size < bytes || offset > size - bytes) {
    throw fail(Concat("\"", location, "\" holds ", bytes, " bytes from ", offset), Concat(size, " bytes in all"));
  }
  Take(file, offset, bytes, where);
  std::ifstream in(file, std::ios::binary);
  std::string data(static_cast<size_t>(bytes), '\0');
  in.seekg(offset);
  if (!in.read(data.data(), bytes)) throw fail("the file with the numbers can be read", '"' + location + '"');
  return data;
}

DType ImportedDType(int type, const std::string& where) {
  switch (type) {
    case TensorProto::FLOAT:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return DType::kFloat32;
    case TensorProto::DOUBLE:
      return DType::kFloat64;
    case TensorProto::UINT8:
      return DType::kUInt8;
    case TensorProto::INT8:
      return DType::kInt8;
    case TensorProto::INT32:
      return DType::kInt32;
    case TensorProto::INT64:
    case TensorProto::UINT64:
    case TensorProto::UINT32:
    case TensorProto::INT16:
    case TensorProto::UINT16:
      return DType::kInt64;
    case TensorProto::BOOL:
      return DType::kBool;
    default:
      throw Error({.where = where,
                   .rule = "a tensor holds floats of 16, 32 or 64 bits, integers or bools",
                   .received = Concat("ONNX data type ", type)});
  }
}

std::string_view WidenedFloat(int type) {
  return type == TensorProto::FLOAT16 ? "float16" : type == TensorProto::BFLOAT16 ? "bfloat16" : "";
}

Tensor ImportTensor(const TensorProto& tensor, std::string_view raw_data, ExternalNumbers& outside,
                    const std::string& where) {
  const DType dtype = ImportedDType(tensor.data_type(), where);
  const Shape shape(std::vector<int64_t>(tensor.dims().begin(), tensor.dims().end()));
  const auto bytes = shape.NumElements() * static_cast<int64_t>(StoredBytes(tensor.data_type()));
  std::string external;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    external = outside.Read(tensor, bytes, where);
    raw_data = external;
  } else if (raw_data.empty()) {
    raw_data = tensor.raw_data();
  }
  // Memory is asked for once the numbers are known to be there.
  const auto wrong = [&](int64_t found, const char* what) {
    return Error({.where = where,
                  .rule = Concat("a tensor ", shape.ToString(), " has as many numbers"),
                  .received = Concat(found, " ", what),
                  .fix = "the file is damaged: get it again"});
  };
  if (!raw_data.empty()) {
    if (static_cast<int64_t>(raw_data.size()) != bytes) {
      throw wrong(static_cast<int64_t>(raw_data.size()), "bytes of them");
    }
    Tensor result(shape, dtype);
    FillFromBytes(raw_data, tensor.data_type(), result);
    return result;
  }
  const int64_t listed =
      std::max<int64_t>({tensor.float_data_size(), tensor.double_data_size(), tensor.int32_data_size(),
                         tensor.int64_data_size(), tensor.uint64_data_size()});
  if (listed != shape.NumElements()) throw wrong(listed, "of them");
  Tensor result(shape, dtype);
  if (!FillFromLists(tensor, result)) throw wrong(listed, "of another type");
  return result;
}

}  // namespace convscope::internal
