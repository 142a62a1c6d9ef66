// Convolution with kernels of 3x3 in fewer multiplications than the definition has: Winograd's F(2x2, 3x3), forward,
// float32 (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks").
//
// Tiles of 4x4 pixels of input become tiles of 2x2 of output in 16 products a channel and filter, where the definition
// has 36. Larger tiles would save more, and lose digits: with 2x2 all that is added to an input pixel are other pixels.
//
// Not a path of Convolution (conv.h), since it rounds otherwise: a value's error is bounded by what lies in its tile,
// not in its window, and what is infinite or NaN spreads within its tile. So only who asked for speed alone takes it.
#ifndef CONVSCOPE_KERNELS_WINOGRAD_H_
#define CONVSCOPE_KERNELS_WINOGRAD_H_

#include <memory>

#include "convscope/kernels/conv.h"

namespace convscope {

// Made ready with its weights, immutable: it serves many threads and many calls.
class WinogradConvolution {
 public:
  // Whether it can compute `spec`: 3x3, stride and dilation 1, one group, padded with zeroes or not at all, channels
  // and filters multiples of 16.
  static bool Takes(const ConvSpec& spec);

  // Whether that is also faster than Convolution: a fixed function of the shape. What it costs is memory for weights,
  // 16 numbers for each 9.
  static bool Pays(const ConvSpec& spec);

  // `kernel` is KernelShape().NumElements() values, `bias` F values or null; both are copied. Throws Error unless
  // Takes(spec).
  //
  // In terms of the absolute values |x| of the input and |w| of the kernel, with the matrices B, G, A of F(2x2, 3x3):
  // a value errs by at most (C + 12) 2^-24 times the same convolution computed with |B|, |G|, |A|, |x| and |w|.
  WinogradConvolution(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue = {});
  ~WinogradConvolution();
  WinogradConvolution(WinogradConvolution&&) noexcept;
  WinogradConvolution& operator=(WinogradConvolution&&) noexcept;

  const ConvSpec& spec() const;

  // input: InputShape(), output: OutputShape(), which must not overlap.
  // Each thread works in 64 bytes a tile, channel and filter of some sixty tiles, or of a row of them where that is
  // longer, and keeps that memory for its next call.
  void operator()(const float* input, float* output) const;

  // Rows [begin, end) of the rows of all pictures, counted through, to `output`, where the first of them goes; in the
  // calling thread, with the bits that a whole call gives.
  void Rows(const float* input, int64_t begin, int64_t end, float* output) const;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_WINOGRAD_H_
