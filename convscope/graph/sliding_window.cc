#include "convscope/graph/sliding_window.h"

#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

int SpatialRank(const Shape& input) {
  if (input.rank() < 3 || input.rank() > 5) {
    throw Error({.rule = "the input is (N, spatial..., C) with one to three spatial axes",
                 .received = Concat("shape ", input.ToString())});
  }
  return input.rank() - 2;
}

std::array<WindowAxis, 3> SlidingWindow::Axes(const Shape& input) const {
  const int rank = SpatialRank(input);
  std::array<WindowAxis, 3> axes;
  for (int axis = 0; axis < rank; ++axis) {
    const int64_t size = ValueAt(sizes, "the window's size", axis, rank);
    const int64_t stride = ValueAt(strides, "stride", axis, rank);
    const int64_t dilation = ValueAt(dilations, "dilation", axis, rank);
    const Padding& pad = ValueAt(padding, "padding", axis, rank);
    const int place = 3 - rank + axis;
    try {
      axes[place] = MakeWindowAxis(input[1 + axis], size, stride, dilation, pad, pad_mode, ceil_mode);
    } catch (const Error& error) {
      throw error.At(kSpatialAxes[place]);
    }
  }
  return axes;
}

std::vector<Attribute> SlidingWindow::Attributes() const {
  std::string paddings;
  for (const Padding& pad : padding) paddings += (paddings.empty() ? "" : ",") + Text(pad);
  return {{"strides", std::vector<int64_t>(strides.begin(), strides.end())},
          {"dilations", std::vector<int64_t>(dilations.begin(), dilations.end())},
          {"padding", paddings},
          {"pad_mode", std::string(Name(pad_mode))}};
}

}  // namespace convscope
