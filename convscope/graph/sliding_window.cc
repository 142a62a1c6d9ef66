#include "convscope/graph/sliding_window.h"

#include <string>
#include <utility>

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

AxisReads PlacesSeen(int number, const WindowAxis& axis, PadMode mode) {
  std::vector<std::vector<int64_t>> lists(static_cast<size_t>(axis.out()));
  for (size_t o = 0; o < lists.size(); ++o) {
    for (int64_t k = 0; k < axis.size; ++k) {
      const int64_t at = static_cast<int64_t>(o) * axis.stride + k * axis.dilation - axis.pad_before;
      if (at >= axis.in + axis.pad_after) continue;  // what ceil_mode adds sees nothing there
      const int64_t source = SourceIndex(at, axis.in, mode);
      if (source >= 0) lists[o].push_back(source);
    }
  }
  return AxisReads::By(
      number, std::move(lists),
      PlaceRun{
          .step = axis.stride, .first = -axis.pad_before, .last = axis.extent() - 1 - axis.pad_before, .window = true});
}

AxisReads PlacesLaidDown(int number, const WindowAxis& axis) {
  std::vector<std::vector<int64_t>> lists(static_cast<size_t>(axis.in));
  const std::vector<std::vector<int64_t>> seen = PlacesSeen(number, axis, PadMode::kZero).lists;
  for (size_t small = 0; small < seen.size(); ++small) {
    for (const int64_t large : seen[small]) lists[large].push_back(static_cast<int64_t>(small));
  }
  // Input i lies over outputs stride i - before and on, `extent` of them.
  return AxisReads::By(number, std::move(lists),
                       PlaceRun{.per = axis.stride,
                                .first = axis.pad_before - axis.extent() + axis.stride,
                                .last = axis.pad_before,
                                .window = true});
}

std::array<int64_t, 3> SpatialPlaces(const std::vector<int64_t>& places) {
  std::array<int64_t, 3> spatial{};
  const size_t rank = places.size() - 2;
  for (size_t i = 0; i < rank; ++i) spatial[3 - rank + i] = places[1 + i];
  return spatial;
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
