#include "convscope/graph/internal/reduced_shape.h"

#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// The offsets of all places on axes of these lengths, the last one fastest.
std::vector<int64_t> Offsets(const std::vector<int64_t>& lengths, const std::vector<int64_t>& strides) {
  std::vector<int64_t> offsets = {0};
  for (size_t axis = 0; axis < lengths.size(); ++axis) {
    std::vector<int64_t> further;
    further.reserve(offsets.size() * static_cast<size_t>(lengths[axis]));
    for (const int64_t offset : offsets) {
      for (int64_t i = 0; i < lengths[axis]; ++i) further.push_back(offset + i * strides[axis]);
    }
    offsets = std::move(further);
  }
  return offsets;
}

}  // namespace

int AxisOf(int64_t axis, const Shape& shape) {
  const int64_t from_front = axis < 0 ? axis + shape.rank() : axis;
  if (from_front >= 0 && from_front < shape.rank()) return static_cast<int>(from_front);
  throw Error({.rule = shape.rank() == 0 ? std::string("an axis is one of the input's, and a scalar has none")
                                         : Concat("an axis of ", shape.ToString(), " is one of ", -shape.rank(), " to ",
                                                  shape.rank() - 1),
               .received = std::to_string(axis)});
}

std::vector<bool> ReducedAxes(const std::vector<int64_t>& axes, const Shape& shape) {
  std::vector<bool> reduced(static_cast<size_t>(shape.rank()));
  for (const int64_t axis : axes) {
    const auto place = static_cast<size_t>(AxisOf(axis, shape));
    if (reduced[place]) {
      throw Error(
          {.rule = "each axis is named once", .received = Concat("axis ", place, " of ", shape.ToString(), " again")});
    }
    reduced[place] = true;
  }
  return reduced;
}

Shape ReducedShape(const Shape& shape, const std::vector<bool>& reduced, bool keep_axes) {
  std::vector<int64_t> lengths;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (!reduced[static_cast<size_t>(axis)]) {
      lengths.push_back(shape[axis]);
    } else if (keep_axes) {
      lengths.push_back(1);
    }
  }
  return Shape(lengths);
}

InputReads ReducedReads(const Shape& shape, const std::vector<bool>& reduced, bool keep_axes) {
  InputReads reads{.kind = InputReads::Kind::kAxes};
  int output_axis = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const bool gone = reduced[static_cast<size_t>(axis)];
    reads.axes.push_back(gone ? AxisReads::All(shape[axis]) : AxisReads::Same(output_axis));
    if (!gone || keep_axes) ++output_axis;
  }
  return reads;
}

std::vector<int64_t> ElementsReduced(const Shape& shape, const std::vector<bool>& reduced, int64_t element) {
  return ElementsRead(ReducedReads(shape, reduced, true), shape, ReducedShape(shape, reduced, true), element);
}

ReductionPlan::ReductionPlan(const Shape& shape, const std::vector<bool>& reduced) {
  // Groups of axes, from the last one on.
  struct Group {
    int64_t length, stride;
    bool reduced;
  };
  std::vector<Group> groups;
  int64_t stride = 1;
  for (int axis = shape.rank(); axis-- > 0; stride *= shape[axis]) {
    const bool here = reduced[static_cast<size_t>(axis)];
    if (shape[axis] == 1) continue;
    if (!groups.empty() && groups.back().reduced == here) {
      groups.back().length *= shape[axis];
    } else {
      groups.push_back({shape[axis], stride, here});
    }
  }
  std::vector<int64_t> row_lengths, row_strides, spot_lengths, spot_strides;
  for (size_t g = groups.size(); g-- > 0;) {
    const Group& group = groups[g];
    if (g == 0) {
      (group.reduced ? run : inner) = group.length;
    } else {
      (group.reduced ? spot_lengths : row_lengths).push_back(group.length);
      (group.reduced ? spot_strides : row_strides).push_back(group.stride);
    }
  }
  row_offsets = Offsets(row_lengths, row_strides);
  spot_offsets = Offsets(spot_lengths, spot_strides);
  rows = static_cast<int64_t>(row_offsets.size());
}

}  // namespace convscope
