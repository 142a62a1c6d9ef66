// What operations with one parameter a channel share: the rule for their inputs, and the arithmetic by type. Not for
// users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_CHANNEL_PARAMETERS_H_
#define CONVSCOPE_GRAPH_INTERNAL_CHANNEL_PARAMETERS_H_

#include <span>
#include <type_traits>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/operation.h"
#include "convscope/kernels/channels.h"
#include "convscope/kernels/reference/channels.h"

namespace convscope {

// x (..., C) as rows of C values.
struct ChannelRows {
  explicit ChannelRows(const Shape& x) : channels(x.back()), rows(channels > 0 ? x.NumElements() / channels : 0) {}
  int64_t channels;
  int64_t rows;
};

// Throws Error unless the first input is x (..., C), the others are (C,), and all of one floating type.
inline void CheckChannelParameters(std::span<const TensorType> inputs) {
  CheckFloating(inputs);
  const Shape& x = inputs[0].shape;
  if (x.rank() < 2) throw Error({.rule = "the input is (N, ..., C)", .received = x.ToString()});
  for (const TensorType& parameter : inputs.subspan(1)) {
    if (parameter.shape == Shape{x.back()}) continue;
    throw Error({.rule = Concat("for an input ", x.ToString(), " each parameter is ", Shape{x.back()}.ToString()),
                 .received = parameter.shape.ToString()});
  }
}

// The functions of convscope/kernels/channels.h: the reference for float64, its fast twin for float32.
template <typename T>
struct ChannelArithmetic {
  template <typename... Arguments>
  static void Moments(Arguments... arguments) {
    if constexpr (std::is_same_v<T, float>) {
      ChannelMoments(arguments...);
    } else {
      reference::ChannelMoments(arguments...);
    }
  }
  template <typename... Arguments>
  static void Sums(Arguments... arguments) {
    if constexpr (std::is_same_v<T, float>) {
      ChannelSums(arguments...);
    } else {
      reference::ChannelSums(arguments...);
    }
  }
  template <typename... Arguments>
  static void Affine(Arguments... arguments) {
    if constexpr (std::is_same_v<T, float>) {
      ChannelAffine(arguments...);
    } else {
      reference::ChannelAffine(arguments...);
    }
  }
  template <typename... Arguments>
  static void AffineOfTwo(Arguments... arguments) {
    if constexpr (std::is_same_v<T, float>) {
      ChannelAffineOfTwo(arguments...);
    } else {
      reference::ChannelAffineOfTwo(arguments...);
    }
  }
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_CHANNEL_PARAMETERS_H_
