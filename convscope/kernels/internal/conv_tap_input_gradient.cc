// The gradient to the input as one product a kernel element: what a row of windows sends back through element (kd, ky,
// kx) falls on pixels `stride` apart, so a tile of dY times that element's weights is added to where it belongs.
//
// The alternative, a convolution of dY with the flipped kernel, multiplies the zeroes around dY as well (40 % more at
// 3x3 on 11x11) and wants one sub-convolution for each phase of a stride. Here stride, dilation and padding are only
// places; a padding pixel that repeats a real one has that one's place. The same goes for one filter a channel, with
// another kernel for the products.
#include <algorithm>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/conv_depthwise_gradient.h"
#include "convscope/kernels/internal/conv_gradient_algorithm.h"
#include "convscope/kernels/internal/conv_tile.h"
#include "convscope/kernels/internal/transpose.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {
namespace {

// Half of the second-level cache of common machines: rows of dX and the rows of dY that fall on them.
constexpr int64_t kPieceBytes = int64_t{256} << 10;
constexpr int64_t kMostRows = 32;

// Filters summed in registers before they are added to dX: the weights of so many stay in the first-level cache, and
// sums this short stay exact.
constexpr int64_t kMostTerms = 128;

// For each place of an axis and each element of the window, the windows whose element sees that place.
class Viewers {
 public:
  Viewers(const WindowAxis& axis, PadMode mode) : size_(axis.size), begins_(Count(axis.in * axis.size) + 1) {
    const auto source = [&](int64_t o, int64_t k) {
      return SourceIndex(o * axis.stride + k * axis.dilation - axis.pad_before, axis.in, mode);
    };
    const auto for_each = [&](const auto& visit) {
      for (int64_t k = 0; k < axis.size; ++k) {
        for (int64_t o = 0; o < axis.out(); ++o) {
          if (const int64_t i = source(o, k); i >= 0) visit(Count(i * size_ + k), o);
        }
      }
    };
    for_each([&](size_t cell, int64_t) { ++begins_[cell + 1]; });
    for (size_t i = 1; i < begins_.size(); ++i) {
      most_ = std::max(most_, begins_[i]);
      begins_[i] += begins_[i - 1];
    }
    windows_.resize(begins_.back());
    std::vector<size_t> next(begins_.begin(), begins_.end() - 1);
    for_each([&](size_t cell, int64_t o) { windows_[next[cell]++] = o; });
  }

  // Ascending.
  std::span<const int64_t> Of(int64_t place, int64_t element) const {
    const size_t cell = Count(place * size_ + element);
    return {windows_.data() + begins_[cell], begins_[cell + 1] - begins_[cell]};
  }
  int64_t most() const { return static_cast<int64_t>(most_); }

 private:
  static size_t Count(int64_t value) { return static_cast<size_t>(value); }

  int64_t size_;
  std::vector<size_t> begins_;
  std::vector<int64_t> windows_;
  size_t most_ = 0;
};

// Neighbouring windows whose element sees pixels one stride apart.
struct Stretch {
  int64_t first_window, windows;
  int64_t first_pixel;
};

std::vector<Stretch> StretchesOf(const WindowAxis& axis, int64_t element, PadMode mode) {
  std::vector<Stretch> stretches;
  bool inside = false;
  for (int64_t o = 0; o < axis.out(); ++o) {
    const int64_t i = o * axis.stride + element * axis.dilation - axis.pad_before;
    const int64_t pixel = SourceIndex(i, axis.in, mode);
    if (i < 0 || i >= axis.in) {
      if (pixel >= 0) stretches.push_back({o, 1, pixel});
      inside = false;
    } else if (inside) {
      ++stretches.back().windows;
    } else {
      stretches.push_back({o, 1, pixel});
      inside = true;
    }
  }
  return stretches;
}

// Some vectors of channels of one group.
struct ChannelBlock {
  int64_t group = 0;
  int64_t first_channel = 0;  // in the whole picture
  int64_t channels = 0;
  int64_t vectors = 0;
  int64_t weights = 0;  // offset into the packed weights
};

class TapInputGradient : public InputGradientAlgorithm {
 public:
  explicit TapInputGradient(const ConvSpec& spec)
      : spec_(spec),
        depthwise_(spec.groups == spec.channels && spec.groups == spec.filters),
        tile_(BestTileKernel()),
        depthwise_kernels_(BestDepthwiseKernels()),
        taps_(spec.depth().size * spec.rows().size * spec.columns().size),
        depths_(spec.depth(), spec.pad_mode),
        rows_(spec.rows(), spec.pad_mode) {
    for (int64_t k = 0; k < spec.columns().size; ++k) {
      columns_.push_back(StretchesOf(spec.columns(), k, spec.pad_mode));
    }
    if (depthwise_) {
      blocks_.push_back({.channels = spec.channels});
    } else {
      CutBlocks();
    }
    const int64_t row_bytes = 4 * (spec.columns().in * spec.channels + spec.columns().out() * spec.filters);
    piece_rows_ = std::clamp<int64_t>(kPieceBytes / row_bytes, 1, kMostRows);
  }

  void Run(const float* dy, const float* kernel, float* dx) override {
    if (depthwise_) {
      kernel_ = kernel;
    } else {
      Pack(kernel);
    }
    const int64_t planes = spec_.batch * spec_.depth().in;
    const int64_t pieces_a_plane = (spec_.rows().in + piece_rows_ - 1) / piece_rows_;
    const int64_t pieces = planes * pieces_a_plane;
    const int64_t wanted = int64_t{4} * ThreadCount();
    const int64_t bands = std::min(pieces, wanted);
    // Few pieces: the channels are shared out as well.
    const int64_t blocks = static_cast<int64_t>(blocks_.size());
    const int64_t shares = std::clamp<int64_t>(wanted / bands / 2, 1, blocks);
    if (shares > 1) std::fill_n(dx, spec_.InputShape().NumElements(), 0.0f);
    ParallelFor(bands * shares, [&](int64_t task) {
      const int64_t band = task / shares, share = task % shares;
      works_.With([&] { return Work(piece_rows_ * rows_.most()); },
                  [&](Work& work) {
                    for (int64_t piece = pieces * band / bands; piece < pieces * (band + 1) / bands; ++piece) {
                      const int64_t part = piece % pieces_a_plane;
                      const int64_t first = spec_.rows().in * part / pieces_a_plane;
                      const int64_t end = spec_.rows().in * (part + 1) / pieces_a_plane;
                      RunPiece(dy, dx, piece / pieces_a_plane, first, end, shares == 1, blocks * share / shares,
                               blocks * (share + 1) / shares, work);
                    }
                  });
    });
  }

 private:
  // Rows of dY and the rows of dX that they fall on.
  struct Work {
    explicit Work(int64_t rows) : runs(static_cast<size_t>(rows)), outputs(static_cast<size_t>(rows)) {}
    std::vector<const float*> runs;
    std::vector<float*> outputs;
  };

  void CutBlocks() {
    int64_t weights = 0;
    for (int64_t group = 0; group < spec_.groups; ++group) {
      for (int64_t c = 0; c < spec_.channels_per_group();) {
        const int64_t left = spec_.channels_per_group() - c;
        const int64_t vectors = tile_.VectorsFor(left, kMostTerms);
        const int64_t channels = std::min(left, vectors * tile_.lanes);
        blocks_.push_back({group, group * spec_.channels_per_group() + c, channels, vectors, weights});
        weights += taps_ * spec_.filters_per_group() * vectors * tile_.lanes;
        c += channels;
      }
    }
    weights_ = Tensor::Zeros(Shape{weights});  // what pads the channels stays zero
  }

  // Each block's weights as (taps, F / groups, vectors * lanes), from the kernel's (taps, C / groups, F).
  void Pack(const float* kernel) {
    const int64_t filters = spec_.filters_per_group();
    ParallelRanges(
        static_cast<int64_t>(blocks_.size()) * taps_, std::max<int64_t>(1, 4096 / filters),
        [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            const ChannelBlock& block = blocks_[static_cast<size_t>(i / taps_)];
            const int64_t tap = i % taps_, width = block.vectors * tile_.lanes;
            const int64_t place = spec_.flip_kernel ? taps_ - 1 - tap : tap;
            const int64_t channel = block.first_channel - block.group * spec_.channels_per_group();
            Transpose(kernel + (place * spec_.channels_per_group() + channel) * spec_.filters + block.group * filters,
                      block.channels, filters, spec_.filters, weights_.data() + block.weights + tap * filters * width,
                      width);
          }
        });
  }

  // Rows [first, end) of one plane (image and depth) of dX.
  void RunPiece(const float* dy, float* dx, int64_t plane, int64_t first, int64_t end, bool clear, int64_t block_begin,
                int64_t block_end, Work& work) const {
    const int64_t dx_row = spec_.columns().in * spec_.channels, dy_row = spec_.columns().out() * spec_.filters;
    const int64_t image = plane / spec_.depth().in, depth = plane % spec_.depth().in;
    float* const dx_plane = dx + plane * spec_.rows().in * dx_row;
    if (clear) std::fill(dx_plane + first * dx_row, dx_plane + end * dx_row, 0.0f);
    for (int64_t b = block_begin; b < block_end; ++b) {
      for (int64_t kd = 0; kd < spec_.depth().size; ++kd) {
        for (const int64_t od : depths_.Of(depth, kd)) {
          const float* dy_plane = dy + (image * spec_.depth().out() + od) * spec_.rows().out() * dy_row;
          for (int64_t ky = 0; ky < spec_.rows().size; ++ky) {
            size_t rows = 0;
            for (int64_t row = first; row < end; ++row) {
              for (const int64_t oy : rows_.Of(row, ky)) {
                work.runs[rows] = dy_plane + oy * dy_row;
                work.outputs[rows++] = dx_plane + row * dx_row;
              }
            }
            const int64_t kernel_row = kd * spec_.rows().size + ky;
            if (rows > 0 && depthwise_) {
              RunDepthwiseRows(kernel_row, static_cast<int64_t>(rows), work);
            } else if (rows > 0) {
              RunRows(blocks_[static_cast<size_t>(b)], kernel_row, static_cast<int64_t>(rows), work);
            }
          }
        }
      }
    }
  }

  // All columns of one row of the kernel, for the rows in `work`.
  void RunRows(const ChannelBlock& block, int64_t kernel_row, int64_t rows, const Work& work) const {
    const int64_t filters = spec_.filters_per_group(), width = block.vectors * tile_.lanes;
    const int64_t parts = (filters + kMostTerms - 1) / kMostTerms;
    for (int64_t kx = 0; kx < spec_.columns().size; ++kx) {
      const float* weights =
          weights_.data() + block.weights + (kernel_row * spec_.columns().size + kx) * filters * width;
      for (int64_t part = 0; part < parts; ++part) {
        const int64_t first = filters * part / parts, end = filters * (part + 1) / parts;
        for (const Stretch& stretch : columns_[static_cast<size_t>(kx)]) {
          tile_.run({.runs = work.runs.data(),
                     .num_runs = 1,
                     .run_length = end - first,
                     .run_offset = stretch.first_window * spec_.filters + block.group * filters + first,
                     .pixel_stride = spec_.filters,
                     .weights = weights + first * width,
                     .weights_step = width,
                     .bias = nullptr,
                     .vectors = block.vectors,
                     .outputs = work.outputs.data(),
                     .rows = rows,
                     .output_offset = stretch.first_pixel * spec_.channels + block.first_channel,
                     .output_stride = spec_.columns().stride * spec_.channels,
                     .pixels = stretch.windows,
                     .filters = block.channels,
                     .stream = false});
        }
      }
    }
  }

  void RunDepthwiseRows(int64_t kernel_row, int64_t rows, const Work& work) const {
    for (int64_t kx = 0; kx < spec_.columns().size; ++kx) {
      const int64_t tap = kernel_row * spec_.columns().size + kx;
      for (const Stretch& stretch : columns_[static_cast<size_t>(kx)]) {
        depthwise_kernels_.add_input_gradient(
            {.inputs = work.runs.data(),
             .outputs = work.outputs.data(),
             .rows = rows,
             .pixels = stretch.windows,
             .input_offset = stretch.first_window * spec_.channels,
             .output_offset = stretch.first_pixel * spec_.channels,
             .output_step = spec_.columns().stride * spec_.channels,
             .channels = spec_.channels,
             .weights = kernel_ + (spec_.flip_kernel ? taps_ - 1 - tap : tap) * spec_.channels});
      }
    }
  }

  ConvSpec spec_;
  bool depthwise_;  // one filter a channel: weights are read in place, vectors are channels
  TileKernel tile_;
  DepthwiseKernels depthwise_kernels_;
  int64_t taps_;
  Viewers depths_, rows_;
  std::vector<std::vector<Stretch>> columns_;  // one list for each column of the kernel
  std::vector<ChannelBlock> blocks_;
  int64_t piece_rows_ = 1;
  Tensor weights_;
  const float* kernel_ = nullptr;  // depthwise: this call's
  WorkPool<Work> works_;
};

}  // namespace

std::unique_ptr<InputGradientAlgorithm> MakeTapInputGradient(const ConvSpec& spec) {
  return std::make_unique<TapInputGradient>(spec);
}

}  // namespace convscope::internal
