// Convolution along the rows of a picture: one filter a channel. Feeds the line kernels, row by row or in two passes.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_algorithm.h"
#include "convscope/kernels/internal/conv_line.h"
#include "convscope/kernels/internal/conv_rows.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

// What the rows under a window may take of the second-level cache, in floats.
constexpr int64_t kRowsFloats = 64 << 10;

// A matrix (rows, columns) as a column times a row.
struct Factors {
  std::vector<float> column, row;
};

// The factors of `matrix`, if it has rank 1 up to rounding: every product within a few units in the last place of the
// element it stands for, so that two passes differ from one no more than two orders of summation do.
std::optional<Factors> Factorize(const float* matrix, int64_t rows, int64_t columns) {
  int64_t pivot = 0;
  for (int64_t i = 0; i < rows * columns; ++i) {
    if (!std::isfinite(matrix[i])) return std::nullopt;
    if (std::abs(matrix[i]) > std::abs(matrix[pivot])) pivot = i;
  }
  if (matrix[pivot] == 0) return std::nullopt;
  const int64_t pivot_row = pivot / columns, pivot_column = pivot % columns;
  Factors factors;
  for (int64_t r = 0; r < rows; ++r) factors.column.push_back(matrix[r * columns + pivot_column]);
  // The first pass must not overflow where one pass would not: the row's weights sum to less than 1 in absolute value.
  // The scale is a power of two, so it rounds nothing.
  double sum = 0;
  for (int64_t c = 0; c < columns; ++c)
    sum += std::abs(double{matrix[pivot_row * columns + c]} / double{matrix[pivot]});
  const float scale = static_cast<float>(std::exp2(std::ceil(std::log2(sum))));
  for (float& value : factors.column) value *= scale;
  for (int64_t c = 0; c < columns; ++c) factors.row.push_back(matrix[pivot_row * columns + c] / matrix[pivot] / scale);
  constexpr double kTolerance = 8 * std::numeric_limits<float>::epsilon();
  for (int64_t i = 0; i < rows * columns; ++i) {
    const double product = double{factors.column[static_cast<size_t>(i / columns)]} *
                           double{factors.row[static_cast<size_t>(i % columns)]};
    if (std::abs(product - double{matrix[i]}) > kTolerance * std::abs(double{matrix[i]})) return std::nullopt;
  }
  return factors;
}

class LineConvolution : public ConvAlgorithm {
 public:
  explicit LineConvolution(ConvProblem problem)
      : problem_(std::move(problem)), spec_(problem_.spec), kernel_(BestLineKernel()) {
    taps_ = RowTaps(spec_);
    row_taps_ = spec_.columns().size;
    const bool uniform = !problem_.trains && SameForAllChannels();
    path_ = uniform ? ConvPath::kPlane : ConvPath::kDepthwise;
    period_ = uniform ? 0 : std::lcm(spec_.channels, kernel_.lanes);
    weights_.resize(static_cast<size_t>(taps_ * row_taps_ * (uniform ? 1 : period_)));
    bias_.resize(static_cast<size_t>(uniform ? 1 : period_));
    if (!problem_.trains) SetWeights(problem_.kernel.data(), problem_.bias.data());
    // A pass costs about as much as three taps more than its own: values go through the cache once more.
    if (uniform && spec_.depth().size == 1 && taps_ * row_taps_ > taps_ + row_taps_ + 6) {
      factors_ = Factorize(weights_.data(), taps_, row_taps_);
      if (factors_) path_ = ConvPath::kSeparable;
    }
    // A block counts its rows through depths, so output depths must be the input's.
    const bool depths_are_images = spec_.depth() == WindowAxis{.in = spec_.depth().in};
    if (path_ != ConvPath::kSeparable && depths_are_images && spec_.rows().stride == 1 && spec_.rows().dilation == 1) {
      blocked_ = taps_ >= kBlockRows - 1 && (period_ == 0 || taps_ * row_taps_ != kNineTerms);
    }
    FindPhases();
    strips_ = CutStrips(spec_, std::max<int64_t>(8, kRowsFloats / (taps_ * NumPhases() * spec_.channels)),
                        spec_.columns().stride == 1);
    for (const Strip& strip : strips_) {
      const Layout layout = LayoutOf(strip);
      if (strip.packed) packed_floats_ = std::max(packed_floats_, layout.floats);
      zero_floats_ = std::max(zero_floats_, layout.floats);
      slot_floats_ = std::max(slot_floats_, factors_ ? layout.count : strip.packed ? layout.floats : 1);
    }
    slots_ = taps_ + (blocked_ ? kBlockRows - 1 : 0);
    problem_.kernel = {};  // packed by now
  }

  ConvPath path() const override { return path_; }

  void SetWeights(const float* kernel, const float* bias) override {
    const int64_t channels = spec_.channels, taps = taps_ * row_taps_;
    const auto width = static_cast<int64_t>(bias_.size());
    // The channels again and again.
    const auto repeat = [&](const float* values, float* to) {
      for (int64_t i = 0; i < width; i += channels) std::copy_n(values, std::min(channels, width - i), to + i);
    };
    for (int64_t tap = 0; tap < taps; ++tap) {
      const int64_t place = spec_.flip_kernel ? taps - 1 - tap : tap;
      repeat(kernel + place * channels, weights_.data() + tap * width);
    }
    if (bias != nullptr) {
      repeat(bias, bias_.data());
    } else {
      std::fill(bias_.begin(), bias_.end(), 0.0f);
    }
  }

  void Run(const float* input, float* output) const override {
    const int64_t rows = OutputRows(spec_);
    // The first rows of a band are prepared twice, here and in the band before.
    const bool prepared = factors_ || spec_.columns().stride > 1;
    const int64_t shortest = prepared ? 2 * spec_.rows().size : 2 * kBlockRows;
    const int64_t band_bytes = (slots_ * slot_floats_ + packed_floats_ + zero_floats_) * 4;
    const int64_t most = std::min(int64_t{4} * ThreadCount(), MostPieces(band_bytes));
    const int64_t bands = std::clamp<int64_t>(rows / shortest, 1, most);
    // A block sums in another order than single rows do, so that where blocks lie must not depend on the number of
    // bands, which depends on the number of threads: bands begin where a block of their image does.
    const auto begin_of = [&](int64_t band) {
      const int64_t row = rows * band / bands;
      return row - row % spec_.rows().out() % kBlockRows;
    };
    ParallelFor(bands, [&](int64_t band) { RunBand(input, output, begin_of(band), begin_of(band + 1)); });
  }

 private:
  // The rows that one band works on; sources and pointers of the current output row, or block of rows.
  struct Work {
    RowCache prepared;  // packed rows, or horizontally filtered ones
    Tensor packed;      // one packed row, on its way through the horizontal pass
    Tensor zeros;
    std::vector<int64_t> sources;
    std::vector<const float*> terms;  // the taps of the rows that the output sees
    std::vector<const float*> taps;   // of one row, for the horizontal pass
  };

  // Where the taps of a strip lie in its rows.
  struct Layout {
    Strip strip;
    int64_t floats;  // of a row as the kernel reads it
    int64_t pitch;   // floats from a phase of a packed row to the next
    std::vector<int64_t> offsets;
    int64_t count;  // floats of output
  };

  bool SameForAllChannels() const {
    const int64_t channels = spec_.channels;
    const auto& kernel = problem_.kernel;
    for (size_t i = 0; i < kernel.size(); ++i) {
      // NaN is unequal to itself, which is right here: it takes the general path.
      if (kernel[i] != kernel[i - i % static_cast<size_t>(channels)] && channels > 1) return false;
    }
    return std::all_of(problem_.bias.begin(), problem_.bias.end(), [&](float b) { return b == problem_.bias[0]; });
  }

  // Pixels of input that the windows of a strip span.
  int64_t Span(const Strip& strip) const {
    return (strip.end - strip.begin - 1) * spec_.columns().stride + spec_.columns().extent();
  }

  // With a stride, a packed row holds one phase of it after the other, so that along each the taps see neighbouring
  // values; only the phases that some tap sees.
  void FindPhases() {
    const WindowAxis& columns = spec_.columns();
    for (int64_t tap = 0; tap < row_taps_; ++tap) phases_.push_back(tap * columns.dilation % columns.stride);
    std::sort(phases_.begin(), phases_.end());
    phases_.erase(std::unique(phases_.begin(), phases_.end()), phases_.end());
  }
  int64_t NumPhases() const { return static_cast<int64_t>(phases_.size()); }

  Layout LayoutOf(const Strip& strip) const {
    const WindowAxis& columns = spec_.columns();
    const int64_t channels = spec_.channels;
    Layout layout{
        .strip = strip, .floats = 0, .pitch = 0, .offsets = {}, .count = (strip.end - strip.begin) * channels};
    // Without a stride a row in place and a packed one are laid out alike: one phase.
    layout.pitch = (Span(strip) + columns.stride - 1) / columns.stride * channels;
    layout.floats = NumPhases() * layout.pitch;
    for (int64_t tap = 0; tap < row_taps_; ++tap) {
      const int64_t column = tap * columns.dilation;
      const auto phase = std::lower_bound(phases_.begin(), phases_.end(), column % columns.stride);
      layout.offsets.push_back((phase - phases_.begin()) * layout.pitch + column / columns.stride * channels);
    }
    return layout;
  }

  void RunBand(const float* input, float* output, int64_t begin, int64_t end) const {
    Work work{.prepared = RowCache(slots_, slot_floats_),
              .packed = Tensor(Shape{factors_ ? packed_floats_ : 1}),
              .zeros = Tensor::Zeros(Shape{zero_floats_}),
              .sources = std::vector<int64_t>(static_cast<size_t>(taps_)),
              .terms = {},
              .taps = {}};
    work.terms.reserve(static_cast<size_t>(slots_ * row_taps_));
    for (const Strip& strip : strips_) {
      const Layout layout = LayoutOf(strip);
      work.prepared.Clear();
      for (int64_t row = begin; row < end;) {
        float* to = output + (row * spec_.columns().out() + strip.begin) * spec_.channels;
        const int64_t left_in_image = spec_.rows().out() - row % spec_.rows().out();
        if (blocked_ && std::min(left_in_image, end - row) >= kBlockRows) {
          RunBlock(input, layout, row, to, work);
          row += kBlockRows;
          continue;
        }
        SourceRows(spec_, row, work.sources);
        work.terms.clear();
        for (const int64_t source : work.sources) AddRow(input, layout, source, work);
        RunRow(layout, work, to);
        ++row;
      }
    }
  }

  // Adds the taps of input row `source` to work.terms; in the second of two passes a row has one.
  void AddRow(const float* input, const Layout& layout, int64_t source, Work& work) const {
    const float* row = PrepareRow(input, layout, source, work);
    if (factors_) {
      work.terms.push_back(row);
    } else {
      for (const int64_t offset : layout.offsets) work.terms.push_back(row + offset);
    }
  }

  // The row that the kernel reads for input row `source`: in place, packed, or filtered along the columns already.
  const float* PrepareRow(const float* input, const Layout& layout, int64_t source, Work& work) const {
    if (source < 0) return work.zeros.data();
    const int64_t first = layout.strip.begin * spec_.columns().stride - spec_.columns().pad_before;
    const float* row = input + source * spec_.columns().in * spec_.channels;
    if (!factors_ && !layout.strip.packed) return row + first * spec_.channels;
    bool found = false;
    float* slot = work.prepared.Slot(source, &found);
    if (found) return slot;
    float* packed = factors_ ? work.packed.data() : slot;
    if (layout.strip.packed) {
      PackRow(spec_, row, first, Span(layout.strip), spec_.columns().stride, phases_, layout.pitch, packed);
    }
    if (factors_) {
      const float* from = layout.strip.packed ? packed : row + first * spec_.channels;
      const float no_bias = 0;
      work.taps.clear();
      for (const int64_t offset : layout.offsets) work.taps.push_back(from + offset);
      kernel_.run({.terms = work.taps.data(),
                   .num_terms = row_taps_,
                   .weights = factors_->row.data(),
                   .bias = &no_bias,
                   .period = 0,
                   .output = slot,
                   .count = layout.count});
    }
    return slot;
  }

  void RunRow(const Layout& layout, const Work& work, float* output) const {
    kernel_.run({.terms = work.terms.data(),
                 .num_terms = static_cast<int64_t>(work.terms.size()),
                 .weights = factors_ ? factors_->column.data() : weights_.data(),
                 .bias = bias_.data(),
                 .period = period_,
                 .output = output,
                 .count = layout.count,
                 .limits = problem_.epilogue.limits});
    if (problem_.epilogue.then) problem_.epilogue.then(output, layout.count);
  }

  void RunBlock(const float* input, const Layout& layout, int64_t row, float* output, Work& work) const {
    const WindowAxis& axis = spec_.rows();
    const int64_t image = row / axis.out();
    const int64_t first = row % axis.out() - axis.pad_before;
    work.terms.clear();
    for (int64_t i = 0; i < taps_ + kBlockRows - 1; ++i) {
      const int64_t source = SourceIndex(first + i, axis.in, spec_.pad_mode);
      AddRow(input, layout, source < 0 ? -1 : image * axis.in + source, work);
    }
    float* outputs[kBlockRows];
    for (int64_t o = 0; o < kBlockRows; ++o) outputs[o] = output + o * spec_.columns().out() * spec_.channels;
    kernel_.run_block({.line = {.terms = work.terms.data(),
                                .num_terms = taps_ * row_taps_,
                                .weights = weights_.data(),
                                .bias = bias_.data(),
                                .period = period_,
                                .output = nullptr,
                                .count = layout.count,
                                .limits = problem_.epilogue.limits},
                       .row_terms = row_taps_,
                       .outputs = outputs});
    for (int64_t o = 0; problem_.epilogue.then && o < kBlockRows; ++o) problem_.epilogue.then(outputs[o], layout.count);
  }

  ConvProblem problem_;
  const ConvSpec& spec_;
  LineKernel kernel_;
  ConvPath path_ = ConvPath::kPlane;
  int64_t taps_ = 0;      // input rows that an output row sees
  int64_t row_taps_ = 0;  // columns of the kernel
  int64_t period_ = 0;
  std::vector<float> weights_, bias_;
  std::optional<Factors> factors_;
  bool blocked_ = false;         // kBlockRows output rows at a time
  std::vector<int64_t> phases_;  // of the stride along the columns, ascending
  std::vector<Strip> strips_;
  int64_t slots_ = 0;  // prepared rows that are kept
  int64_t slot_floats_ = 1, packed_floats_ = 1, zero_floats_ = 1;
};

}  // namespace

std::unique_ptr<ConvAlgorithm> MakeLineConvolution(ConvProblem problem) {
  return std::make_unique<LineConvolution>(std::move(problem));
}

}  // namespace convscope::internal
