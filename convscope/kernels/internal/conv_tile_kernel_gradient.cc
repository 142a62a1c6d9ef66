// The gradient to the kernel as tiles of kernel elements x filters, summed over pixels.
//
// Pixels come in chunks of a few output rows, so small that dY and x under them stay in the first-level cache while all
// tiles of a task pass over them. Work is shared out by elements of the kernel; where it has too few of them (3x3x1),
// by ranges of chunks, whose number follows from the shape alone and whose results are added in order.
#include <algorithm>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_depthwise_gradient.h"
#include "convscope/kernels/internal/conv_gradient_algorithm.h"
#include "convscope/kernels/internal/conv_gradient_tile.h"
#include "convscope/kernels/internal/conv_rows.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

// Pixels in a chunk, whose products are summed in a register.
constexpr int64_t kMostPixels = 128;
// dY of a chunk: half of the first-level cache of common machines.
constexpr int64_t kChunkBytes = int64_t{16} << 10;
// Prepared rows of x that a task keeps.
constexpr int64_t kRowsBytes = int64_t{512} << 10;

// Chunks whose sums are added up before they go to the total: as the register is to its pixels.
constexpr int64_t kSubtotalChunks = 32;

// A group of kernel elements at least this long gives the loads of dY enough to do; longer ones load it less often, so
// there are only as many as the threads want.
constexpr int64_t kGroupElements = 36;
constexpr int64_t kGroupsAThread = 2;
// Kernels with fewer elements than this are shared out by ranges of chunks.
constexpr int64_t kFewElements = 8 * kGroupElements;
constexpr int64_t kMostRanges = 32;
constexpr int64_t kPartialBytes = int64_t{8} << 20;

constexpr int64_t kOnePhase[] = {0};

// Elements of the kernel that are neighbours in memory for a pixel: part of a row of it, or of one of its columns.
struct Piece {
  int64_t row_tap;   // which of the input rows under a window
  int64_t x_offset;  // floats from the window's first
  int64_t elements;
  int64_t first_filter;  // of the group
  int64_t result;        // offset into the kernel
};

// Where a task adds its sums: shaped as kernel and bias.
struct Target {
  float* kernel;
  float* bias;
};

class TileKernelGradient : public KernelGradientAlgorithm {
 public:
  explicit TileKernelGradient(const ConvSpec& spec)
      : spec_(Simplified(spec)),
        depthwise_(spec_.groups == spec_.channels && spec_.groups == spec_.filters),
        tile_(BestGradientTile()),
        depthwise_tile_(BestDepthwiseKernels().kernel_gradient),
        piece_filters_(depthwise_ ? spec_.filters : spec_.filters_per_group()),
        lanes_(GradientTileLanes()) {
    taps_ = RowTaps(spec_);
    CutChunks();
    CutRanges();
  }

  void Run(const float* x, const float* dy, float* dkernel, float* dbias) override {
    if (ThreadCount() != threads_) CutGroups();
    const int64_t groups = static_cast<int64_t>(groups_.size());
    ParallelFor(groups * ranges_, [&](int64_t task) {
      const int64_t range = task / groups;
      const Target total = range == 0 ? Target{dkernel, dbias} : TargetAt(range - 1);
      works_.With([&] { return Work(*this); },
                  [&](Work& work) {
                    RunRange(x, dy, range, groups_[static_cast<size_t>(task % groups)], task % groups == 0,
                             {total.kernel, dbias == nullptr ? nullptr : total.bias}, work);
                  });
    });
    if (ranges_ == 1) return;
    ParallelRanges(KernelFloats(), 4096, [&](int64_t begin, int64_t end) {
      for (int64_t r = 1; r < ranges_; ++r) Add(TargetAt(r - 1).kernel + begin, end - begin, dkernel + begin);
    });
    for (int64_t r = 1; r < ranges_ && dbias != nullptr; ++r) Add(TargetAt(r - 1).bias, spec_.filters, dbias);
  }

 private:
  struct Group {
    size_t begin, end;  // of the pieces
  };

  struct Work {
    explicit Work(const TileKernelGradient& plan)
        : cache(plan.packs_ ? plan.chunk_rows_ * plan.taps_ : 1, plan.packs_ ? plan.span_floats_ : 1),
          zeros(Tensor::Zeros(Shape{plan.span_floats_})),
          last_dy(Tensor::Zeros(Shape{plan.strip_pixels_ * plan.spec_.filters + 2 * plan.lanes_})),
          sources(static_cast<size_t>(plan.taps_)),
          x(static_cast<size_t>(plan.taps_ * plan.chunk_rows_)),
          dy(static_cast<size_t>(plan.chunk_rows_)) {}
    RowCache cache;
    Tensor zeros;
    Tensor last_dy;  // the last rows of dY, of a vector and one row at most, with room for a vector to read beyond
    std::vector<int64_t> sources;
    std::vector<const float*> x;  // (taps, chunk rows)
    std::vector<const float*> dy;
  };

  // Windows of one pixel that move by one pixel are one long row of pixels, cut at will. A window that is the whole
  // picture is one pixel with as many channels.
  static ConvSpec Simplified(ConvSpec spec) {
    const auto every_axis = [&](const auto& is) { return std::all_of(spec.axes.begin(), spec.axes.end(), is); };
    const auto whole = [](const WindowAxis& a) {
      return a.in == a.size && a.pad_before == 0 && a.pad_after == 0 && a.dilation == 1;
    };
    if (every_axis(whole) && spec.groups == 1 && !spec.flip_kernel) {
      for (WindowAxis& axis : spec.axes) {
        spec.channels *= axis.in;
        axis = {};
      }
      spec.rank = 1;
    }
    const auto point = [](const WindowAxis& a) {
      return a.size == 1 && a.stride == 1 && a.pad_before == 0 && a.pad_after == 0;
    };
    if (every_axis(point)) {
      const int64_t pixels = spec.batch * spec.axes[0].in * spec.axes[1].in * spec.axes[2].in;
      spec.axes = {};
      spec.axes[2].in = pixels;
      spec.batch = spec.rank = 1;
    }
    return spec;
  }

  // Of the kernels of all groups, each one sum a filter.
  int64_t Elements() const { return taps_ * spec_.columns().size * (depthwise_ ? 1 : spec_.channels); }

  int64_t KernelFloats() const { return spec_.KernelShape().NumElements(); }

  void CutChunks() {
    const WindowAxis& columns = spec_.columns();
    const int64_t pixels = std::clamp<int64_t>(kChunkBytes / (4 * spec_.filters), kMostPixels / 2, kMostPixels);
    strips_ = CutStrips(spec_, pixels, false);
    packs_ = columns.pad_before + columns.pad_after > 0;
    for (const Strip& strip : strips_) strip_pixels_ = std::max(strip_pixels_, strip.end - strip.begin);
    span_floats_ = ((strip_pixels_ - 1) * columns.stride + columns.extent()) * spec_.channels;
    chunk_rows_ = std::max<int64_t>(1, pixels / strip_pixels_);
    if (packs_) chunk_rows_ = std::clamp<int64_t>(kRowsBytes / (4 * taps_ * span_floats_), 1, chunk_rows_);
    row_chunks_ = (OutputRows(spec_) + chunk_rows_ - 1) / chunk_rows_;
  }

  // The elements of the kernel in groups of neighbours. No sum knows in which group it is, so that their number may
  // depend on the threads.
  void CutGroups() {
    threads_ = ThreadCount();
    pieces_.clear();
    groups_.clear();
    const WindowAxis& columns = spec_.columns();
    const int64_t channels = spec_.channels_per_group(), filters = spec_.filters_per_group();
    // All columns of a kernel row are one run of memory unless dilation or other groups' channels lie in between, or
    // their order is turned around.
    const bool merged = columns.dilation == 1 && spec_.groups == 1 && !spec_.flip_kernel && !depthwise_;
    const int64_t wanted = ranges_ > 1 ? 1 : kGroupsAThread * threads_;
    // Whole tiles of 12, 6, 4 and 3 elements.
    const int64_t most = std::max(kGroupElements, ((Elements() + wanted - 1) / wanted + 11) / 12 * 12);
    int64_t in_group = most;
    const auto add = [&](Piece piece) {
      for (int64_t left = piece.elements; left > 0;) {
        if (in_group >= most) {
          groups_.push_back({pieces_.size(), pieces_.size()});
          in_group = 0;
        }
        piece.elements = std::min(left, most - in_group);
        pieces_.push_back(piece);
        groups_.back().end = pieces_.size();
        left -= piece.elements;
        in_group += piece.elements;
        piece.x_offset += piece.elements;
        piece.result += piece.elements * spec_.filters;
      }
    };
    for (int64_t tap = 0; tap < taps_; ++tap) {
      if (merged) {
        add({tap, 0, columns.size * channels, 0, tap * columns.size * channels * spec_.filters});
        continue;
      }
      for (int64_t kx = 0; kx < columns.size; ++kx) {
        const int64_t element = tap * columns.size + kx;
        const int64_t place = spec_.flip_kernel ? taps_ * columns.size - 1 - element : element;
        if (depthwise_) add({tap, kx * columns.dilation * spec_.channels, 1, 0, place * spec_.filters});
        for (int64_t g = 0; g < spec_.groups && !depthwise_; ++g) {
          add({tap, kx * columns.dilation * spec_.channels + g * channels, channels, g * filters,
               place * channels * spec_.filters + g * filters});
        }
      }
    }
  }

  void CutRanges() {
    const int64_t chunks = Chunks();
    const int64_t bytes = 4 * (KernelFloats() + spec_.filters);
    if (Elements() < kFewElements) {
      ranges_ = std::clamp<int64_t>(std::min(chunks / 4, kPartialBytes / bytes), 1, kMostRanges);
    }
    // One partial result a range but the first, and one subtotal a range where the sums are long.
    const bool subtotals = (chunks + ranges_ - 1) / ranges_ > 2 * kSubtotalChunks;
    subtotal_chunks_ = subtotals ? kSubtotalChunks : chunks;
    partials_ = Tensor(Shape{(ranges_ - 1 + (subtotals ? ranges_ : 0)) * bytes / 4});
  }

  int64_t Chunks() const { return row_chunks_ * static_cast<int64_t>(strips_.size()); }

  Target TargetAt(int64_t partial) {
    float* kernel = partials_.data() + partial * (KernelFloats() + spec_.filters);
    return {kernel, kernel + KernelFloats()};
  }

  static void Add(const float* from, int64_t count, float* to) {
    for (int64_t i = 0; i < count; ++i) to[i] += from[i];
  }

  void RunRange(const float* x, const float* dy, int64_t range, const Group& group, bool bias, const Target& total,
                Work& work) {
    const int64_t first = Chunks() * range / ranges_, end = Chunks() * (range + 1) / ranges_;
    int64_t strip = -1;
    for (int64_t begin = first; begin < end; begin += subtotal_chunks_) {
      // The first subtotal is the total so far.
      const Target to = begin == first ? total : TargetAt(ranges_ - 1 + range);
      for (int64_t chunk = begin; chunk < std::min(end, begin + subtotal_chunks_); ++chunk) {
        if (chunk / row_chunks_ != strip) work.cache.Clear();
        strip = chunk / row_chunks_;
        RunChunk(x, dy, chunk, group, bias && total.bias != nullptr, chunk > begin, to, work);
      }
      if (begin > first) AddGroup(group, bias && total.bias != nullptr, to, total);
    }
  }

  void RunChunk(const float* x, const float* dy, int64_t chunk, const Group& group, bool bias, bool add,
                const Target& to, Work& work) const {
    const Strip& strip = strips_[static_cast<size_t>(chunk / row_chunks_)];
    const int64_t first_row = chunk % row_chunks_ * chunk_rows_;
    const int64_t rows = std::min(chunk_rows_, OutputRows(spec_) - first_row);
    const int64_t pixels = strip.end - strip.begin;
    FindRows(x, strip, first_row, rows, pieces_[group.begin].row_tap, pieces_[group.end - 1].row_tap, work);
    for (int64_t r = 0; r < rows; ++r) {
      work.dy[static_cast<size_t>(r)] = dy + ((first_row + r) * spec_.columns().out() + strip.begin) * spec_.filters;
    }
    if (piece_filters_ % lanes_ != 0) {
      // Rows from which a vector would reach beyond the end of dY: the last, and where rows are short some before it.
      const float* const end = dy + OutputRows(spec_) * spec_.columns().out() * spec_.filters;
      float* copy = work.last_dy.data();
      for (int64_t r = rows - 1; r >= 0; --r) {
        const float*& row = work.dy[static_cast<size_t>(r)];
        if (end - (row + pixels * spec_.filters) >= lanes_) break;
        row = std::copy_n(row, pixels * spec_.filters, copy) - pixels * spec_.filters;
        copy += pixels * spec_.filters;
      }
    }
    GradientTile tile{.x = nullptr,
                      .dy = work.dy.data(),
                      .rows = rows,
                      .pixels = pixels,
                      .x_offset = 0,
                      .x_step = spec_.columns().stride * spec_.channels,
                      .dy_offset = 0,
                      .dy_step = spec_.filters,
                      .elements = 1,
                      .filters = piece_filters_,
                      .result = nullptr,
                      .result_stride = spec_.filters,
                      .add = add};
    for (size_t i = group.begin; i < group.end; ++i) {
      const Piece& piece = pieces_[i];
      tile.x = work.x.data() + piece.row_tap * chunk_rows_;
      tile.x_offset = piece.x_offset;
      tile.dy_offset = piece.first_filter;
      tile.elements = piece.elements;
      tile.result = to.kernel + piece.result;
      depthwise_ ? depthwise_tile_(tile) : tile_(tile);
    }
    if (!bias) return;
    // The bias is an element that sees 1 everywhere.
    static constexpr float kOne = 1;
    std::fill_n(work.x.data(), rows, &kOne);
    tile.x = work.x.data();
    tile.x_offset = tile.x_step = tile.dy_offset = 0;
    tile.elements = 1;
    tile.filters = spec_.filters;
    tile.result = to.bias;
    tile_(tile);
  }

  // Pointers to what the first pixel of each row sees, for the row taps from `first_tap` to `last_tap`.
  void FindRows(const float* x, const Strip& strip, int64_t first_row, int64_t rows, int64_t first_tap,
                int64_t last_tap, Work& work) const {
    const WindowAxis& columns = spec_.columns();
    const int64_t first_pixel = strip.begin * columns.stride - columns.pad_before;
    const int64_t span = (strip.end - strip.begin - 1) * columns.stride + columns.extent();
    for (int64_t r = 0; r < rows; ++r) {
      SourceRows(spec_, first_row + r, work.sources);
      for (int64_t tap = first_tap; tap <= last_tap; ++tap) {
        const int64_t source = work.sources[static_cast<size_t>(tap)];
        const float*& from = work.x[static_cast<size_t>(tap * chunk_rows_ + r)];
        if (source < 0) {
          from = work.zeros.data();
          continue;
        }
        const float* row = x + source * columns.in * spec_.channels;
        if (!packs_) {
          from = row + first_pixel * spec_.channels;
          continue;
        }
        bool found = false;
        float* slot = work.cache.Slot(source, &found);
        if (!found) PackRow(spec_, row, first_pixel, span, 1, kOnePhase, 0, slot);
        from = slot;
      }
    }
  }

  void AddGroup(const Group& group, bool bias, const Target& from, const Target& to) const {
    for (size_t i = group.begin; i < group.end; ++i) {
      const Piece& piece = pieces_[i];
      for (int64_t e = 0; e < piece.elements; ++e) {
        const int64_t place = piece.result + e * spec_.filters;
        Add(from.kernel + place, piece_filters_, to.kernel + place);
      }
    }
    if (bias) Add(from.bias, spec_.filters, to.bias);
  }

  ConvSpec spec_;
  bool depthwise_;  // one filter a channel: an element of the kernel is one for all channels
  GradientTileFunction tile_, depthwise_tile_;
  int64_t piece_filters_;
  int64_t lanes_;
  int64_t taps_ = 0;  // input rows that an output row sees
  std::vector<Strip> strips_;
  bool packs_ = false;        // rows of x have to be copied with their padding
  int64_t strip_pixels_ = 1;  // of the longest strip
  int64_t span_floats_ = 1;   // of input under it
  int64_t chunk_rows_ = 1;    // output rows in a chunk, one strip wide
  int64_t row_chunks_ = 1;    // chunks of a strip
  int threads_ = 0;           // that the groups are made for
  std::vector<Piece> pieces_;
  std::vector<Group> groups_;  // of pieces: a task's
  int64_t ranges_ = 1;         // of chunks
  int64_t subtotal_chunks_ = 1;
  Tensor partials_;
  WorkPool<Work> works_;
};

}  // namespace

std::unique_ptr<KernelGradientAlgorithm> MakeTileKernelGradient(const ConvSpec& spec) {
  return std::make_unique<TileKernelGradient>(spec);
}

}  // namespace convscope::internal
