// Pictures of another size, by every rule of ONNX Resize. For whole enlargements by Keras' rules see UpSampleOp.
#ifndef CONVSCOPE_GRAPH_RESIZE_OPERATION_H_
#define CONVSCOPE_GRAPH_RESIZE_OPERATION_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/resize_taps.h"

namespace convscope {

// Lists have one entry an axis, samples and channels included, or are empty. Output axis a is lengths[a] long where
// that is above 0, else floor(scales[a] n) of the input's n, multiplied as float32; an axis with scale 1, or none, and
// no length stays as it is. With a length, the scale that tells where each place lies is length / n, unless scales[a]
// is there and neither 0 nor 1: a shrunk picture whose proportions are kept, its length rounded.
//
// Each axis is resized by itself, see resize_taps.h. `roi` has all begins, then all ends; empty: 0 and 1. What
// kTfCropAndResize puts outside of the picture is `extrapolation`. Elements are float32 or float64; with kNearest, of
// any type.
//
// Infer throws Error for lists of another length, a scale not above 0, an axis that would be left without a place,
// kNearest with antialias, and a roi that another mode would not use.
struct ResizeOp {
  std::vector<double> scales;
  std::vector<int64_t> lengths;  // places
  ResizeMode mode = ResizeMode::kNearest;
  ResizeCoordinates coordinates = ResizeCoordinates::kHalfPixel;
  ResizeNearest nearest = ResizeNearest::kRoundPreferFloor;
  double cubic_a = -0.75;
  bool exclude_outside = false;
  double extrapolation = 0;
  std::vector<double> roi;
  bool antialias = false;

  operator OperationPtr() const;  // not explicit: an attribute struct stands for its operation
};

// "nearest", "linear", "cubic"; "half_pixel", ...; "round_prefer_floor", ...: ONNX' names.
std::string_view Name(ResizeMode mode);
std::string_view Name(ResizeCoordinates coordinates);
std::string_view Name(ResizeNearest nearest);

// The axes of an input of this shape as the operation resizes them; `stays` where it leaves one as it is.
struct ResizedAxis {
  ResizeAxis axis;
  bool stays = false;
};
std::vector<ResizedAxis> ResizedAxes(const ResizeOp& op, const Shape& x);

// The value of an enumeration that has this name; throws Error with those that there are.
ResizeMode ParseResizeMode(std::string_view name);
ResizeCoordinates ParseResizeCoordinates(std::string_view name);
ResizeNearest ParseResizeNearest(std::string_view name);

// Numbers as the attributes of the operation have them, "1,2.5", and back.
std::string NumbersText(const std::vector<double>& numbers);
std::vector<double> ParseNumbersText(const std::string& text, std::string_view where);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_RESIZE_OPERATION_H_
