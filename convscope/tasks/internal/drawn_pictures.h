// Pictures of any number of channels as figures draw them: three in colour, of other numbers the first. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_DRAWN_PICTURES_H_
#define CONVSCOPE_TASKS_INTERNAL_DRAWN_PICTURES_H_

#include <cstdint>
#include <vector>

#include "convscope/data/dataset.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

inline int64_t DrawnChannels(int64_t channels) {
  return channels == 3 ? 3 : 1;
}

// Picture `i`, (H, W, DrawnChannels).
Tensor DrawnPicture(const Dataset& data, int64_t i);

// Pictures of `shape` (H, W, C) as a GridPlot takes them: (H, W, DrawnChannels * count). White where one has no data.
Tensor SideBySide(const Shape& shape, const std::vector<TensorView<const float>>& pictures);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_DRAWN_PICTURES_H_
