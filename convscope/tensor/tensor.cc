#include "convscope/tensor/tensor.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr size_t kAlignment = 64;  // a cache line, and the widest vector
constexpr size_t kHugePage = size_t{2} << 20;
// Half a huge page wasted on rounding is acceptable only once the tensor itself is larger than that.
constexpr size_t kHugeFrom = 2 * kHugePage;
constexpr size_t kPage = 4096;
constexpr size_t kPopulateFrom = size_t{256} << 10;

std::byte* Allocate(size_t bytes) {
  const size_t alignment = bytes >= kHugeFrom ? kHugePage : kAlignment;
  // std::aligned_alloc takes multiples of the alignment only, and may give null for no bytes.
  const size_t rounded = (std::max<size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(alignment, rounded));
#ifdef __linux__
  // Only advice, so its failure is no error.
  if (memory != nullptr && alignment == kHugePage) {
    // 512 times fewer page faults and TLB misses.
    madvise(memory, rounded, MADV_HUGEPAGE);
  } else if (memory != nullptr && rounded >= kPopulateFrom) {
#ifdef MADV_POPULATE_WRITE
    // All whole pages in one call, at a tenth of what a fault for each of them costs.
    const auto begin = (reinterpret_cast<uintptr_t>(memory) + kPage - 1) / kPage * kPage;
    const auto end = (reinterpret_cast<uintptr_t>(memory) + rounded) / kPage * kPage;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
#endif
  }
#endif
  return memory;
}

}  // namespace

void Tensor::Free::operator()(std::byte* bytes) const {
  std::free(bytes);
}

Tensor::Tensor(Shape shape, DType dtype) : shape_(shape), dtype_(dtype) {
  bytes_.reset(Allocate(static_cast<size_t>(SizeInBytes())));
  if (bytes_ == nullptr) {
    throw Error({.where = "tensor",
                 .rule = "the tensor must fit in memory",
                 .received = Concat(shape.ToString(), " ", Name(dtype), ", ", SizeInBytes(), " bytes"),
                 .fix = "use a smaller picture or batch"});
  }
}

Tensor Tensor::Zeros(Shape shape, DType dtype) {
  Tensor tensor(shape, dtype);
  std::memset(tensor.bytes(), 0, static_cast<size_t>(tensor.SizeInBytes()));
  return tensor;
}

Tensor Tensor::Of(Shape shape, std::span<const float> values) {
  Tensor tensor(shape);
  if (static_cast<int64_t>(values.size()) != tensor.size()) {
    throw Error({.where = "tensor",
                 .rule = Concat("shape ", shape.ToString(), " has ", tensor.size(), " elements"),
                 .received = Concat(values.size(), " values")});
  }
  std::copy(values.begin(), values.end(), tensor.data());
  return tensor;
}

Tensor Tensor::Of(Shape shape, std::initializer_list<float> values) {
  return Of(shape, std::span<const float>(values.begin(), values.size()));
}

Tensor Tensor::Clone() const {
  Tensor copy(shape_, dtype_);
  std::memcpy(copy.bytes(), bytes(), static_cast<size_t>(SizeInBytes()));
  return copy;
}

Tensor Tensor::Reshaped(Shape shape) && {
  if (shape.NumElements() != size()) {
    throw Error({.where = "tensor",
                 .rule = Concat("a reshape keeps the number of elements, ", size()),
                 .received = shape.ToString()});
  }
  shape_ = shape;
  return std::move(*this);
}

void Tensor::CheckDType(DType wanted) const {
  if (wanted != dtype_) {
    throw Error({.where = "tensor",
                 .rule = Concat("the tensor holds ", Name(dtype_), " elements"),
                 .received = Concat("a view of ", Name(wanted))});
  }
}

}  // namespace convscope
