#include "convscope/train/tensor_archive.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

static_assert(std::endian::native == std::endian::little, "archives are written as the numbers lie in memory");

constexpr std::string_view kMagic = "convscope tensors 1\n";

uint64_t Fnv1a(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3u;
  return hash;
}

template <typename T>
void Put(std::string& bytes, T number) {
  bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void PutText(std::string& bytes, std::string_view text) {
  Put(bytes, static_cast<uint32_t>(text.size()));
  bytes.append(text);
}

DType DTypeNamed(std::string_view name, const std::string& where) {
  for (const DType dtype :
       {DType::kFloat32, DType::kFloat64, DType::kUInt8, DType::kInt8, DType::kInt32, DType::kInt64, DType::kBool}) {
    if (Name(dtype) == name) return dtype;
  }
  throw Error({.where = where, .rule = "a tensor has a known type", .received = Concat('"', name, '"')});
}

class Reader {
 public:
  Reader(std::string_view bytes, std::string where) : rest_(bytes), where_(std::move(where)) {}

  bool AtEnd() const { return rest_.empty(); }

  std::string_view Take(uint64_t count) {
    if (count > rest_.size()) {
      throw Error({.where = where_,
                   .rule = Concat("there are ", count, " more bytes"),
                   .received = Concat(rest_.size()),
                   .fix = "the file is damaged; use another checkpoint"});
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  template <typename T>
  T Number() {
    T number;
    std::memcpy(&number, Take(sizeof(number)).data(), sizeof(number));
    return number;
  }

  std::string_view Text() { return Take(Number<uint32_t>()); }

  Tensor TakeTensor() {
    const DType dtype = DTypeNamed(Text(), where_);
    const auto rank = Number<uint32_t>();
    std::vector<int64_t> lengths;
    for (uint32_t i = 0; i < rank && i <= Shape::kMaxRank; ++i) lengths.push_back(Number<int64_t>());
    const Shape shape{std::span<const int64_t>(lengths)};
    // Taken before memory is, so that what the header claims is there.
    const std::string_view elements = Take(static_cast<uint64_t>(shape.NumElements()) * SizeInBytes(dtype));
    Tensor tensor(shape, dtype);
    std::memcpy(tensor.bytes(), elements.data(), elements.size());
    return tensor;
  }

 private:
  std::string_view rest_;
  std::string where_;
};

}  // namespace

std::string TensorsToBytes(const NamedTensors& tensors) {
  size_t size = kMagic.size() + sizeof(uint64_t);
  for (const auto& [name, tensor] : tensors) {
    size += name.size() + 32 + 8 * Shape::kMaxRank + static_cast<size_t>(tensor->SizeInBytes());
  }
  std::string bytes;
  bytes.reserve(size);
  bytes += kMagic;
  for (const auto& [name, tensor] : tensors) {
    PutText(bytes, name);
    PutText(bytes, Name(tensor->dtype()));
    Put(bytes, static_cast<uint32_t>(tensor->shape().rank()));
    for (const int64_t length : tensor->shape().lengths()) Put(bytes, length);
    bytes.append(reinterpret_cast<const char*>(tensor->bytes()), static_cast<size_t>(tensor->SizeInBytes()));
  }
  Put(bytes, Fnv1a(bytes));
  return bytes;
}

NamedTensors TensorsFromBytes(std::string_view bytes, const std::string& where) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + sizeof(uint64_t)) {
    throw Error({.where = where,
                 .rule = "a checkpoint begins with \"convscope tensors 1\"",
                 .received = Concat(bytes.size(), " bytes that do not")});
  }
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(uint64_t));
  uint64_t sum = 0;
  std::memcpy(&sum, bytes.data() + body.size(), sizeof(sum));
  if (sum != Fnv1a(body)) {
    throw Error({.where = where,
                 .rule = "a checkpoint's check sum fits its bytes",
                 .received = "another",
                 .fix = "the file is damaged or cut short; use another checkpoint"});
  }
  NamedTensors tensors;
  Reader reader(body.substr(kMagic.size()), where);
  while (!reader.AtEnd()) {
    std::string name(reader.Text());
    tensors[std::move(name)] = Share(reader.TakeTensor());
  }
  return tensors;
}

SharedTensor TextTensor(std::string_view text) {
  Tensor tensor(Shape{static_cast<int64_t>(text.size())}, DType::kUInt8);
  if (!text.empty()) std::memcpy(tensor.bytes(), text.data(), text.size());
  return Share(std::move(tensor));
}

std::string TextOf(const Tensor& tensor) {
  const std::span<const uint8_t> bytes = tensor.view<uint8_t>().span();
  return std::string(bytes.begin(), bytes.end());
}

}  // namespace convscope
