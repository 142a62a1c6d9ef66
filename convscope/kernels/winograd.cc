#include "convscope/kernels/winograd.h"

#include <algorithm>
#include <array>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_tile.h"
#include "convscope/kernels/internal/winograd_tiles.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

using internal::kTilePlaces;

// Tiles in a piece of work: as often are the weights of a place used that come from far.
constexpr int64_t kPieceTiles = 64;

// Between what lies at neighbouring places, so that the sixteen do not fall into one set of the cache.
constexpr int64_t kPitchFloats = 16;

constexpr int64_t kVector = 16;  // what channels and filters are multiples of

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// Kernel planes g (3, 3) beside each other, as many as a block has filters: plane f of tap t at [t][f].
constexpr int64_t kMostWidth = 64;
template <int taps>
using Planes = std::array<std::array<double, kMostWidth>, taps>;

// Four lines of `to`, `step` apart, from three of `from`, by G = | 1 0 0 | 1/2 1/2 1/2 | 1/2 -1/2 1/2 | 0 0 1 |.
void TransformLine(const std::array<double, kMostWidth>* from, int from_step, std::array<double, kMostWidth>* to,
                   int to_step, int64_t count) {
  const double *a = from[0].data(), *b = from[from_step].data(), *c = from[2 * from_step].data();
  double *first = to[0].data(), *sum = to[to_step].data(), *difference = to[2 * to_step].data(),
         *last = to[3 * to_step].data();
  for (int64_t f = 0; f < count; ++f) {
    first[f] = a[f];
    sum[f] = (a[f] + b[f] + c[f]) / 2;
    difference[f] = (a[f] - b[f] + c[f]) / 2;
    last[f] = c[f];
  }
}

// G g G^T of `count` planes.
void TransformKernels(const Planes<9>& g, int64_t count, Planes<kTilePlaces>& places) {
  Planes<12> columns;  // G g, (4, 3)
  for (int j = 0; j < 3; ++j) TransformLine(&g[static_cast<size_t>(j)], 3, &columns[static_cast<size_t>(j)], 3, count);
  for (size_t i = 0; i < 4; ++i) TransformLine(&columns[3 * i], 1, &places[4 * i], 1, count);
}

// Room for the tiles of one piece, kept by each thread: neighbouring layers find it in the cache.
float* PieceMemory(int64_t floats) {
  static thread_local Tensor memory(Shape{1});
  if (memory.size() < floats) memory = Tensor(Shape{floats});
  return memory.data();
}

// The rows of output that are wanted: [begin, end) of those of all pictures, counted through.
struct WantedRows {
  float* first;  // where row `begin` goes
  int64_t begin, end;
  int64_t floats;  // of a row

  // Null: it is not wanted.
  float* Row(int64_t row) const { return row >= begin && row < end ? first + (row - begin) * floats : nullptr; }
};

}  // namespace

struct WinogradConvolution::Impl {
  Impl(const ConvSpec& of, const float* kernel, const float* given_bias, Epilogue then);

  void Run(const float* input, float* output) const;
  void RunRows(const float* input, const WantedRows& output) const;
  void RunPiece(const float* input, int64_t row_begin, int64_t row_end, int64_t block_begin, int64_t block_end,
                const WantedRows& output) const;
  void TransformRow(const float* input, int64_t row, float* to, int64_t pitch) const;
  void WriteRow(const float* from, int64_t pitch, int64_t row, int64_t first_filter, int64_t count,
                const WantedRows& output) const;
  void Finish(int64_t row_begin, int64_t row_end, const WantedRows& output) const;

  int64_t blocks() const { return CeilDivide(spec.filters, width); }
  // Of all pictures, counted through.
  int64_t rows() const { return spec.batch * tile_rows; }
  // Rows of tiles in a piece of work.
  int64_t piece_rows() const { return std::max<int64_t>(1, kPieceTiles / tile_columns); }
  // The output row that a row of tiles begins with.
  int64_t FirstRow(int64_t row) const { return row / tile_rows * spec.rows().out() + row % tile_rows * 2; }
  // And the row of tiles that an output row lies in.
  int64_t TileRow(int64_t row) const { return row / spec.rows().out() * tile_rows + row % spec.rows().out() / 2; }

  ConvSpec spec;
  Epilogue epilogue;
  internal::TileKernel kernel_tile;
  internal::WinogradTiles tiles;
  int64_t width;                    // filters in a block
  int64_t tile_rows, tile_columns;  // of a picture
  Tensor weights;                   // (places, blocks, C, width), zero-padded
  Tensor bias;                      // (F,)
  Tensor zeros;                     // (max(C, width),)
};

WinogradConvolution::Impl::Impl(const ConvSpec& of, const float* kernel, const float* given_bias, Epilogue then)
    : spec(of),
      epilogue(std::move(then)),
      kernel_tile(internal::BestTileKernel()),
      tiles(internal::BestWinogradTiles()),
      width(kernel_tile.VectorsFor(of.filters, of.channels) * kernel_tile.lanes),
      tile_rows(CeilDivide(of.rows().out(), 2)),
      tile_columns(CeilDivide(of.columns().out(), 2)),
      weights(Tensor::Zeros(Shape{kTilePlaces * CeilDivide(of.filters, width) * of.channels * width})),
      bias(Tensor::Zeros(Shape{of.filters})),
      zeros(Tensor::Zeros(Shape{std::max(of.channels, width)})) {
  if (given_bias != nullptr) std::copy_n(given_bias, spec.filters, bias.data());
  const int64_t channels = spec.channels, filters = spec.filters;
  ParallelRanges(channels, 1, [&](int64_t begin, int64_t end) {
    Planes<9> planes;
    Planes<kTilePlaces> places;
    for (int64_t c = begin; c < end; ++c) {
      for (int64_t block = 0; block < blocks(); ++block) {
        const int64_t count = std::min(width, filters - block * width);
        for (int64_t tap = 0; tap < 9; ++tap) {
          const float* const from = kernel + (tap * channels + c) * filters + block * width;
          std::copy_n(from, count, planes[static_cast<size_t>(spec.flip_kernel ? 8 - tap : tap)].data());
        }
        TransformKernels(planes, count, places);
        for (int64_t k = 0; k < kTilePlaces; ++k) {
          const double* const from = places[static_cast<size_t>(k)].data();
          float* const to = weights.data() + ((k * blocks() + block) * channels + c) * width;
          for (int64_t f = 0; f < count; ++f) to[f] = static_cast<float>(from[f]);
        }
      }
    }
  });
}

// The tiles of one row of tiles: place k of tile t to to[k * pitch + t * C].
void WinogradConvolution::Impl::TransformRow(const float* input, int64_t row, float* to, int64_t pitch) const {
  const WindowAxis &rows_axis = spec.rows(), &columns = spec.columns();
  const int64_t channels = spec.channels, top = row % tile_rows * 2 - rows_axis.pad_before;
  const float* const picture = input + row / tile_rows * rows_axis.in * columns.in * channels;
  for (int64_t tile = 0; tile < tile_columns; ++tile) {
    const int64_t left = tile * 2 - columns.pad_before;
    const float* pixels[kTilePlaces];
    for (int64_t k = 0; k < kTilePlaces; ++k) {
      const int64_t y = top + k / 4, x = left + k % 4;
      const bool inside = y >= 0 && y < rows_axis.in && x >= 0 && x < columns.in;
      pixels[k] = inside ? picture + (y * columns.in + x) * channels : zeros.data();
    }
    tiles.input(pixels, channels, to + tile * channels, pitch);
  }
}

// Some filters of the pixels of one row of tiles: place k of tile t from from[k * pitch + t * count].
void WinogradConvolution::Impl::WriteRow(const float* from, int64_t pitch, int64_t row, int64_t first_filter,
                                         int64_t count, const WantedRows& output) const {
  const int64_t top = FirstRow(row);
  const bool second = row % tile_rows * 2 + 1 < spec.rows().out();  // else it is the next picture's
  float* const lines[2] = {output.Row(top), second ? output.Row(top + 1) : nullptr};
  for (int64_t tile = 0; tile < tile_columns; ++tile) {
    float* pixels[4];
    for (int64_t k = 0; k < 4; ++k) {
      float* const line = lines[k / 2];
      const int64_t x = tile * 2 + k % 2;
      const bool wanted = line != nullptr && x < spec.columns().out();
      pixels[k] = wanted ? line + x * spec.filters + first_filter : nullptr;
    }
    tiles.output(from + tile * count, pitch, bias.data() + first_filter, count, epilogue.limits, pixels);
  }
}

// What lies in rows [row_begin, row_end) of tiles of some blocks of filters.
void WinogradConvolution::Impl::RunPiece(const float* input, int64_t row_begin, int64_t row_end, int64_t block_begin,
                                         int64_t block_end, const WantedRows& output) const {
  const int64_t channels = spec.channels, pixels = (row_end - row_begin) * tile_columns;
  const int64_t first = block_begin * width, count = std::min(block_end * width, spec.filters) - first;
  const int64_t input_pitch = pixels * channels + kPitchFloats, product_pitch = pixels * count + kPitchFloats;
  float* const inputs = PieceMemory(kTilePlaces * (input_pitch + product_pitch));
  float* const products = inputs + kTilePlaces * input_pitch;
  for (int64_t row = row_begin; row < row_end; ++row) {
    TransformRow(input, row, inputs + (row - row_begin) * tile_columns * channels, input_pitch);
  }
  for (int64_t k = 0; k < kTilePlaces; ++k) {
    const float* const run = inputs + k * input_pitch;
    float* const product = products + k * product_pitch;
    for (int64_t b = block_begin; b < block_end; ++b) {
      const int64_t filters = std::min(width, spec.filters - b * width);
      const int64_t vectors = kernel_tile.VectorsOf(filters);
      kernel_tile.run({.runs = &run,
                       .num_runs = 1,
                       .run_length = channels,
                       .run_offset = 0,
                       .pixel_stride = channels,
                       .weights = weights.data() + (k * blocks() + b) * channels * width,
                       .weights_step = width,
                       .bias = zeros.data(),
                       .vectors = vectors,
                       .outputs = &product,
                       .rows = 1,
                       .output_offset = b * width - first,
                       .output_stride = count,
                       .pixels = pixels,
                       .filters = filters,
                       .stream = false});
    }
  }
  for (int64_t row = row_begin; row < row_end; ++row) {
    WriteRow(products + (row - row_begin) * tile_columns * count, product_pitch, row, first, count, output);
  }
}

// The epilogue of the pixels in rows [row_begin, row_end) of tiles.
void WinogradConvolution::Impl::Finish(int64_t row_begin, int64_t row_end, const WantedRows& output) const {
  for (int64_t row = row_begin; row < row_end; ++row) {
    const int64_t top = FirstRow(row), left = spec.rows().out() - row % tile_rows * 2;
    const int64_t begin = std::max(top, output.begin), end = std::min(top + std::min<int64_t>(2, left), output.end);
    if (begin < end) epilogue.then(output.Row(begin), (end - begin) * output.floats);
  }
}

void WinogradConvolution::Impl::Run(const float* input, float* output) const {
  const int64_t threads = ThreadCount();
  const WantedRows all{.first = output,
                       .begin = 0,
                       .end = spec.batch * spec.rows().out(),
                       .floats = spec.columns().out() * spec.filters};
  // As many pieces for each thread; where rows are few, the filters are shared out as well.
  int64_t pieces = CeilDivide(rows(), piece_rows());
  if (pieces >= threads) pieces = std::min(CeilDivide(pieces, threads) * threads, rows());
  const int64_t shares = std::clamp<int64_t>(CeilDivide(2 * threads, pieces), 1, blocks());
  ParallelFor(pieces * shares, [&](int64_t task) {
    const int64_t piece = task / shares, share = task % shares;
    const int64_t begin = rows() * piece / pieces, end = rows() * (piece + 1) / pieces;
    RunPiece(input, begin, end, blocks() * share / shares, blocks() * (share + 1) / shares, all);
    if (shares == 1 && epilogue.then) Finish(begin, end, all);
  });
  if (shares > 1 && epilogue.then) {
    ParallelRanges(rows(), 1, [&](int64_t begin, int64_t end) { Finish(begin, end, all); });
  }
}

void WinogradConvolution::Impl::RunRows(const float* input, const WantedRows& output) const {
  const int64_t last = TileRow(output.end - 1);
  for (int64_t row = TileRow(output.begin), next = 0; row <= last; row = next) {
    next = std::min(row + piece_rows(), last + 1);
    RunPiece(input, row, next, 0, blocks(), output);
    if (epilogue.then) Finish(row, next, output);
  }
}

bool WinogradConvolution::Takes(const ConvSpec& spec) {
  const auto plain = [](const WindowAxis& axis) { return axis.size == 3 && axis.stride == 1 && axis.dilation == 1; };
  return spec.rank == 2 && plain(spec.rows()) && plain(spec.columns()) && spec.groups == 1 &&
         spec.pad_mode == PadMode::kZero && spec.channels % kVector == 0 && spec.filters % kVector == 0;
}

bool WinogradConvolution::Pays(const ConvSpec& spec) {
  // Of a picture, whatever the batch: the same picture is to give the same bits. What is smaller takes microseconds.
  constexpr int64_t kLeastMultiplyAdds = int64_t{1} << 23;
  constexpr int64_t kShortest = 6;                  // rows and columns: a few tiles do not use the weights often enough
  constexpr int64_t kLongest = 512;                 // columns: a row of tiles is in memory at once
  constexpr int64_t kMostBytes = int64_t{8} << 20;  // of it, on each thread
  const int64_t tiles = std::max<int64_t>(64, CeilDivide(spec.columns().out(), 2));
  const auto bytes = static_cast<int64_t>(kTilePlaces * sizeof(float)) * tiles * (spec.channels + spec.filters);
  return bytes <= kMostBytes && Takes(spec) && spec.MultiplyAdds() / spec.batch >= kLeastMultiplyAdds &&
         spec.rows().out() >= kShortest && spec.columns().out() >= kShortest && spec.columns().out() <= kLongest;
}

WinogradConvolution::WinogradConvolution(const ConvSpec& spec, const float* kernel, const float* bias,
                                         Epilogue epilogue) {
  spec.Check();
  if (!Takes(spec)) {
    throw Error({.rule =
                     "Winograd's convolution has 3x3 kernels, stride and dilation 1, one group, zeroes for padding, "
                     "and multiples of 16 channels and filters",
                 .received = "another shape",
                 .fix = "use Convolution"});
  }
  impl_ = std::make_unique<Impl>(spec, kernel, bias, std::move(epilogue));
}

WinogradConvolution::~WinogradConvolution() = default;
WinogradConvolution::WinogradConvolution(WinogradConvolution&&) noexcept = default;
WinogradConvolution& WinogradConvolution::operator=(WinogradConvolution&&) noexcept = default;

const ConvSpec& WinogradConvolution::spec() const {
  return impl_->spec;
}

void WinogradConvolution::operator()(const float* input, float* output) const {
  impl_->Run(input, output);
}

void WinogradConvolution::Rows(const float* input, int64_t begin, int64_t end, float* output) const {
  const ConvSpec& spec = impl_->spec;
  impl_->RunRows(input, {.first = output, .begin = begin, .end = end, .floats = spec.columns().out() * spec.filters});
}

}  // namespace convscope
