// The types of the arguments of layers, so that they can be written as in Keras: .kernel_size = 3 or {3, 5},
// .activation = "relu".
#ifndef CONVSCOPE_NN_LAYER_ARGUMENTS_H_
#define CONVSCOPE_NN_LAYER_ARGUMENTS_H_

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <vector>

#include "convscope/kernels/activation.h"

namespace convscope {

// One number for each of `rank` spatial axes (depth, rows, columns: the last ones), or one for all of them. Not given
// at all, it stands for what the layer says it then is.
template <int rank>
class PerAxis {
 public:
  PerAxis() = default;
  PerAxis(int64_t all) : given_(true) { values_.fill(all); }
  template <std::convertible_to<int64_t>... Rest>
  requires(rank > 1 && sizeof...(Rest) + 1 == rank) PerAxis(int64_t first, Rest... rest)
      : values_{first, static_cast<int64_t>(rest)...}, given_(true) {}

  bool given() const { return given_; }
  int64_t operator[](int axis) const { return values_[static_cast<size_t>(axis)]; }
  std::vector<int64_t> values() const {
    return given_ ? std::vector<int64_t>(values_.begin(), values_.end()) : std::vector<int64_t>{};
  }
  bool operator==(const PerAxis&) const = default;

 private:
  std::array<int64_t, rank> values_{};
  bool given_ = false;
};

// What lies before and after each of two spatial axes: one number for all four sides, {rows, columns}, or
// {{top, bottom}, {left, right}}.
struct Sides2D {
  int64_t top = 0, bottom = 0, left = 0, right = 0;

  Sides2D() = default;
  Sides2D(int64_t all) : top(all), bottom(all), left(all), right(all) {}
  Sides2D(int64_t rows, int64_t columns) : top(rows), bottom(rows), left(columns), right(columns) {}
  Sides2D(std::array<int64_t, 2> rows, std::array<int64_t, 2> columns)
      : top(rows[0]), bottom(rows[1]), left(columns[0]), right(columns[1]) {}
  bool operator==(const Sides2D&) const = default;
};

// (N, spatial..., C) or (N, C, spatial...). What is built here computes channels last; a layer whose tensors are
// channels first turns them before and after.
enum class DataFormat : uint8_t { kChannelsLast, kChannelsFirst };

// How UpSampling2D fills in.
enum class Interpolation : uint8_t { kNearest, kBilinear };

// An activation by its name ("relu", "leaky_relu:0.1"), its kind with Keras 3's parameters, or with its own ones.
struct ActivationChoice {
  Activation value;

  ActivationChoice() = default;  // linear: none
  ActivationChoice(const Activation& activation) : value(activation) {}
  ActivationChoice(ActivationKind kind) : value(MakeActivation(kind)) {}
  ActivationChoice(std::string_view name) : value(ParseActivation(name)) {}  // throws Error for an unknown one
  ActivationChoice(const char* name) : value(ParseActivation(name)) {}
  bool operator==(const ActivationChoice&) const = default;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_LAYER_ARGUMENTS_H_
