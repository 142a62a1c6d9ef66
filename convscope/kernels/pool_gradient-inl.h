// The rows of a gradient of pooling in vectors, compiled once for each target. Not for users.
//
// All windows of an output row are taken together. A window is a list of taps, each a pixel of the input and the same
// pixel of its gradient; the taps of the windows in the middle of a row are the first one's, moved on. Where a pixel's
// channels fill no vector, the pixels of each tap are first copied side by side.
#include <hwy/highway.h>

#include "convscope/kernels/internal/pool_gradient_plan.h"

#if defined(CONVSCOPE_KERNELS_POOL_GRADIENT_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CONVSCOPE_KERNELS_POOL_GRADIENT_INL_H_
#undef CONVSCOPE_KERNELS_POOL_GRADIENT_INL_H_
#else
#define CONVSCOPE_KERNELS_POOL_GRADIENT_INL_H_
#endif

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Where a tap reads, and where the gradient of what it reads goes; `gradient` is null where another thread writes.
struct Tap {
  const float* input;
  float* gradient;
};

// One vector of outputs at `i` of all taps: `gradient` goes to the first tap that holds the maximum or a NaN. kTaps
// above 0 is the number of taps, all of whose gradients are wanted.
template <int kTaps, bool kAdd, class D>
HWY_INLINE void RouteVector(D d, const Tap* taps, int64_t count, int64_t i, hn::Vec<D> gradient) {
  const hn::RebindToSigned<D> di;
  const int32_t tap_count = kTaps > 0 ? kTaps : static_cast<int32_t>(count);
  auto best = hn::LoadU(d, taps[0].input + i);
  auto first = hn::Zero(di);
  for (int32_t t = 1; t < tap_count; ++t) {
    const auto v = hn::LoadU(d, taps[t].input + i);
    const auto better = hn::And(hn::Not(hn::Le(v, best)), hn::Eq(best, best));
    best = hn::IfThenElse(better, v, best);
    first = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, t), first);
  }
  for (int32_t t = 0; t < tap_count; ++t) {
    if (kTaps == 0 && taps[t].gradient == nullptr) continue;
    float* to = taps[t].gradient + i;
    const auto share = hn::IfThenElseZero(hn::RebindMask(d, hn::Eq(first, hn::Set(di, t))), gradient);
    hn::StoreU(kAdd ? hn::Add(hn::LoadU(d, to), share) : share, d, to);
  }
}

// `pixels` windows one after the other: window p has its taps `step` * p elements on and hands on
// gradient[p * count, (p + 1) * count).
template <int kTaps, bool kAdd>
void RouteWindows(const std::vector<Tap>& taps, const float* gradient, int64_t pixels, int64_t step, int64_t count) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const auto size = static_cast<int64_t>(taps.size());
  for (int64_t p = 0; p < pixels; ++p) {
    const float* dy = gradient + p * count;
    const int64_t at = p * step;
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      RouteVector<kTaps, kAdd>(d, taps.data(), size, at + i, hn::LoadU(d, dy + i));
    }
    for (; i < count; ++i) RouteVector<kTaps, kAdd>(one, taps.data(), size, at + i, hn::LoadU(one, dy + i));
  }
}

template <bool kAdd>
void RouteMaximum(const std::vector<Tap>& taps, const float* gradient, int64_t pixels, int64_t step, int64_t count) {
  const bool all = std::all_of(taps.begin(), taps.end(), [](const Tap& tap) { return tap.gradient != nullptr; });
  if (all && taps.size() == 4) return RouteWindows<4, kAdd>(taps, gradient, pixels, step, count);
  if (all && taps.size() == 9) return RouteWindows<9, kAdd>(taps, gradient, pixels, step, count);
  RouteWindows<0, kAdd>(taps, gradient, pixels, step, count);
}

// to[i] = from[i] or to[i] += from[i], i in [0, count).
template <bool kAdd>
void Pass(const float* from, float* to, int64_t count) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto v = hn::LoadU(d, from + i);
    hn::StoreU(kAdd ? hn::Add(hn::LoadU(d, to + i), v) : v, d, to + i);
  }
  for (; i < count; ++i) to[i] = kAdd ? to[i] + from[i] : from[i];
}

// Pixels of kChannels values between places `from_step` and `to_step` apart. A fixed number of channels, all read
// before one is written, lets the compiler move each pixel as a whole.
template <bool kAdd, int kChannels>
void PassFewChannels(const float* from, int64_t from_step, float* to, int64_t to_step, int64_t pixels) {
  for (int64_t p = 0; p < pixels; ++p, from += from_step, to += to_step) {
    std::array<float, kChannels> pixel;
    std::copy_n(from, kChannels, pixel.begin());
    if (kAdd) {
      for (int c = 0; c < kChannels; ++c) pixel[c] += to[c];
    }
    std::copy_n(pixel.begin(), kChannels, to);
  }
}

template <bool kAdd>
void PassPixels(const float* from, int64_t from_step, float* to, int64_t to_step, int64_t pixels, int64_t channels) {
  if (from_step == channels && to_step == channels) return Pass<kAdd>(from, to, pixels * channels);
  switch (channels) {
    case 1:
      return PassFewChannels<kAdd, 1>(from, from_step, to, to_step, pixels);
    case 2:
      return PassFewChannels<kAdd, 2>(from, from_step, to, to_step, pixels);
    case 3:
      return PassFewChannels<kAdd, 3>(from, from_step, to, to_step, pixels);
    case 4:
      return PassFewChannels<kAdd, 4>(from, from_step, to, to_step, pixels);
    case 6:
      return PassFewChannels<kAdd, 6>(from, from_step, to, to_step, pixels);
    case 8:
      return PassFewChannels<kAdd, 8>(from, from_step, to, to_step, pixels);
    default:
      for (int64_t p = 0; p < pixels; ++p) Pass<kAdd>(from + p * from_step, to + p * to_step, channels);
  }
}

// Writes ranges of input rows, one after the other, with buffers of its own.
class GradientRows {
 public:
  GradientRows(const PoolGradientPlan& plan, const float* input, const float* output_gradient, float* input_gradient)
      : plan_(plan),
        spec_(plan.spec),
        columns_(plan.spec.axes[2]),
        input_(input),
        output_gradient_(output_gradient),
        input_gradient_(input_gradient) {}

  // Rows [row_begin, row_end), flat, all of them and no others.
  void Run(int64_t row_begin, int64_t row_end) {
    row_begin_ = row_begin;
    row_end_ = row_end;
    const int64_t sample_rows = spec_.axes[0].in * spec_.axes[1].in;
    cleared_ = row_begin_;
    if (plan_.disjoint) ClearUnseenRows();
    for (int64_t n = row_begin_ / sample_rows; n * sample_rows < row_end_; ++n) {
      const auto [oy_begin, oy_end] = SeeingRows(n * sample_rows);
      for (int64_t od = 0; od < plan_.out_depth; ++od) {
        for (int64_t oy = oy_begin; oy < oy_end; ++oy) {
          FindRows(n, od, oy);
          const int64_t output_row = (n * plan_.out_depth + od) * plan_.out_rows + oy;
          if (!mine_) continue;
          if (plan_.disjoint) {
            Windows<false>(output_gradient_ + output_row * plan_.out_columns * spec_.channels);
          } else {
            Windows<true>(output_gradient_ + output_row * plan_.out_columns * spec_.channels);
          }
        }
      }
    }
    if (!plan_.disjoint) ClearUpTo(row_end_);
  }

 private:
  // The output rows, [first, second), of the sample whose input rows begin at `sample_begin` that may see one of mine.
  std::pair<int64_t, int64_t> SeeingRows(int64_t sample_begin) const {
    const WindowAxis& rows = spec_.axes[1];
    // Several planes have several stretches of rows; padding that shows pixels of the picture shows any.
    if (spec_.axes[0].in > 1 || spec_.pad_mode != PadMode::kZero) return {0, plan_.out_rows};
    const int64_t first = std::max<int64_t>(row_begin_ - sample_begin, 0) + rows.pad_before;
    const int64_t last = std::min(row_end_ - sample_begin, rows.in) - 1 + rows.pad_before;
    const int64_t below = first - rows.extent() + 1;  // where the first window that reaches so far begins
    return {below <= 0 ? 0 : (below + rows.stride - 1) / rows.stride, std::min(last / rows.stride + 1, plan_.out_rows)};
  }

  struct Row {
    int64_t flat;  // of the N * D * H input rows
    bool mine;
  };

  // The input rows of the windows of output row (n, od, oy), those of mine zeroed where sums are made in them.
  void FindRows(int64_t n, int64_t od, int64_t oy) {
    const auto& [depth, rows, columns] = spec_.axes;
    rows_.clear();
    mine_ = false;
    int64_t counted_depth = 0, counted_rows = 0;
    for (int64_t kd = 0; kd < depth.size; ++kd) {
      const int64_t d = PoolSource(depth, spec_.pad_mode, od * depth.stride + kd * depth.dilation - depth.pad_before);
      counted_depth += IsCounted(spec_, d) ? 1 : 0;
      counted_rows = 0;
      for (int64_t ky = 0; ky < rows.size; ++ky) {
        const int64_t y = PoolSource(rows, spec_.pad_mode, oy * rows.stride + ky * rows.dilation - rows.pad_before);
        counted_rows += IsCounted(spec_, y) ? 1 : 0;
        if (d < 0 || y < 0) continue;
        const int64_t flat = (n * depth.in + d) * rows.in + y;
        rows_.push_back({flat, flat >= row_begin_ && flat < row_end_});
        mine_ = mine_ || rows_.back().mine;
      }
    }
    counted_rows_ = counted_depth * counted_rows;
    for (const Row& row : rows_) {
      if (row.mine && !plan_.disjoint) ClearUpTo(row.flat + 1);
    }
  }

  float* GradientOf(int64_t row) const { return input_gradient_ + row * columns_.in * spec_.channels; }

  // Rows are zeroed shortly before they are first added to, so that they are still in the cache then.
  void ClearUpTo(int64_t row) {
    if (row <= cleared_) return;
    std::fill(GradientOf(cleared_), GradientOf(row), 0.0f);
    cleared_ = row;
  }

  void ClearUnseenRows() {
    const int64_t height = spec_.axes[1].in, depth = spec_.axes[0].in;
    for (int64_t row = row_begin_; row < row_end_; ++row) {
      if (plan_.seen[1][row % height] && plan_.seen[0][row / height % depth]) continue;
      std::fill(GradientOf(row), GradientOf(row + 1), 0.0f);
    }
  }

  // The taps of the window at output column `o` that lie in the picture.
  void FindTaps(int64_t o) {
    taps_.clear();
    for (const Row& row : rows_) {
      for (int64_t k = 0; k < columns_.size; ++k) {
        const int64_t x =
            PoolSource(columns_, spec_.pad_mode, o * columns_.stride + k * columns_.dilation - columns_.pad_before);
        if (x < 0) continue;
        const int64_t at = (row.flat * columns_.in + x) * spec_.channels;
        taps_.push_back({input_ == nullptr ? nullptr : input_ + at, row.mine ? input_gradient_ + at : nullptr});
      }
    }
  }

  // All windows of an output row; gradient: (OW, C).
  template <bool kAdd>
  void Windows(const float* gradient) {
    for (const Row& row : rows_) {
      if (!row.mine) continue;
      for (int64_t x = 0; plan_.disjoint && x < columns_.in; ++x) {
        if (!plan_.seen[2][x]) std::fill_n(GradientOf(row.flat) + x * spec_.channels, spec_.channels, 0.0f);
      }
    }
    for (int64_t o = 0; o < plan_.inside_begin; ++o) BorderWindow<kAdd>(o, gradient);
    if (plan_.inside_begin < plan_.inside_end) {
      FindTaps(plan_.inside_begin);
      InsideWindows<kAdd>(gradient + plan_.inside_begin * spec_.channels, plan_.inside_end - plan_.inside_begin);
    }
    for (int64_t o = plan_.inside_end; o < plan_.out_columns; ++o) BorderWindow<kAdd>(o, gradient);
  }

  template <bool kAdd>
  void BorderWindow(int64_t o, const float* gradient) {
    FindTaps(o);
    if (taps_.empty()) return;
    gradient += o * spec_.channels;
    if (spec_.kind == PoolKind::kMax) return RouteMaximum<kAdd>(taps_, gradient, 1, 0, spec_.channels);
    Shares(gradient, spec_.channels, counted_rows_ * plan_.counted_columns[o]);
    for (const Tap& tap : taps_) {
      if (tap.gradient != nullptr) Pass<kAdd>(shares_.data(), tap.gradient, spec_.channels);
    }
  }

  // `pixels` windows from inside_begin on, whose taps taps_ holds.
  template <bool kAdd>
  void InsideWindows(const float* gradient, int64_t pixels) {
    const int64_t channels = spec_.channels, step = columns_.stride * channels;
    const auto lanes = static_cast<int64_t>(hn::Lanes(hn::ScalableTag<float>()));
    const bool max = spec_.kind == PoolKind::kMax;
    const auto taps = static_cast<int64_t>(taps_.size());
    if (max && (channels > kFewChannels || channels % lanes == 0 || taps > kMostLines)) {
      return RouteMaximum<kAdd>(taps_, gradient, pixels, step, channels);
    }
    const int64_t block = std::max<int64_t>(kLine / channels, 1);
    for (int64_t begin = 0; begin < pixels; begin += block) {
      const int64_t count = std::min(block, pixels - begin);
      const float* block_gradient = gradient + begin * channels;
      if (max) {
        RouteLines(block_gradient, begin * step, count);
      } else {
        Shares(block_gradient, count * channels, counted_rows_ * columns_.size);
      }
      // The last column of the window first: so each sum is made in the order of the windows.
      for (int64_t k = columns_.size - 1; k >= 0; --k) {
        for (int64_t t = k; t < taps; t += columns_.size) {
          if (taps_[t].gradient == nullptr) continue;
          const float* from = max ? line_gradients_.data() + t * kLine : shares_.data();
          PassPixels<kAdd>(from, channels, taps_[t].gradient + begin * step, step, count, channels);
        }
      }
    }
  }

  // What each tap of `count` windows gets, side by side: line_gradients_, a line a tap.
  void RouteLines(const float* gradient, int64_t offset, int64_t count) {
    const int64_t channels = spec_.channels, step = columns_.stride * channels;
    line_taps_.resize(taps_.size());
    for (size_t t = 0; t < taps_.size(); ++t) {
      line_taps_[t] = {lines_.data() + t * kLine, line_gradients_.data() + t * kLine};
      PassPixels<false>(taps_[t].input + offset, step, lines_.data() + t * kLine, channels, count, channels);
    }
    RouteMaximum<false>(line_taps_, gradient, 1, 0, count * channels);
  }

  // shares_[i] = gradient[i] / counted
  void Shares(const float* gradient, int64_t count, int64_t counted) {
    const hn::ScalableTag<float> d;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto divisor = static_cast<float>(counted);
    shares_.resize(static_cast<size_t>(std::max(count, kLine)));
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
      hn::StoreU(hn::Div(hn::LoadU(d, gradient + i), hn::Set(d, divisor)), d, shares_.data() + i);
    }
    for (; i < count; ++i) shares_[i] = gradient[i] / divisor;
  }

  static constexpr int64_t kFewChannels = 8;
  static constexpr int64_t kMostLines = 16;
  static constexpr int64_t kLine = 256;  // floats: sixteen lines and what they get stay in the first cache

  const PoolGradientPlan& plan_;
  const PoolSpec& spec_;
  const WindowAxis& columns_;
  const float* input_;
  const float* output_gradient_;
  float* input_gradient_;
  int64_t row_begin_ = 0, row_end_ = 0;  // those that are mine, flat
  int64_t cleared_ = 0;
  // Of the output row at hand.
  std::vector<Row> rows_;
  bool mine_ = false;
  int64_t counted_rows_ = 0;
  std::vector<Tap> taps_;
  // Of the block of windows at hand.
  std::vector<float> shares_;
  // Lines of taps, read and made in whole lines; left as they are, since filling them would take as long as their use.
  alignas(64) std::array<float, kMostLines * kLine> lines_, line_gradients_;
  std::vector<Tap> line_taps_;
};

// Units [begin, end) of plan.Units(). Arguments as convscope::PoolGradient.
inline void PoolGradientRows(const PoolGradientPlan& plan, const float* input, const float* output_gradient,
                             float* input_gradient, const Epilogue& epilogue, int64_t begin, int64_t end) {
  GradientRows rows(plan, input, output_gradient, input_gradient);
  if (!epilogue) return rows.Run(plan.RowOf(begin), plan.RowOf(end));
  // Unit by unit, so that each is still in the cache.
  const int64_t row_floats = plan.spec.axes[2].in * plan.spec.channels;
  for (int64_t unit = begin; unit < end; ++unit) {
    const int64_t first = plan.RowOf(unit), last = plan.RowOf(unit + 1);
    rows.Run(first, last);
    if (last > first) epilogue(input_gradient + first * row_floats, (last - first) * row_floats);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#endif  // CONVSCOPE_KERNELS_POOL_GRADIENT_INL_H_
