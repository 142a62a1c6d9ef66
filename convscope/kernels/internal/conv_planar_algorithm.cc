// Convolution to few filters, with vectors along the row: each output row is made filter by filter, one plane each, and
// turned over when it is complete.
//
// Where filters fill no vector, tiles of pixels x filters (conv_tile_algorithm.cc) leave lanes empty and have too few
// sums to hide what a multiply-add takes. Here input rows are copied channel by channel, with their padding; the tile
// kernel of the gradient to the kernel (conv_gradient_tile.h), which sums products of any two stretches of memory,
// takes filters for its elements and pixels for its filters. Weights are read in place.
#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_algorithm.h"
#include "convscope/kernels/internal/conv_gradient_tile.h"
#include "convscope/kernels/internal/conv_rows.h"
#include "convscope/kernels/internal/transpose.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

// Products in one sum of a tile, and sums of a value: so that no value is off by more than conv_sums-inl.h allows.
constexpr int64_t kSumTerms = 128;
constexpr int64_t kMostSums = 32;

// Prepared rows that a task keeps: half of the second-level cache of common machines.
constexpr int64_t kRowsBytes = int64_t{256} << 10;
constexpr int64_t kMostPixels = 512;  // of a strip: a plane of each filter stays in the first-level cache
// The work of some microseconds, in multiply-adds.
constexpr int64_t kGrain = int64_t{1} << 17;

constexpr int64_t kOnePhase[] = {0};

int64_t RoundUp(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

class PlanarConvolution : public ConvAlgorithm {
 public:
  explicit PlanarConvolution(ConvProblem problem)
      : problem_(std::move(problem)),
        spec_(problem_.spec),
        tile_(BestGradientTile()),
        lanes_(GradientTileLanes()),
        taps_(RowTaps(spec_)),
        strips_(CutStrips(spec_, kMostPixels, false)) {
    const WindowAxis& columns = spec_.columns();
    for (const Strip& strip : strips_) strip_pixels_ = std::max(strip_pixels_, strip.end - strip.begin);
    strip_pixels_ = RoundUp(strip_pixels_, lanes_);
    plane_floats_ = RoundUp(strip_pixels_ - 1 + columns.extent(), lanes_);
    slots_ = taps_ + std::clamp<int64_t>(kRowsBytes / (4 * plane_floats_ * spec_.channels) - taps_, 0, taps_);
    sum_runs_ = std::max<int64_t>(1, kSumTerms / columns.size);
    if (!problem_.trains) SetWeights(problem_.kernel.data(), problem_.bias.data());
  }

  ConvPath path() const override { return ConvPath::kTile; }

  void SetWeights(const float* kernel, const float* bias) override {
    kernel_ = kernel;
    bias_ = bias;
    // What each run's first term is multiplied with: one run a channel of an input row.
    weights_.clear();
    const int64_t size = spec_.columns().size;
    for (int64_t tap = 0; tap < taps_; ++tap) {
      const int64_t place = spec_.flip_kernel ? taps_ * size - 1 - tap * size : tap * size;
      for (int64_t c = 0; c < spec_.channels; ++c) {
        weights_.push_back(kernel + (place * spec_.channels + c) * spec_.filters);
      }
    }
  }

  void Run(const float* input, float* output) const override {
    const int64_t rows = OutputRows(spec_);
    const int64_t work_bytes = 4 * (slots_ * spec_.channels * plane_floats_ + spec_.filters * strip_pixels_);
    const int64_t row_work = std::max<int64_t>(1, spec_.MultiplyAdds() / rows);
    const int64_t wanted = std::min({int64_t{4} * ThreadCount(), MostPieces(work_bytes), rows * row_work / kGrain + 1});
    const int64_t bands = std::clamp<int64_t>(wanted, 1, rows);
    ParallelFor(bands, [&](int64_t band) {
      const auto run = [&](Work& work) {
        for (const Strip& strip : strips_) {
          work.cache.Clear();
          for (int64_t row = rows * band / bands; row < rows * (band + 1) / bands; ++row) {
            RunRow(input, strip, row, work, output + (row * spec_.columns().out() + strip.begin) * spec_.filters);
          }
        }
      };
      if (problem_.trains) {
        works_.With([&] { return Work(*this); }, run);
      } else {
        Work work(*this);
        run(work);
      }
    });
  }

 private:
  struct Work {
    explicit Work(const PlanarConvolution& plan)
        : cache(plan.slots_, plan.spec_.channels * plan.plane_floats_),
          zeros(Tensor::Zeros(Shape{plan.plane_floats_})),
          packed(Tensor::Zeros(Shape{plan.plane_floats_ * plan.spec_.channels})),
          planes(Tensor::Zeros(Shape{plan.spec_.filters * plan.strip_pixels_})),
          sources(static_cast<size_t>(plan.taps_)),
          runs(static_cast<size_t>(plan.taps_ * plan.spec_.channels)) {}
    RowCache cache;  // rows (C, plane_floats_)
    Tensor zeros;
    Tensor packed;  // one row on its way there, (plane_floats_, C)
    Tensor planes;  // (F, strip_pixels_)
    std::vector<int64_t> sources;
    std::vector<const float*> runs;  // (taps, C)
  };

  void RunRow(const float* input, const Strip& strip, int64_t row, Work& work, float* output) const {
    FindRuns(input, strip, row, work);
    for (int64_t f = 0; f < spec_.filters; ++f) {
      std::fill_n(work.planes.data() + f * strip_pixels_, strip_pixels_, bias_ != nullptr ? bias_[f] : 0.0f);
    }
    const WindowAxis& columns = spec_.columns();
    const int64_t pixels = strip.end - strip.begin, step = spec_.channels * spec_.filters;
    for (size_t run = 0; run < work.runs.size(); run += static_cast<size_t>(sum_runs_)) {
      tile_({.x = weights_.data() + run,
             .dy = work.runs.data() + run,
             .rows = std::min<int64_t>(sum_runs_, static_cast<int64_t>(work.runs.size() - run)),
             .pixels = columns.size,
             .x_offset = 0,
             .x_step = spec_.flip_kernel ? -step : step,
             .dy_offset = 0,
             .dy_step = columns.dilation,
             .elements = spec_.filters,
             .filters = RoundUp(pixels, lanes_),
             .result = work.planes.data(),
             .result_stride = strip_pixels_,
             .add = true});
    }
    Transpose(work.planes.data(), spec_.filters, pixels, strip_pixels_, output, spec_.filters);
    if (problem_.epilogue) problem_.epilogue(output, pixels * spec_.filters);
  }

  // Prepares the rows that output row `row` sees.
  void FindRuns(const float* input, const Strip& strip, int64_t row, Work& work) const {
    const int64_t channels = spec_.channels;
    SourceRows(spec_, row, work.sources);
    size_t run = 0;
    for (const int64_t source : work.sources) {
      const float* planes = nullptr;
      if (source >= 0) {
        bool found = false;
        float* slot = work.cache.Slot(source, &found);
        if (!found) Prepare(input + source * spec_.columns().in * channels, strip, work, slot);
        planes = slot;
      }
      for (int64_t c = 0; c < channels; ++c) {
        work.runs[run++] = planes == nullptr ? work.zeros.data() : planes + c * plane_floats_;
      }
    }
  }

  // One input row, (W, C), as (C, plane_floats_) with its padding; what lies beyond the last window is zero.
  void Prepare(const float* row, const Strip& strip, Work& work, float* slot) const {
    const int64_t span = strip.end - strip.begin - 1 + spec_.columns().extent();
    float* const packed = spec_.channels == 1 ? slot : work.packed.data();
    PackRow(spec_, row, strip.begin - spec_.columns().pad_before, span, 1, kOnePhase, 0, packed);
    if (spec_.channels > 1) Transpose(packed, span, spec_.channels, spec_.channels, slot, plane_floats_);
    for (int64_t c = 0; c < spec_.channels; ++c) {
      std::fill(slot + c * plane_floats_ + span, slot + (c + 1) * plane_floats_, 0.0f);
    }
  }

  ConvProblem problem_;
  const ConvSpec& spec_;
  GradientTileFunction tile_;
  int64_t lanes_;
  int64_t taps_;  // input rows that an output row sees
  std::vector<Strip> strips_;
  int64_t strip_pixels_ = 1;  // of the longest, in whole vectors
  int64_t plane_floats_ = 1;  // of input under it
  int64_t slots_ = 1;
  int64_t sum_runs_ = 1;  // runs in one sum
  const float* kernel_ = nullptr;
  const float* bias_ = nullptr;
  std::vector<const float*> weights_;  // one a run
  mutable WorkPool<Work> works_;
};

}  // namespace

std::unique_ptr<ConvAlgorithm> MakePlanarConvolution(ConvProblem&& problem) {
  const ConvSpec& spec = problem.spec;
  const int64_t lanes = GradientTileLanes(), out = spec.columns().out();
  const int64_t terms = spec.KernelShape().NumElements() / spec.filters;
  // Packing rows and turning over planes costs as much as some products.
  constexpr int64_t kFewTerms = 8;
  const bool takes = spec.groups == 1 && spec.columns().stride == 1 && spec.columns().size <= kSumTerms &&
                     terms <= kSumTerms * kMostSums;
  const bool pays = spec.filters < lanes && terms > kFewTerms && spec.filters * RoundUp(out, lanes) < out * lanes;
  return takes && pays ? std::make_unique<PlanarConvolution>(std::move(problem)) : nullptr;
}

}  // namespace convscope::internal
