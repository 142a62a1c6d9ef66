// A dense row-major array that owns its memory, and views of one.
#ifndef CONVSCOPE_TENSOR_TENSOR_H_
#define CONVSCOPE_TENSOR_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <type_traits>

#include "convscope/tensor/dtype.h"
#include "convscope/tensor/shape.h"

namespace convscope {

// A pointer and a shape: a value, cheap to copy, owning nothing. T is const for inputs.
template <typename T>
class TensorView {
 public:
  TensorView() = default;
  TensorView(T* data, Shape shape) : data_(data), shape_(shape) {}
  // A view of T is also a view of const T.
  template <typename U>
  requires(std::is_same_v<const U, T>) TensorView(TensorView<U> other) : data_(other.data()), shape_(other.shape()) {}

  T* data() const { return data_; }
  const Shape& shape() const { return shape_; }
  int64_t size() const { return shape_.NumElements(); }
  T& operator[](int64_t i) const { return data_[i]; }
  std::span<T> span() const { return {data_, static_cast<size_t>(size())}; }

 private:
  T* data_ = nullptr;
  Shape shape_{0};
};

// Memory is 64-byte aligned; from 4 MiB on it is 2 MiB aligned and asks for huge pages. Move-only: a copy of a large
// tensor is never an accident, Clone() makes one.
class Tensor {
 public:
  Tensor() : Tensor(Shape{0}) {}
  // Elements are not initialised. Throws Error when the memory cannot be had.
  explicit Tensor(Shape shape, DType dtype = DType::kFloat32);

  static Tensor Zeros(Shape shape, DType dtype = DType::kFloat32);
  // Float32 elements from a list, for tests and examples; throws Error unless there are as many as the shape says.
  static Tensor Of(Shape shape, std::initializer_list<float> values);
  static Tensor Of(Shape shape, std::span<const float> values);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  int64_t size() const { return shape_.NumElements(); }
  int64_t SizeInBytes() const { return size() * static_cast<int64_t>(convscope::SizeInBytes(dtype_)); }

  Tensor Clone() const;
  // The same memory under another shape of as many elements; throws Error otherwise.
  Tensor Reshaped(Shape shape) &&;

  // Views; throw Error when T is not the tensor's dtype.
  template <typename T = float>
  TensorView<T> view() {
    CheckDType(DTypeOf<T>());
    return {reinterpret_cast<T*>(bytes_.get()), shape_};
  }
  template <typename T = float>
  TensorView<const T> view() const {
    CheckDType(DTypeOf<T>());
    return {reinterpret_cast<const T*>(bytes_.get()), shape_};
  }
  template <typename T = float>
  T* data() {
    return view<T>().data();
  }
  template <typename T = float>
  const T* data() const {
    return view<T>().data();
  }

  std::byte* bytes() { return bytes_.get(); }
  const std::byte* bytes() const { return bytes_.get(); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const;
  };
  void CheckDType(DType wanted) const;

  Shape shape_;
  DType dtype_;
  std::unique_ptr<std::byte[], Free> bytes_;
};

}  // namespace convscope

#endif  // CONVSCOPE_TENSOR_TENSOR_H_
