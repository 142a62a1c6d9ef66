// Where a window that slides along an axis stands: the geometry that convolution and pooling share.
#ifndef CONVSCOPE_KERNELS_WINDOW_H_
#define CONVSCOPE_KERNELS_WINDOW_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "convscope/tensor/shape.h"

namespace convscope {

// What a window sees beyond the border of the picture.
enum class PadMode : uint8_t {
  kZero,     // zeroes
  kEdge,     // the border pixel, again and again (PyTorch: replicate)
  kReflect,  // the picture mirrored at its border pixel, which is not repeated
  kWrap,     // the other side of the picture (PyTorch: circular)
};

std::string_view Name(PadMode mode);                                  // "zero", "edge", "reflect", "wrap"
PadMode ParsePadMode(std::string_view name, std::string_view where);  // throws Error

// What the three spatial axes are called in errors.
inline constexpr const char* kSpatialAxes[] = {"depth", "rows", "columns"};

// (before..., the last `rank` of the lengths of depth, rows and columns, after...). Throws what Shape throws.
Shape SpatialShape(std::initializer_list<int64_t> before, const std::array<int64_t, 3>& lengths, int rank,
                   std::initializer_list<int64_t> after);

// One axis of a sliding window. All lengths in elements of that axis.
struct WindowAxis {
  int64_t in = 1;          // length of the input
  int64_t size = 1;        // elements of the window (the kernel)
  int64_t stride = 1;      // step between windows
  int64_t dilation = 1;    // step between the window's elements
  int64_t pad_before = 0;  // added before the first element
  int64_t pad_after = 0;   // added after the last
  bool ceil_mode = false;  // pooling: keep a last window that sticks out, if it starts before the input ends

  int64_t extent() const { return dilation * (size - 1) + 1; }
  // Number of windows. Valid after Check.
  int64_t out() const;

  bool operator==(const WindowAxis&) const = default;
};

// How much padding an axis gets.
struct Padding {
  enum class Kind : uint8_t { kValid, kSame, kExplicit };
  Kind kind = Kind::kValid;
  int64_t before = 0, after = 0;  // kExplicit only

  static Padding Valid() { return {}; }
  // out = ceil(in / stride); total = max(0, extent + (out - 1) * stride - in), the odd element after the last
  // (TensorFlow's rule).
  static Padding Same() { return {.kind = Kind::kSame}; }
  static Padding Explicit(int64_t before, int64_t after) { return {Kind::kExplicit, before, after}; }

  bool operator==(const Padding&) const = default;
};

std::string Text(const Padding& padding);  // "valid", "same", or "1:2" for 1 before and 2 after

// The axis that results from sizes and a padding rule. Throws what Check throws.
WindowAxis MakeWindowAxis(int64_t in, int64_t size, int64_t stride, int64_t dilation, Padding padding, PadMode mode,
                          bool ceil_mode = false);

// Throws Error unless sizes, stride and dilation are at least 1, padding is not negative, the window fits into the
// padded input, and the mode can pad that far (reflect: padding < in; wrap: padding <= in).
void Check(const WindowAxis& axis, PadMode mode);

// The input element that position i of the padded axis shows, i in [-pad_before, in + pad_after); -1 where that is a
// zero of kZero.
inline int64_t SourceIndex(int64_t i, int64_t in, PadMode mode) {
  if (i >= 0 && i < in) return i;
  switch (mode) {
    case PadMode::kZero:
      return -1;
    case PadMode::kEdge:
      return i < 0 ? 0 : in - 1;
    case PadMode::kReflect:
      return i < 0 ? -i : 2 * (in - 1) - i;
    case PadMode::kWrap:
      return i < 0 ? i + in : i - in;
  }
  return -1;
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_WINDOW_H_
