// The lengths of a tensor's axes. Row-major: the last axis is contiguous.
#ifndef CONVSCOPE_TENSOR_SHAPE_H_
#define CONVSCOPE_TENSOR_SHAPE_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace convscope {

class Shape {
 public:
  static constexpr int kMaxRank = 8;
  // More elements than any machine holds; keeps every product of sizes far from overflow.
  static constexpr int64_t kMaxElements = int64_t{1} << 40;

  Shape() = default;  // a scalar: rank 0, one element
  // Throws Error for more than kMaxRank axes, a negative length, or more than kMaxElements elements.
  Shape(std::initializer_list<int64_t> lengths) : Shape(std::span<const int64_t>(lengths.begin(), lengths.size())) {}
  explicit Shape(std::span<const int64_t> lengths);

  int rank() const { return rank_; }
  int64_t operator[](int axis) const { return lengths_[axis]; }  // axis in [0, rank)
  int64_t back(int from_end = 0) const { return lengths_[rank_ - 1 - from_end]; }
  std::span<const int64_t> lengths() const { return {lengths_.data(), static_cast<size_t>(rank_)}; }
  int64_t NumElements() const;
  std::string ToString() const;  // "(1, 28, 28, 1)"; "(15,)" for rank 1, as NumPy writes it

  bool operator==(const Shape& other) const = default;

 private:
  std::array<int64_t, kMaxRank> lengths_{};  // zero past rank_, so that == compares the whole array
  int rank_ = 0;
};

}  // namespace convscope

#endif  // CONVSCOPE_TENSOR_SHAPE_H_
