#include "convscope/nn/initializer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Each block of values has a stream of its own. Part of what a seed means: another length gives other numbers.
constexpr int64_t kBlock = int64_t{1} << 16;

// The standard deviation of a standard normal distribution cut at -2 and 2:
// sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)) with its density phi and distribution Phi.
constexpr double kTruncatedDeviation = 0.87962566103423978;

float TruncatedNormalValue(Random& random) {
  while (true) {
    const float value = random.Normal();
    if (std::abs(value) <= 2) return value;
  }
}

template <typename Draw>
void Fill(Tensor& tensor, uint64_t seed, std::string_view name, const Draw& draw) {
  float* values = tensor.data();
  const int64_t count = tensor.size();
  ParallelFor((count + kBlock - 1) / kBlock, [&](int64_t block) {
    Random random(seed, name, 0, static_cast<uint64_t>(block));
    const int64_t end = std::min(count, (block + 1) * kBlock);
    for (int64_t i = block * kBlock; i < end; ++i) values[i] = draw(random);
  });
}

void CheckNumber(bool possible, const char* rule, double received) {
  if (!possible) throw Error({.rule = rule, .received = ShortestText(received)});
}

double Dot(const std::vector<double>& a, const std::vector<double>& b) {
  constexpr size_t kSums = 4;  // independent, so that they are added side by side
  double sums[kSums] = {};
  size_t i = 0;
  for (; i + kSums <= a.size(); i += kSums) {
    for (size_t s = 0; s < kSums; ++s) sums[s] += a[i + s] * b[i + s];
  }
  for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

class Maker {
 public:
  Maker(const Shape& shape, uint64_t seed, std::string_view name) : values_(shape), seed_(seed), name_(name) {}
  Tensor Take() { return std::move(values_); }

  void operator()(const Zeros&) { FillWith(0); }
  void operator()(const Ones&) { FillWith(1); }
  void operator()(const Constant& constant) { FillWith(constant.value); }

  void operator()(const FromArray& array) {
    if (array.values == nullptr || array.values->dtype() != DType::kFloat32 || array.values->size() != values_.size()) {
      throw Error({.rule = Concat("an array to start from is float32 and has the parameter's ", values_.size(),
                                  " values, ", values_.shape().ToString()),
                   .received = array.values == nullptr
                                   ? "none"
                                   : Concat(array.values->shape().ToString(), " ", Name(array.values->dtype()))});
    }
    std::memcpy(values_.bytes(), array.values->bytes(), static_cast<size_t>(values_.SizeInBytes()));
  }

  void operator()(const RandomNormal& normal) {
    CheckNumber(normal.stddev >= 0, "the standard deviation is at least 0", normal.stddev);
    const auto mean = static_cast<float>(normal.mean), deviation = static_cast<float>(normal.stddev);
    Fill(values_, Seed(normal.seed), name_, [=](Random& random) { return mean + deviation * random.Normal(); });
  }

  void operator()(const RandomUniform& uniform) {
    CheckNumber(uniform.minval <= uniform.maxval, "minval is at most maxval", uniform.minval);
    const auto low = static_cast<float>(uniform.minval), high = static_cast<float>(uniform.maxval);
    Fill(values_, Seed(uniform.seed), name_, [=](Random& random) { return random.Uniform(low, high); });
  }

  void operator()(const TruncatedNormal& normal) {
    CheckNumber(normal.stddev >= 0, "the standard deviation is at least 0", normal.stddev);
    const auto mean = static_cast<float>(normal.mean), deviation = static_cast<float>(normal.stddev);
    Fill(values_, Seed(normal.seed), name_,
         [=](Random& random) { return mean + deviation * TruncatedNormalValue(random); });
  }

  void operator()(const VarianceScaling& scaling) {
    CheckNumber(scaling.scale > 0, "the scale of a variance is above 0", scaling.scale);
    const Fans fans = FansOf(values_.shape());
    double n = fans.in;
    if (scaling.mode == VarianceScaling::Mode::kFanOut) n = fans.out;
    if (scaling.mode == VarianceScaling::Mode::kFanAverage) n = (fans.in + fans.out) / 2;
    const double variance = scaling.scale / std::max(1.0, n);
    switch (scaling.distribution) {
      case VarianceScaling::Distribution::kTruncatedNormal:
        return (*this)(TruncatedNormal{.stddev = std::sqrt(variance) / kTruncatedDeviation, .seed = scaling.seed});
      case VarianceScaling::Distribution::kUntruncatedNormal:
        return (*this)(RandomNormal{.stddev = std::sqrt(variance), .seed = scaling.seed});
      case VarianceScaling::Distribution::kUniform: {
        const double limit = std::sqrt(3 * variance);
        return (*this)(RandomUniform{.minval = -limit, .maxval = limit, .seed = scaling.seed});
      }
    }
  }

  void operator()(const GlorotNormal& i) { Scale(1, VarianceScaling::Mode::kFanAverage, kNormal, i.seed); }
  void operator()(const GlorotUniform& i) { Scale(1, VarianceScaling::Mode::kFanAverage, kUniform, i.seed); }
  void operator()(const HeNormal& i) { Scale(2, VarianceScaling::Mode::kFanIn, kNormal, i.seed); }
  void operator()(const HeUniform& i) { Scale(2, VarianceScaling::Mode::kFanIn, kUniform, i.seed); }
  void operator()(const LecunNormal& i) { Scale(1, VarianceScaling::Mode::kFanIn, kNormal, i.seed); }
  void operator()(const LecunUniform& i) { Scale(1, VarianceScaling::Mode::kFanIn, kUniform, i.seed); }

  // Modified Gram and Schmidt on a matrix of normal values, each vector twice, since once leaves what rounding made
  // of long vectors. It is the Q of the QR decomposition whose R has a positive diagonal, so Q is uniformly
  // distributed (Mezzadri 2007).
  void operator()(const Orthogonal& orthogonal) {
    const Shape& shape = values_.shape();
    if (shape.rank() < 2) throw Error({.rule = "only matrices can be orthogonal", .received = shape.ToString()});
    const int64_t columns = shape.back(), rows = columns == 0 ? 0 : values_.size() / columns;
    const bool tall = rows >= columns;
    const int64_t vectors = tall ? columns : rows, length = tall ? rows : columns;
    Random random(Seed(orthogonal.seed), name_);
    std::vector<std::vector<double>> q(static_cast<size_t>(vectors), std::vector<double>(static_cast<size_t>(length)));
    for (auto& vector : q) {
      for (double& value : vector) value = static_cast<double>(random.Normal());
    }
    // Gram and Schmidt's method, modified: each vector is taken out of all later ones. What is left of it in them, in
    // double, is far below the rounding to float.
    for (size_t k = 0; k < q.size(); ++k) {
      const double norm = std::sqrt(Dot(q[k], q[k]));
      for (double& value : q[k]) value /= norm;
      ParallelFor(static_cast<int64_t>(q.size() - k - 1), [&](int64_t later) {
        std::vector<double>& other = q[k + 1 + static_cast<size_t>(later)];
        const double along = Dot(q[k], other);
        for (size_t i = 0; i < other.size(); ++i) other[i] -= along * q[k][i];
      });
    }
    float* values = values_.data();
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        const double value = tall ? q[static_cast<size_t>(c)][static_cast<size_t>(r)]
                                  : q[static_cast<size_t>(r)][static_cast<size_t>(c)];
        values[r * columns + c] = static_cast<float>(orthogonal.gain * value);
      }
    }
  }

 private:
  static constexpr auto kNormal = VarianceScaling::Distribution::kTruncatedNormal;
  static constexpr auto kUniform = VarianceScaling::Distribution::kUniform;

  uint64_t Seed(const OwnSeed& own) const { return own ? static_cast<uint64_t>(*own) : seed_; }
  void FillWith(double value) { std::fill_n(values_.data(), values_.size(), static_cast<float>(value)); }
  void Scale(double scale, VarianceScaling::Mode mode, VarianceScaling::Distribution distribution,
             const OwnSeed& seed) {
    (*this)(VarianceScaling{.scale = scale, .mode = mode, .distribution = distribution, .seed = seed});
  }

  Tensor values_;
  uint64_t seed_;
  std::string_view name_;
};

}  // namespace

bool FromArray::operator==(const FromArray& other) const {
  if (values == nullptr || other.values == nullptr) return values == other.values;
  return values->shape() == other.values->shape() && values->dtype() == other.values->dtype() &&
         std::memcmp(values->bytes(), other.values->bytes(), static_cast<size_t>(values->SizeInBytes())) == 0;
}

Fans FansOf(const Shape& shape) {
  if (shape.rank() == 0) return {};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double field = 1;
  for (int axis = 0; axis < shape.rank() - 2; ++axis) field *= static_cast<double>(shape[axis]);
  return {field * static_cast<double>(shape.back(1)), field * static_cast<double>(shape.back())};
}

Tensor InitialValues(const Initializer& initializer, const Shape& shape, uint64_t seed, std::string_view name) {
  try {
    Maker maker(shape, seed, name);
    std::visit(maker, initializer);
    return maker.Take();
  } catch (const Error& error) {
    throw error.At(Concat("initializer of ", name));
  }
}

}  // namespace convscope
