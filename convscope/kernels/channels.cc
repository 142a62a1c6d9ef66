#include "convscope/kernels/channels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/channels.cc"
#include <hwy/foreach_target.h>
// Highway wants foreach_target.h before everything that uses its vectors.
#include <hwy/highway.h>

#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/channel_period.h"

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using Vec = hn::Vec<F32>;
constexpr F32 kFloats;

// Sums over one block: for each place of the period, first[place] of a(i) and second[place] of b(i), where (a, b) =
// terms(d, i, place) of a vector at value i. The last period may be cut short: its values go one by one.
template <class Terms>
void SumBlock(int64_t begin, int64_t end, int64_t length, const Terms& terms, float* HWY_RESTRICT first,
              float* HWY_RESTRICT second) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t whole = begin + (end - begin) / length * length;
  // Four vectors share the loop over the periods; the length of a period is a multiple of 16, not of 4 vectors.
  int64_t place = 0;
  for (; place + 4 * lanes <= length; place += 4 * lanes) {
    Vec a0 = hn::Zero(kFloats), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (int64_t i = begin + place; i < whole; i += length) {
      terms(kFloats, i, place, a0, b0);
      terms(kFloats, i + lanes, place + lanes, a1, b1);
      terms(kFloats, i + 2 * lanes, place + 2 * lanes, a2, b2);
      terms(kFloats, i + 3 * lanes, place + 3 * lanes, a3, b3);
    }
    hn::StoreU(a0, kFloats, first + place);
    hn::StoreU(a1, kFloats, first + place + lanes);
    hn::StoreU(a2, kFloats, first + place + 2 * lanes);
    hn::StoreU(a3, kFloats, first + place + 3 * lanes);
    hn::StoreU(b0, kFloats, second + place);
    hn::StoreU(b1, kFloats, second + place + lanes);
    hn::StoreU(b2, kFloats, second + place + 2 * lanes);
    hn::StoreU(b3, kFloats, second + place + 3 * lanes);
  }
  for (; place < length; place += lanes) {
    Vec a = hn::Zero(kFloats), b = a;
    for (int64_t i = begin + place; i < whole; i += length) terms(kFloats, i, place, a, b);
    hn::StoreU(a, kFloats, first + place);
    hn::StoreU(b, kFloats, second + place);
  }
  const hn::CappedTag<float, 1> one;
  for (int64_t i = whole; i < end; ++i) {
    auto a = hn::LoadU(one, first + (i - whole)), b = hn::LoadU(one, second + (i - whole));
    terms(one, i, i - whole, a, b);
    hn::StoreU(a, one, first + (i - whole));
    hn::StoreU(b, one, second + (i - whole));
  }
}

// sums[channel] += of all its places.
inline void Fold(const ChannelPeriod& period, const float* of_places, double* sums) {
  for (int64_t i = 0; i < period.length; i += period.channels) {
    for (int64_t c = 0; c < period.channels; ++c) sums[c] += of_places[i + c];
  }
}

// Mean and sum of squared distances of `count` values a channel.
struct Moments {
  explicit Moments(int64_t channels) : mean(channels), squares(channels) {}

  // Of both together; Chan, Golub and LeVeque 1979, formula 2.1.
  void Join(const Moments& other) {
    const double share = other.count / (count + other.count);
    for (size_t c = 0; c < mean.size(); ++c) {
      const double distance = other.mean[c] - mean[c];
      mean[c] += distance * share;
      squares[c] += other.squares[c] + distance * distance * share * count;
    }
    count += other.count;
  }

  double count = 0;
  std::vector<double> mean, squares;
};

inline Moments MomentsOfPiece(const ChannelPeriod& period, const float* x, int64_t piece) {
  std::vector<float> first(period.length), second(period.length), center(period.length);
  std::vector<float> center_of_channel(period.channels);
  Moments moments(period.channels), of_block(period.channels);
  std::vector<double> sums(period.channels);
  const auto plain = [x](auto d, int64_t i, int64_t, auto& a, auto&) HWY_ATTR { a = hn::Add(a, hn::LoadU(d, x + i)); };
  const float* centers = center.data();
  const auto centered = [x, centers](auto d, int64_t i, int64_t place, auto& a, auto& b) HWY_ATTR {
    const auto distance = hn::Sub(hn::LoadU(d, x + i), hn::LoadU(d, centers + place));
    a = hn::Add(a, distance);
    b = hn::MulAdd(distance, distance, b);
  };
  for (int64_t k = period.blocks * piece / period.pieces; k < period.blocks * (piece + 1) / period.pieces; ++k) {
    const int64_t begin = k * period.block, end = std::min(begin + period.block, period.values);
    of_block.count = static_cast<double>((end - begin) / period.channels);
    // Distances are taken from a rounded mean; what it is off by is then known from their sum.
    SumBlock(begin, end, period.length, plain, first.data(), second.data());
    std::fill(sums.begin(), sums.end(), 0.0);
    Fold(period, first.data(), sums.data());
    for (int64_t c = 0; c < period.channels; ++c) {
      center_of_channel[c] = static_cast<float>(sums[c] / of_block.count);
    }
    for (int64_t i = 0; i < period.length; i += period.channels) {
      std::copy(center_of_channel.begin(), center_of_channel.end(), center.begin() + i);
    }
    SumBlock(begin, end, period.length, centered, first.data(), second.data());
    std::fill(sums.begin(), sums.end(), 0.0);
    std::fill(of_block.squares.begin(), of_block.squares.end(), 0.0);
    Fold(period, first.data(), sums.data());
    Fold(period, second.data(), of_block.squares.data());
    for (int64_t c = 0; c < period.channels; ++c) {
      const double off = sums[c] / of_block.count;
      of_block.mean[c] = center_of_channel[c] + off;
      of_block.squares[c] -= sums[c] * off;
    }
    moments.Join(of_block);
  }
  return moments;
}

inline void MomentsOf(const float* x, int64_t rows, int64_t channels, double* mean, double* variance) {
  const ChannelPeriod period(rows, channels);
  std::vector<Moments> pieces(period.pieces, Moments(0));
  ParallelFor(period.pieces, [&](int64_t piece) { pieces[piece] = MomentsOfPiece(period, x, piece); });
  for (int64_t piece = 1; piece < period.pieces; ++piece) pieces[0].Join(pieces[piece]);
  for (int64_t c = 0; c < channels; ++c) {
    mean[c] = pieces[0].mean[c];
    // Rounding may leave less than nothing where all values are equal.
    const double squares = pieces[0].squares[c];
    variance[c] = squares < 0 ? 0 : squares / static_cast<double>(rows);
  }
}

inline void SumsOf(const float* g, const float* x, const float* center, int64_t rows, int64_t channels, double* sum,
                   double* sum_of_products) {
  const ChannelPeriod period(rows, channels);
  const std::vector<float> repeated = period.Repeat(center);
  const float* centers = repeated.data();
  const auto terms = [g, x, centers](auto d, int64_t i, int64_t place, auto& a, auto& b) HWY_ATTR {
    const auto value = hn::LoadU(d, g + i);
    a = hn::Add(a, value);
    b = hn::MulAdd(value, hn::Sub(hn::LoadU(d, x + i), hn::LoadU(d, centers + place)), b);
  };
  std::vector<double> sums(2 * channels * period.pieces);
  ParallelFor(period.pieces, [&](int64_t piece) {
    std::vector<float> first(period.length), second(period.length);
    double* of_piece = sums.data() + 2 * channels * piece;
    for (int64_t k = period.blocks * piece / period.pieces; k < period.blocks * (piece + 1) / period.pieces; ++k) {
      const int64_t begin = k * period.block;
      SumBlock(begin, std::min(begin + period.block, period.values), period.length, terms, first.data(), second.data());
      Fold(period, first.data(), of_piece);
      Fold(period, second.data(), of_piece + channels);
    }
  });
  for (int64_t c = 0; c < channels; ++c) {
    sum[c] = sum_of_products[c] = 0;
    for (int64_t piece = 0; piece < period.pieces; ++piece) {
      sum[c] += sums[2 * channels * piece + c];
      sum_of_products[c] += sums[2 * channels * piece + channels + c];
    }
  }
}

// y[i] = f(d, i, parameters(d, place)) for all values. Parameters stay in registers while the periods of a block, which
// fits into the first cache with all that is read, pass by.
template <class Parameters, class F>
void MapPeriods(const ChannelPeriod& period, const Parameters& parameters, const F& f, float* y) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const int64_t block = std::max<int64_t>(1, 2048 / period.length) * period.length;
  const int64_t blocks = (period.values + block - 1) / block;
  ParallelRanges(blocks, (int64_t{1} << 15) / block + 1, [&](int64_t first, int64_t last) HWY_ATTR {
    for (int64_t k = first; k < last; ++k) {
      const int64_t begin = k * block, end = std::min(begin + block, period.values);
      const int64_t whole = begin + (end - begin) / period.length * period.length;
      int64_t place = 0;
      for (; place + 2 * lanes <= period.length; place += 2 * lanes) {
        const auto a = parameters(kFloats, place), b = parameters(kFloats, place + lanes);
        for (int64_t i = begin + place; i < whole; i += period.length) {
          hn::StoreU(f(kFloats, i, a), kFloats, y + i);
          hn::StoreU(f(kFloats, i + lanes, b), kFloats, y + i + lanes);
        }
      }
      for (; place < period.length; place += lanes) {
        const auto a = parameters(kFloats, place);
        for (int64_t i = begin + place; i < whole; i += period.length) {
          hn::StoreU(f(kFloats, i, a), kFloats, y + i);
        }
      }
      const hn::CappedTag<float, 1> one;
      for (int64_t i = whole; i < end; ++i) hn::StoreU(f(one, i, parameters(one, i - whole)), one, y + i);
    }
  });
}

template <class V>
struct AffineParameters {
  V center, scale, offset;
};

template <class V>
struct AffineOfTwoParameters {
  V center, scale_g, scale_x, offset;
};

inline void AffineOf(const float* x, const float* center, const float* scale, const float* offset, int64_t rows,
                     int64_t channels, float* y) {
  const ChannelPeriod period(rows, channels);
  const std::vector<float> centers = period.Repeat(center), scales = period.Repeat(scale);
  const std::vector<float> offsets = period.Repeat(offset);
  const float *by_center = centers.data(), *by_scale = scales.data(), *by_offset = offsets.data();
  const auto parameters = [=](auto d, int64_t place) HWY_ATTR {
    return AffineParameters<hn::Vec<decltype(d)>>{hn::LoadU(d, by_center + place), hn::LoadU(d, by_scale + place),
                                                  hn::LoadU(d, by_offset + place)};
  };
  MapPeriods(
      period, parameters,
      [=](auto d, int64_t i, const auto& p)
          HWY_ATTR { return hn::MulAdd(hn::Sub(hn::LoadU(d, x + i), p.center), p.scale, p.offset); },
      y);
}

inline void AffineInPlace(const float* center, const float* scale, const float* offset, int64_t rows, int64_t channels,
                          float* values) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(kFloats));
  const hn::CappedTag<float, 1> one;
  const auto apply = [=](auto d, int64_t c, float* at) HWY_ATTR {
    const auto distance = hn::Sub(hn::LoadU(d, at), hn::LoadU(d, center + c));
    hn::StoreU(hn::MulAdd(distance, hn::LoadU(d, scale + c), hn::LoadU(d, offset + c)), d, at);
  };
  for (int64_t row = 0; row < rows; ++row, values += channels) {
    int64_t c = 0;
    for (; c + lanes <= channels; c += lanes) apply(kFloats, c, values + c);
    for (; c < channels; ++c) apply(one, c, values + c);
  }
}

inline void AffineOfTwo(const float* g, const float* x, const float* center, const float* scale_g, const float* scale_x,
                        const float* offset, int64_t rows, int64_t channels, float* y) {
  const ChannelPeriod period(rows, channels);
  const std::vector<float> centers = period.Repeat(center), scales_g = period.Repeat(scale_g);
  const std::vector<float> scales_x = period.Repeat(scale_x), offsets = period.Repeat(offset);
  const float *by_center = centers.data(), *by_scale_g = scales_g.data();
  const float *by_scale_x = scales_x.data(), *by_offset = offsets.data();
  const auto parameters = [=](auto d, int64_t place) HWY_ATTR {
    return AffineOfTwoParameters<hn::Vec<decltype(d)>>{
        hn::LoadU(d, by_center + place), hn::LoadU(d, by_scale_g + place), hn::LoadU(d, by_scale_x + place),
        hn::LoadU(d, by_offset + place)};
  };
  MapPeriods(
      period, parameters,
      [=](auto d, int64_t i, const auto& p) HWY_ATTR {
        const auto rest = hn::MulAdd(hn::Sub(hn::LoadU(d, x + i), p.center), p.scale_x, p.offset);
        return hn::MulAdd(hn::LoadU(d, g + i), p.scale_g, rest);
      },
      y);
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace convscope {

HWY_EXPORT(MomentsOf);
HWY_EXPORT(SumsOf);
HWY_EXPORT(AffineOf);
HWY_EXPORT(AffineInPlace);
HWY_EXPORT(AffineOfTwo);

void ChannelMoments(const float* x, int64_t rows, int64_t channels, double* mean, double* variance) {
  HWY_DYNAMIC_DISPATCH(MomentsOf)(x, rows, channels, mean, variance);
}

void ChannelSums(const float* g, const float* x, const float* center, int64_t rows, int64_t channels, double* sum,
                 double* sum_of_products) {
  HWY_DYNAMIC_DISPATCH(SumsOf)(g, x, center, rows, channels, sum, sum_of_products);
}

void ChannelAffine(const float* x, const float* center, const float* scale, const float* offset, int64_t rows,
                   int64_t channels, float* y) {
  HWY_DYNAMIC_DISPATCH(AffineOf)(x, center, scale, offset, rows, channels, y);
}

void ChannelAffineInPlace(const float* center, const float* scale, const float* offset, int64_t rows, int64_t channels,
                          float* values) {
  HWY_DYNAMIC_DISPATCH(AffineInPlace)(center, scale, offset, rows, channels, values);
}

void ChannelAffineOfTwo(const float* g, const float* x, const float* center, const float* scale_g, const float* scale_x,
                        const float* offset, int64_t rows, int64_t channels, float* y) {
  HWY_DYNAMIC_DISPATCH(AffineOfTwo)(g, x, center, scale_g, scale_x, offset, rows, channels, y);
}

}  // namespace convscope

#endif  // HWY_ONCE
