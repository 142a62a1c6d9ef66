// Convolution as tiles of pixels x filters: packs the kernel once, then feeds the tile kernel row by row.
#include <algorithm>
#include <cstring>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_algorithm.h"
#include "convscope/kernels/internal/conv_rows.h"
#include "convscope/kernels/internal/conv_tile.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

// Half of the second-level cache of common machines: the input rows of a piece of work stay there while block after
// block of filters passes over them.
constexpr int64_t kRowsBytes = int64_t{256} << 10;

// Output rows in a piece of work, at most.
constexpr int64_t kMostRows = 8;

// A packed row holds its pixels in their order, not by phases of the stride.
constexpr int64_t kOnePhase[] = {0};

// Whether the output is so large that storing past the cache saves the time to read in what is overwritten.
bool StreamsOutput(const ConvProblem& problem) {
  constexpr int64_t kCacheBytes = int64_t{16} << 20;
  const int64_t bytes = problem.spec.OutputShape().NumElements() * static_cast<int64_t>(sizeof(float));
  return bytes > kCacheBytes && !problem.epilogue.then;
}

// Some vectors of filters of one group.
struct FilterBlock {
  int64_t group;
  int64_t first_filter;  // in the whole bank
  int64_t filters;
  int64_t vectors;
  int64_t weights;  // offset into the packed weights
  int64_t bias;     // offset into the packed bias
};

class TileConvolution : public ConvAlgorithm {
 public:
  explicit TileConvolution(ConvProblem problem)
      : problem_(std::move(problem)), spec_(problem_.spec), kernel_(BestTileKernel()) {
    taps_ = RowTaps(spec_);
    // All taps of a kernel row are one run of memory unless dilation or other groups' channels lie in between.
    merged_ = spec_.columns().dilation == 1 && spec_.groups == 1;
    num_runs_ = merged_ ? taps_ : taps_ * spec_.columns().size;
    run_length_ = spec_.channels_per_group() * (merged_ ? spec_.columns().size : 1);
    const int64_t pixel_bytes = spec_.channels * spec_.columns().stride * static_cast<int64_t>(sizeof(float));
    strips_ = CutStrips(spec_, std::max<int64_t>(28, kRowsBytes / 2 / (taps_ * pixel_bytes)),
                        spec_.columns().pad_before + spec_.columns().pad_after == 0);
    for (const Strip& strip : strips_) span_floats_ = std::max(span_floats_, Span(strip) * spec_.channels);
    while (most_rows_ < kMostRows && InputRows(most_rows_ + 1) * span_floats_ * 4 <= kRowsBytes) ++most_rows_;
    packs_ = std::any_of(strips_.begin(), strips_.end(), [](const Strip& s) { return s.packed; });
    CutBlocks();
    if (!problem_.trains) SetWeights(problem_.kernel.data(), problem_.bias.data());
    problem_.kernel = {};  // packed by now
  }

  ConvPath path() const override { return ConvPath::kTile; }

  void SetWeights(const float* kernel, const float* bias) override {
    const int64_t taps = taps_ * spec_.columns().size, channels = spec_.channels_per_group();
    ParallelFor(static_cast<int64_t>(blocks_.size()), [&](int64_t b) {
      const FilterBlock& block = blocks_[static_cast<size_t>(b)];
      const int64_t width = block.vectors * kernel_.lanes;
      float* to = weights_.data() + block.weights;
      for (int64_t tap = 0; tap < taps; ++tap) {
        const int64_t place = spec_.flip_kernel ? taps - 1 - tap : tap;
        const float* from = kernel + place * channels * spec_.filters + block.first_filter;
        for (int64_t c = 0; c < channels; ++c, from += spec_.filters, to += width) {
          if (block.filters == width && width % 4 == 0) {  // of lengths that the compiler knows
            for (int64_t i = 0; i < width; i += 4) std::memcpy(to + i, from + i, 4 * sizeof(float));
          } else {
            std::copy_n(from, block.filters, to);
          }
        }
      }
      if (bias != nullptr) {
        std::copy_n(bias + block.first_filter, block.filters, bias_.data() + block.bias);
      } else {
        std::fill_n(bias_.data() + block.bias, block.filters, 0.0f);
      }
    });
  }

  void Run(const float* input, float* output) const override {
    const int64_t rows = OutputRows(spec_);
    const int64_t piece_bytes = ((packs_ ? InputRows(most_rows_) : 0) + 1) * span_floats_ * 4;
    const int64_t wanted = std::min(int64_t{4} * ThreadCount(), MostPieces(piece_bytes));
    int64_t bands = std::clamp<int64_t>(rows / 4, 1, wanted);
    // As many for each thread: the last one would keep the others waiting.
    if (bands > ThreadCount()) bands -= bands % ThreadCount();
    // Few rows: the filters are shared out as well, and pixels are complete only when all have ended.
    const int64_t blocks = static_cast<int64_t>(blocks_.size());
    const int64_t shares = std::clamp<int64_t>(wanted / bands / 2, 1, blocks);
    ParallelFor(bands * shares, [&](int64_t task) {
      const int64_t band = task / shares, share = task % shares;
      const auto run = [&](Work& work) {
        const int64_t begin = rows * band / bands, end = rows * (band + 1) / bands;
        const Part part{.block_begin = blocks * share / shares,
                        .block_end = blocks * (share + 1) / shares,
                        .finish = shares == 1,
                        .stream = StreamsOutput(problem_)};
        RunBand(input, output + begin * RowFloats(), begin, end, part, work);
      };
      if (problem_.trains) {
        works_.With([&] { return Work(*this); }, run);
      } else {
        Work work(*this);
        run(work);
      }
    });
    if (shares > 1 && problem_.epilogue.then) {
      ParallelRanges(rows, 1, [&](int64_t begin, int64_t end) {
        problem_.epilogue.then(output + begin * RowFloats(), (end - begin) * RowFloats());
      });
    }
  }

  bool RunsRows() const override { return true; }

  void RunRows(const float* input, int64_t begin, int64_t end, float* output) const override {
    works_.With([&] { return Work(*this); },
                [&](Work& work) {
                  const Part all{.block_begin = 0, .block_end = static_cast<int64_t>(blocks_.size()), .finish = true};
                  RunBand(input, output, begin, end, all, work);
                });
  }

 private:
  // What a task needs besides input and output.
  struct Work {
    explicit Work(const TileConvolution& plan)
        : cache(plan.packs_ ? plan.InputRows(plan.most_rows_) : 1, plan.packs_ ? plan.span_floats_ : 1),
          zeros(Tensor::Zeros(Shape{plan.span_floats_})),
          sources(static_cast<size_t>(plan.taps_)),
          runs(static_cast<size_t>(plan.most_rows_ * plan.num_runs_)) {}
    RowCache cache;
    Tensor zeros;
    std::vector<int64_t> sources;
    std::vector<const float*> runs;
  };

  // What of its rows a task computes.
  struct Part {
    int64_t block_begin, block_end;
    bool finish;          // all of each pixel, so that the epilogue follows
    bool stream = false;  // past the cache where that is possible
  };

  void CutBlocks() {
    const int64_t lanes = kernel_.lanes;
    int64_t weights = 0, bias = 0;
    for (int64_t group = 0; group < spec_.groups; ++group) {
      for (int64_t f = 0; f < spec_.filters_per_group();) {
        const int64_t left = spec_.filters_per_group() - f;
        const int64_t vectors = kernel_.VectorsFor(left, num_runs_ * run_length_);
        const int64_t filters = std::min(left, vectors * lanes);
        blocks_.push_back({group, group * spec_.filters_per_group() + f, filters, vectors, weights, bias});
        weights += num_runs_ * run_length_ * vectors * lanes;
        bias += vectors * lanes;
        f += filters;
      }
    }
    weights_ = Tensor::Zeros(Shape{weights});  // what pads the filters stays zero
    bias_ = Tensor::Zeros(Shape{bias});
  }

  // Pieces of work end with a picture where its rows alone make whole pieces: then they share rows of input.
  bool PiecesEndWithPictures() const { return spec_.rows().out() >= kMostRows; }

  // Rows of input that so many rows of a piece see, at most.
  int64_t InputRows(int64_t rows) const {
    if (!PiecesEndWithPictures()) return rows * taps_;
    const int64_t span = (rows - 1) * spec_.rows().stride + spec_.rows().extent();
    return spec_.depth().size * std::min(rows * spec_.rows().size, span);
  }

  int64_t RowFloats() const { return spec_.columns().out() * spec_.filters; }  // of output

  // Pixels of input that the windows of a strip span.
  int64_t Span(const Strip& strip) const {
    return (strip.end - strip.begin - 1) * spec_.columns().stride + spec_.columns().extent();
  }

  // Output rows [row_begin, row_end) to `output`, where the first of them goes.
  void RunBand(const float* input, float* output, int64_t row_begin, int64_t row_end, const Part& part,
               Work& work) const {
    for (const Strip& strip : strips_) {
      work.cache.Clear();
      for (int64_t row = row_begin, rows = 0; row < row_end; row += rows) {
        rows = std::min(most_rows_, row_end - row);
        if (PiecesEndWithPictures()) rows = std::min(rows, spec_.rows().out() - row % spec_.rows().out());
        FindRuns(input, strip, row, rows, work);
        float* const to = output + (row - row_begin) * RowFloats() + strip.begin * spec_.filters;
        RunPiece(work.runs, strip, rows, to, part);
        if (part.finish && problem_.epilogue.then) Finish(strip, rows, to);
      }
    }
  }

  void FindRuns(const float* input, const Strip& strip, int64_t first_row, int64_t rows, Work& work) const {
    const WindowAxis& columns = spec_.columns();
    const int64_t first_pixel = strip.begin * columns.stride - columns.pad_before;
    const int64_t row_floats = columns.in * spec_.channels;
    size_t run = 0;
    for (int64_t row = first_row; row < first_row + rows; ++row) {
      SourceRows(spec_, row, work.sources);
      for (const int64_t source : work.sources) {
        const float* from = work.zeros.data();
        if (source >= 0 && strip.packed) {
          bool found = false;
          float* slot = work.cache.Slot(source, &found);
          if (!found) PackRow(spec_, input + source * row_floats, first_pixel, Span(strip), 1, kOnePhase, 0, slot);
          from = slot;
        } else if (source >= 0) {
          from = input + source * row_floats + first_pixel * spec_.channels;
        }
        if (merged_) {
          work.runs[run++] = from;
        } else {
          for (int64_t s = 0; s < columns.size; ++s) work.runs[run++] = from + s * columns.dilation * spec_.channels;
        }
      }
    }
  }

  // `output`: the strip's first pixel in the first of the rows.
  void RunPiece(const std::vector<const float*>& runs, const Strip& strip, int64_t rows, float* output,
                const Part& part) const {
    const int64_t lanes = kernel_.lanes;
    const bool aligned = reinterpret_cast<uintptr_t>(output) % (static_cast<size_t>(lanes) * sizeof(float)) == 0 &&
                         spec_.filters % lanes == 0;
    const bool stream = aligned && part.stream;
    float* outputs[kMostRows];
    for (int64_t r = 0; r < rows; ++r) outputs[r] = output + r * RowFloats();
    for (int64_t b = part.block_begin; b < part.block_end; ++b) {
      const FilterBlock& block = blocks_[static_cast<size_t>(b)];
      kernel_.run({.runs = runs.data(),
                   .num_runs = num_runs_,
                   .run_length = run_length_,
                   .run_offset = block.group * spec_.channels_per_group(),
                   .pixel_stride = spec_.columns().stride * spec_.channels,
                   .weights = weights_.data() + block.weights,
                   .weights_step = block.vectors * lanes,
                   .bias = bias_.data() + block.bias,
                   .vectors = block.vectors,
                   .outputs = outputs,
                   .rows = rows,
                   .output_offset = block.first_filter,
                   .output_stride = spec_.filters,
                   .pixels = strip.end - strip.begin,
                   .filters = block.filters,
                   .limits = problem_.epilogue.limits,
                   .stream = stream && block.first_filter % lanes == 0 && block.filters == block.vectors * lanes});
    }
  }

  void Finish(const Strip& strip, int64_t rows, float* output) const {
    for (int64_t r = 0; r < rows; ++r) {
      problem_.epilogue.then(output + r * RowFloats(), (strip.end - strip.begin) * spec_.filters);
    }
  }

  ConvProblem problem_;
  const ConvSpec& spec_;
  TileKernel kernel_;
  int64_t taps_ = 0;  // input rows that an output row sees
  bool merged_ = false;
  int64_t span_floats_ = 1;  // of input under the longest strip
  int64_t most_rows_ = 1;    // output rows in a piece of work
  bool packs_ = false;
  int64_t num_runs_ = 0;
  int64_t run_length_ = 0;
  std::vector<Strip> strips_;
  std::vector<FilterBlock> blocks_;
  Tensor weights_;  // block after block, each (num_runs, run_length, vectors * lanes)
  Tensor bias_;     // block after block, each (vectors * lanes,)
  mutable WorkPool<Work> works_;
};

}  // namespace

std::unique_ptr<ConvAlgorithm> MakeTileConvolution(ConvProblem problem) {
  return std::make_unique<TileConvolution>(std::move(problem));
}

}  // namespace convscope::internal
