// Convolution in one, two and three dimensions, forward, float32: the fast twin of reference/conv.h.
//
// It computes what every framework calls convolution, which is cross-correlation:
//   y[n, o, f] = bias[f] + sum over t, c of x[n, o * stride + t * dilation - pad, g(f) * C/G + c] * kernel[t, c, f]
// with o and t indices of one to three axes, C channels, G groups, g(f) the group of filter f. flip_kernel turns the
// kernel around on its spatial axes first: convolution as mathematics has it.
//
// Not here: gradients, activations as such (see Epilogue), and any choice by measurement. Which algorithm runs is a
// fixed function of the shape, of the kernel's values (equal or separable planes) and of the machine.
#ifndef CONVSCOPE_KERNELS_CONV_H_
#define CONVSCOPE_KERNELS_CONV_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "convscope/kernels/epilogue.h"
#include "convscope/kernels/window.h"
#include "convscope/tensor/shape.h"

namespace convscope {

// What is convolved with what. Layouts: input (N, spatial..., C), kernel (spatial..., C / groups, F), bias (F,),
// output (N, out spatial..., F).
struct ConvSpec {
  int rank = 2;  // spatial axes, 1 to 3
  std::array<WindowAxis, 3>
      axes;  // depth, rows, columns; a rank below 3 uses the last ones and leaves the others as is
  int64_t batch = 1;
  int64_t channels = 1;
  int64_t filters = 1;
  int64_t groups = 1;
  PadMode pad_mode = PadMode::kZero;
  bool flip_kernel = false;

  const WindowAxis& depth() const { return axes[0]; }
  const WindowAxis& rows() const { return axes[1]; }
  const WindowAxis& columns() const { return axes[2]; }
  int64_t channels_per_group() const { return channels / groups; }
  int64_t filters_per_group() const { return filters / groups; }

  Shape InputShape() const;
  Shape KernelShape() const;
  Shape OutputShape() const;
  // Of the direct algorithm, padding included; the largest int64_t where there are more. Valid after Check.
  int64_t MultiplyAdds() const;

  // Throws Error unless every axis passes Check, rank is 1 to 3 and groups divides channels and filters.
  void Check() const;
};

// The algorithm that a convolution takes.
enum class ConvPath : uint8_t {
  kTile,       // pixels x filters in registers: banks of filters, layers of networks
  kPlane,      // every channel with the same kernel, vectors along the row: a picture and one kernel
  kSeparable,  // kPlane with a kernel that is a column times a row: two passes, row by row in the cache
  kDepthwise,  // one filter a channel, each its own; vectors along the row, through pixels and channels
};

std::string_view Name(ConvPath path);  // "tile", "plane", "separable", "depthwise"

// A convolution made ready: checked, its algorithm chosen, its kernel packed. One made with its weights is immutable,
// so that it serves many threads and many calls. One made from the shape alone is for training, where weights change at
// every step: its algorithm is chosen by the shape, whatever the weights are, and its calls after the first allocate no
// more; it has one caller at a time.
class Convolution {
 public:
  // `kernel` is KernelShape().NumElements() values, `bias` F values or null; both are copied.
  // Throws Error when `spec` does.
  Convolution(const ConvSpec& spec, const float* kernel, const float* bias, Epilogue epilogue = {});
  explicit Convolution(const ConvSpec& spec, Epilogue epilogue = {});  // for training
  ~Convolution();
  Convolution(Convolution&&) noexcept;
  Convolution& operator=(Convolution&&) noexcept;

  const ConvSpec& spec() const;
  ConvPath path() const;

  // input: InputShape(), output: OutputShape(), which must not overlap. Allocates at most 16 MiB in all threads
  // together.
  // Throws Error when it was made for training.
  void operator()(const float* input, float* output) const;

  // Whether it computes single rows. Then: rows [begin, end) of the rows of all images and depths, counted through, to
  // `output`, where the first of them goes; in the calling thread, with the bits that a whole call gives. Throws Error
  // where it does not.
  bool GivesRows() const;
  void Rows(const float* input, int64_t begin, int64_t end, float* output) const;

  // For training: the same with these weights, as the constructor takes them; none are kept. Throws Error when it was
  // made with others.
  void operator()(const float* input, const float* kernel, const float* bias, float* output);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_CONV_H_
