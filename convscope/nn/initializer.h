// What the numbers of a parameter are before anything is learned. Keras' names, arguments and defaults.
//
//   Conv2D{.filters = 8, .kernel_size = 3, .kernel_initializer = HeNormal{}}
//
// "fan in" and "fan out" of a kernel (spatial..., in, out) are `in` and `out` times the product of the spatial axes, as
// in Keras; of a matrix (in, out) its lengths; of a vector, both its length.
#ifndef CONVSCOPE_NN_INITIALIZER_H_
#define CONVSCOPE_NN_INITIALIZER_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "convscope/graph/named_tensors.h"

namespace convscope {

// A seed of its own takes the place of the network's, so that one parameter stays while the others change.
using OwnSeed = std::optional<int64_t>;

struct Zeros {
  bool operator==(const Zeros&) const = default;
};
struct Ones {
  bool operator==(const Ones&) const = default;
};
struct Constant {
  double value = 0;
  bool operator==(const Constant&) const = default;
};
// The values themselves, float32, as many as the parameter has and in its order.
struct FromArray {
  SharedTensor values;
  bool operator==(const FromArray& other) const;  // of the numbers and the shape
};
struct RandomNormal {
  double mean = 0, stddev = 0.05;
  OwnSeed seed;
  bool operator==(const RandomNormal&) const = default;
};
struct RandomUniform {
  double minval = -0.05, maxval = 0.05;
  OwnSeed seed;
  bool operator==(const RandomUniform&) const = default;
};
// A normal distribution whose values further than 2 `stddev` from the mean are drawn again.
struct TruncatedNormal {
  double mean = 0, stddev = 0.05;
  OwnSeed seed;
  bool operator==(const TruncatedNormal&) const = default;
};
// Variance scale / n, with n the fan in, the fan out or their mean. The truncated normal is widened so that its
// variance after truncation is that (divided by 0.87962566..., the standard deviation of one cut at 2).
struct VarianceScaling {
  enum class Mode : uint8_t { kFanIn, kFanOut, kFanAverage };
  enum class Distribution : uint8_t { kTruncatedNormal, kUntruncatedNormal, kUniform };
  double scale = 1;
  Mode mode = Mode::kFanIn;
  Distribution distribution = Distribution::kTruncatedNormal;
  OwnSeed seed;
  bool operator==(const VarianceScaling&) const = default;
};
// Glorot and Bengio 2010: scale 1 over the mean of both fans.
struct GlorotNormal {
  OwnSeed seed;
  bool operator==(const GlorotNormal&) const = default;
};
struct GlorotUniform {
  OwnSeed seed;
  bool operator==(const GlorotUniform&) const = default;
};
// He et al. 2015: scale 2 over the fan in.
struct HeNormal {
  OwnSeed seed;
  bool operator==(const HeNormal&) const = default;
};
struct HeUniform {
  OwnSeed seed;
  bool operator==(const HeUniform&) const = default;
};
// LeCun et al. 1998: scale 1 over the fan in.
struct LecunNormal {
  OwnSeed seed;
  bool operator==(const LecunNormal&) const = default;
};
struct LecunUniform {
  OwnSeed seed;
  bool operator==(const LecunUniform&) const = default;
};
// `gain` times a matrix (all axes but the last, the last) with orthonormal columns, or rows where there are fewer (Saxe
// et al. 2014).
struct Orthogonal {
  double gain = 1;
  OwnSeed seed;
  bool operator==(const Orthogonal&) const = default;
};

using Initializer =
    std::variant<Zeros, Ones, Constant, FromArray, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling,
                 GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, Orthogonal>;

struct Fans {
  double in = 1, out = 1;
};
Fans FansOf(const Shape& shape);

// The first values, float32, of a parameter of this shape. Random ones are keyed by (seed, name), in blocks of a fixed
// size, so they depend on nothing else and are the same at any number of threads. Throws Error, naming the parameter,
// where an array has another size and where a number is out of range.
Tensor InitialValues(const Initializer& initializer, const Shape& shape, uint64_t seed, std::string_view name);

}  // namespace convscope

#endif  // CONVSCOPE_NN_INITIALIZER_H_
