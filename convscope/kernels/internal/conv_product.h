// Convolutions that are products of matrices: dense layers, windows of one pixel. Not for users.
//
// The tile kernel does the work. What is here is how its weights reach it. Weights that stay are packed once, so that
// one picture through a dense layer reads them from memory from end to end. Those of a step of training change as often
// as they are used: they are packed a panel at a time, in the first-level cache, right before.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_PRODUCT_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_PRODUCT_H_

#include <cstdint>
#include <optional>

#include "convscope/kernels/conv.h"
#include "convscope/kernels/internal/conv_tile.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

// y (pixels, filters) = x (pixels, channels) times the kernel (channels, filters).
struct ProductShape {
  int64_t pixels, channels, filters;
};

// The product that the convolution is, if it is one: every window sees one pixel, each pixel is seen once; or there is
// one window, which sees the whole picture, and all its pixels are channels.
std::optional<ProductShape> AsProduct(const ConvSpec& spec);

// y (rows, columns) = x (rows, terms) times w (terms, columns), or times a transposed w (columns, terms), plus a bias.
class MatrixProduct {
 public:
  MatrixProduct(int64_t rows, int64_t terms, int64_t columns, bool transposed);

  void SetBias(const float* bias);  // (columns,), copied; null for zeroes, which it starts with

  void SetLimits(const Limits& limits) { limits_ = limits; }  // that results are held within

  // Weights for all calls from now on, copied, laid out as the constructor said.
  void SetWeights(const float* w);

  // `w` is null where SetWeights was called. The same bits either way.
  void operator()(const float* x, const float* w, float* y) const;

 private:
  int64_t BlockWidth(int64_t block) const;
  void Pack(const float* w, int64_t block, int64_t begin, int64_t end, float* panel) const;
  void RunBlock(const float* x, const float* w, int64_t row_begin, int64_t row_end, int64_t block, float* panel,
                float* y) const;

  int64_t rows_, terms_, columns_;
  bool transposed_;
  TileKernel kernel_;
  int64_t width_;  // of a block, in floats
  Limits limits_;
  Tensor bias_;    // zero-padded to whole blocks of columns
  Tensor packed_;  // block after block, each (terms, BlockWidth), zero-padded; empty without SetWeights
  mutable WorkPool<Tensor> panels_;
};

// y (rows, columns) = x (rows, terms) times a transposed w (columns, terms), for few rows: w is read in place, and what
// is turned over is x and the result.
class FewRowsProduct {
 public:
  FewRowsProduct(int64_t rows, int64_t terms, int64_t columns);

  void operator()(const float* x, const float* w, float* y);

 private:
  int64_t rows_, terms_, columns_;
  TileKernel kernel_;
  int64_t width_;  // of a block, in floats
  Tensor x_;       // block after block of rows, each (terms, width), zero-padded
  Tensor zeros_;
  WorkPool<Tensor> results_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_PRODUCT_H_
