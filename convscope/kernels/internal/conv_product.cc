#include "convscope/kernels/internal/conv_product.h"

#include <algorithm>
#include <cstring>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/transpose.h"

namespace convscope::internal {
namespace {

// Terms summed in registers at a time: a panel of weights this long stays in the first-level cache, and sums this short
// stay exact.
constexpr int64_t kMostTerms = 128;

// Rows of x that pass over one panel; with kMostTerms terms of each, an eighth of the second-level cache.
constexpr int64_t kMostRows = 256;

// Columns of the result in a task of FewRowsProduct: the rows of w behind them stay in the first-level cache,
// kMostTerms of each, while all blocks of rows pass over them.
constexpr int64_t kMostColumns = 48;

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

// panel (terms, width) = w (terms, step), its first `columns` columns; the others are left as they are.
void CopyPanel(const float* w, int64_t terms, int64_t step, int64_t columns, int64_t width, float* panel) {
  if (columns == width && width % 4 == 0) {
    for (int64_t k = 0; k < terms; ++k, w += step, panel += width) {
      // Of lengths that the compiler knows.
      for (int64_t i = 0; i < width; i += 4) std::memcpy(panel + i, w + i, 4 * sizeof(float));
    }
  } else {
    for (int64_t k = 0; k < terms; ++k, w += step, panel += width) std::copy_n(w, columns, panel);
  }
}

}  // namespace

std::optional<ProductShape> AsProduct(const ConvSpec& spec) {
  if (spec.groups != 1) return std::nullopt;
  const auto every_axis = [&](const auto& is) { return std::all_of(spec.axes.begin(), spec.axes.end(), is); };
  const int64_t pixels = spec.axes[0].in * spec.axes[1].in * spec.axes[2].in;
  if (every_axis(
          [](const WindowAxis& a) { return a.size == 1 && a.stride == 1 && a.pad_before == 0 && a.pad_after == 0; })) {
    return ProductShape{spec.batch * pixels, spec.channels, spec.filters};
  }
  if (!spec.flip_kernel && every_axis([](const WindowAxis& a) {
        return a.in == a.size && a.dilation == 1 && a.pad_before == 0 && a.pad_after == 0;
      })) {
    return ProductShape{spec.batch, pixels * spec.channels, spec.filters};
  }
  return std::nullopt;
}

MatrixProduct::MatrixProduct(int64_t rows, int64_t terms, int64_t columns, bool transposed)
    : rows_(rows),
      terms_(terms),
      columns_(columns),
      transposed_(transposed),
      kernel_(BestTileKernel()),
      width_(kernel_.VectorsFor(columns, kMostTerms) * kernel_.lanes) {
  bias_ = Tensor::Zeros(Shape{CeilDivide(columns, width_) * width_});
}

void MatrixProduct::SetBias(const float* bias) {
  if (bias != nullptr) {
    std::copy_n(bias, columns_, bias_.data());
  } else {
    std::fill_n(bias_.data(), columns_, 0.0f);
  }
}

// Columns of a block's weights, in whole vectors.
int64_t MatrixProduct::BlockWidth(int64_t block) const {
  const int64_t columns = std::min(columns_ - block * width_, width_);
  return kernel_.VectorsOf(columns) * kernel_.lanes;
}

// panel (end - begin, BlockWidth) = terms [begin, end) of a block's columns; what pads them is left as it is.
void MatrixProduct::Pack(const float* w, int64_t block, int64_t begin, int64_t end, float* panel) const {
  const int64_t first = block * width_, columns = std::min(columns_ - first, width_);
  if (transposed_) {
    Transpose(w + first * terms_ + begin, columns, end - begin, terms_, panel, BlockWidth(block));
  } else {
    CopyPanel(w + begin * columns_ + first, end - begin, columns_, columns, BlockWidth(block), panel);
  }
}

void MatrixProduct::SetWeights(const float* w) {
  const int64_t blocks = CeilDivide(columns_, width_);
  packed_ = Tensor::Zeros(Shape{((blocks - 1) * width_ + BlockWidth(blocks - 1)) * terms_});
  // Rows of w are read from end to end: a block by itself would touch each page of w anew.
  const int64_t parts = CeilDivide(terms_, kMostTerms);
  ParallelFor(parts, [&](int64_t part) {
    const int64_t begin = terms_ * part / parts, end = terms_ * (part + 1) / parts;
    for (int64_t b = 0; b < blocks; ++b) {
      Pack(w, b, begin, end, packed_.data() + b * width_ * terms_ + begin * BlockWidth(b));
    }
  });
}

void MatrixProduct::operator()(const float* x, const float* w, float* y) const {
  const int64_t blocks = CeilDivide(columns_, width_);
  const int64_t wanted = int64_t{4} * ThreadCount();
  // Each band of rows packs the panels anew, so that bands are short only where there are not blocks enough.
  const int64_t bands = std::max(CeilDivide(rows_, kMostRows), std::min(rows_ / 48, wanted / blocks));
  const int64_t shares = std::clamp<int64_t>(CeilDivide(wanted, std::max<int64_t>(bands, 1)), 1, blocks);
  const int64_t parts = std::max<int64_t>(bands, 1);
  ParallelFor(parts * shares, [&](int64_t task) {
    const int64_t band = task / shares, share = task % shares;
    const auto run = [&](float* panel) {
      for (int64_t b = blocks * share / shares; b < blocks * (share + 1) / shares; ++b) {
        RunBlock(x, w, rows_ * band / parts, rows_ * (band + 1) / parts, b, panel, y);
      }
    };
    if (w == nullptr) return run(nullptr);
    panels_.With([&] { return Tensor::Zeros(Shape{kMostTerms * width_}); }, [&](Tensor& panel) { run(panel.data()); });
  });
}

void MatrixProduct::RunBlock(const float* x, const float* w, int64_t row_begin, int64_t row_end, int64_t block,
                             float* panel, float* y) const {
  const int64_t first = block * width_;
  const int64_t columns = std::min(columns_ - first, width_);
  const int64_t width = BlockWidth(block);
  const int64_t parts = CeilDivide(terms_, kMostTerms);
  float* const output = y + row_begin * columns_;
  for (int64_t part = 0; part < parts; ++part) {
    const int64_t begin = terms_ * part / parts, end = terms_ * (part + 1) / parts;
    if (w != nullptr) Pack(w, block, begin, end, panel);
    const float* const run = x + row_begin * terms_ + begin;
    kernel_.run({.runs = &run,
                 .num_runs = 1,
                 .run_length = end - begin,
                 .run_offset = 0,
                 .pixel_stride = terms_,
                 .weights = w != nullptr ? panel : packed_.data() + first * terms_ + begin * width,
                 .weights_step = width,
                 .bias = part == 0 ? bias_.data() + first : nullptr,
                 .vectors = width / kernel_.lanes,
                 .outputs = &output,
                 .rows = 1,
                 .output_offset = first,
                 .output_stride = columns_,
                 .pixels = row_end - row_begin,
                 .filters = columns,
                 .limits = part + 1 == parts ? limits_ : Limits{},
                 .stream = false});
  }
}

FewRowsProduct::FewRowsProduct(int64_t rows, int64_t terms, int64_t columns)
    : rows_(rows),
      terms_(terms),
      columns_(columns),
      kernel_(BestTileKernel()),
      width_(kernel_.VectorsFor(rows, kMostTerms) * kernel_.lanes) {
  x_ = Tensor::Zeros(Shape{CeilDivide(rows, width_) * width_ * terms});
  zeros_ = Tensor::Zeros(Shape{width_});
}

void FewRowsProduct::operator()(const float* x, const float* w, float* y) {
  const int64_t blocks = CeilDivide(rows_, width_);
  // Rows of the last block in whole vectors.
  const auto rows_of = [&](int64_t block) { return std::min(width_, rows_ - block * width_); };
  ParallelRanges(terms_, 256, [&](int64_t begin, int64_t end) {
    for (int64_t b = 0; b < blocks; ++b) {
      Transpose(x + b * width_ * terms_ + begin, rows_of(b), end - begin, terms_,
                x_.data() + (b * terms_ + begin) * width_, width_);
    }
  });
  const int64_t parts = CeilDivide(terms_, kMostTerms);
  const int64_t tasks = CeilDivide(columns_, kMostColumns);
  ParallelFor(tasks, [&](int64_t task) {
    const int64_t first = columns_ * task / tasks, columns = columns_ * (task + 1) / tasks - first;
    results_.With([&] { return Tensor(Shape{kMostColumns * blocks * width_}); },
                  [&](Tensor& results) {
                    for (int64_t part = 0; part < parts; ++part) {
                      const int64_t begin = terms_ * part / parts, end = terms_ * (part + 1) / parts;
                      const float* const run = w + first * terms_ + begin;
                      for (int64_t b = 0; b < blocks; ++b) {
                        float* const output = results.data() + b * kMostColumns * width_;
                        const int64_t vectors = kernel_.VectorsOf(rows_of(b));
                        kernel_.run({.runs = &run,
                                     .num_runs = 1,
                                     .run_length = end - begin,
                                     .run_offset = 0,
                                     .pixel_stride = terms_,
                                     .weights = x_.data() + (b * terms_ + begin) * width_,
                                     .weights_step = width_,
                                     .bias = part == 0 ? zeros_.data() : nullptr,
                                     .vectors = vectors,
                                     .outputs = &output,
                                     .rows = 1,
                                     .output_offset = 0,
                                     .output_stride = width_,
                                     .pixels = columns,
                                     .filters = vectors * kernel_.lanes,
                                     .stream = false});
                      }
                    }
                    for (int64_t b = 0; b < blocks; ++b) {
                      Transpose(results.data() + b * kMostColumns * width_, columns, rows_of(b), width_,
                                y + b * width_ * columns_ + first, columns_);
                    }
                  });
  });
}

}  // namespace convscope::internal
