// A convolution whose output nobody reads but a pool: its rows are made some at a time, pooled while they are in the
// cache, and forgotten. The bits are those of the two one after the other.
#ifndef CONVSCOPE_KERNELS_POOLED_CONV_H_
#define CONVSCOPE_KERNELS_POOLED_CONV_H_

#include <cstdint>
#include <functional>
#include <memory>

#include "convscope/kernels/conv.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// As Convolution::Rows.
using ConvRows = std::function<void(const float* input, int64_t begin, int64_t end, float* output)>;

class PooledConvolution {
 public:
  // Whether `pool` can be computed from some rows at a time: two spatial axes, rows padded with what a pool ignores or
  // counts as nothing else.
  static bool Takes(const ConvSpec& conv, const PoolSpec& pool);

  // Whether that is worth it: a fixed function of the shapes. What lies in between must be more than the cache holds
  // anyway, since rows that two tasks' windows share are made twice.
  static bool Pays(const ConvSpec& conv, const PoolSpec& pool);

  // `rows` computes what `conv` says. Both specs passed Check, and Takes(conv, pool).
  PooledConvolution(const ConvSpec& conv, ConvRows rows, const PoolSpec& pool);
  ~PooledConvolution();
  PooledConvolution(PooledConvolution&&) noexcept;
  PooledConvolution& operator=(PooledConvolution&&) noexcept;

  // input: conv.InputShape(), output: pool.OutputShape(), which must not overlap. Each task works in some rows of what
  // lies in between, half a megabyte or as many as one row of the output needs, and keeps them for its next call.
  void operator()(const float* input, float* output) const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_POOLED_CONV_H_
