// Which places of an axis, by which weights, each place of the axis is made of once it has another length: the rules of
// ONNX Resize, of opsets 10 to 19.
#ifndef CONVSCOPE_KERNELS_RESIZE_TAPS_H_
#define CONVSCOPE_KERNELS_RESIZE_TAPS_H_

#include <cstdint>

#include "convscope/kernels/axis_taps.h"

namespace convscope {

enum class ResizeMode : uint8_t {
  kNearest,
  kLinear,
  kCubic,  // Keys 1981, four places
};

// Where output place o lies on the input's axis of n places, at a scale of s:
enum class ResizeCoordinates : uint8_t {
  kHalfPixel,           // (o + 1/2) / s - 1/2: between centres of pixels
  kPytorchHalfPixel,    // the same; 0 where the output has one place
  kAlignCorners,        // o (n - 1) / (s n - 1): the first and the last place stay where they are
  kAsymmetric,          // o / s
  kTfHalfPixelForNn,    // (o + 1/2) / s
  kTfCropAndResize,     // o of the part of the axis that is told, its first and last place included
  kHalfPixelSymmetric,  // kHalfPixel, the middle of the input at the middle of the output where s n is not whole
};

// Which of two places kNearest takes.
enum class ResizeNearest : uint8_t { kRoundPreferFloor, kRoundPreferCeil, kFloor, kCeil };

// One axis.
struct ResizeAxis {
  int64_t in = 1, out = 1;  // places
  double scale = 1;         // s. Where it is out / in as a float32 number, it is taken to be that ratio itself.
  ResizeMode mode = ResizeMode::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeNearest nearest = ResizeNearest::kRoundPreferFloor;
  double cubic_a = -0.75;        // Keys' coefficient
  bool exclude_outside = false;  // weights of places past the ends are left out, else they go to the ends
  bool antialias = false;        // shrinking: kLinear and kCubic weight all places that an output place covers
  double begin = 0, end = 1;     // kTfCropAndResize: the part of the axis, in shares of n - 1

  bool IsExact() const;  // whether the scale is out / in
  // Where output place o lies.
  double Coordinate(int64_t o) const;
};

// No list is there for what kTfCropAndResize puts outside of the axis. No weight is 0, and no place twice in a list.
AxisTaps ResizeTaps(const ResizeAxis& axis);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_RESIZE_TAPS_H_
