// What is done to the values of a convolution before anybody sees them: an activation, a sum with what came in.
#ifndef CONVSCOPE_KERNELS_EPILOGUE_H_
#define CONVSCOPE_KERNELS_EPILOGUE_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <type_traits>
#include <utility>

namespace convscope {

// What a value is held within: a rectifier, or a clip. NaN stays NaN.
struct Limits {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();

  bool operator==(const Limits&) const = default;
  float operator()(float value) const {
    const float above = value < low ? low : value;
    return above > high ? high : above;
  }
};

// values[i] within the limits, i in [0, count), in vectors.
void Hold(const Limits& limits, float* values, int64_t count);

// Applied in place to each finished piece of an output while it is still in the cache: `values` holds whole pixels of
// all their channels. Empty: nothing is applied.
struct Epilogue {
  Epilogue() = default;
  template <typename Function>
  requires(std::invocable<Function&, float*, int64_t> && !std::same_as<std::remove_cvref_t<Function>, Epilogue>)
      Epilogue(Function function)
      : then(std::move(function)) {}  // NOLINT(google-explicit-constructor)

  explicit operator bool() const { return limits != Limits{} || then != nullptr; }
  void operator()(float* values, int64_t count) const {
    Hold(limits, values, count);
    if (then) then(values, count);
  }

  Limits limits;  // first; kernels that can apply it as they store
  std::function<void(float* values, int64_t count)> then;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_EPILOGUE_H_
