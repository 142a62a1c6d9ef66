// Tests draw the convolutions that they sweep here: odd sizes, strides, dilations, groups and paddings, always the
// same. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_RANDOM_CONVOLUTIONS_H_
#define CONVSCOPE_KERNELS_INTERNAL_RANDOM_CONVOLUTIONS_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/kernels/conv.h"

namespace convscope {

inline std::string Describe(const ConvSpec& spec) {
  std::string text =
      Concat("rank ", spec.rank, " batch ", spec.batch, " channels ", spec.channels, " filters ", spec.filters,
             " groups ", spec.groups, " ", Name(spec.pad_mode), " flip ", spec.flip_kernel);
  for (const WindowAxis& axis : spec.axes) {
    text += Concat(" [in ", axis.in, " size ", axis.size, " stride ", axis.stride, " dilation ", axis.dilation, " pad ",
                   axis.pad_before, "+", axis.pad_after, "]");
  }
  return text;
}

inline std::vector<float> RandomValues(int64_t count, std::string_view purpose, uint64_t sample) {
  Random random(17, purpose, 0, sample);
  std::vector<float> values(static_cast<size_t>(count));
  for (float& value : values) value = random.Normal();
  return values;
}

inline int64_t Pick(Random& random, std::initializer_list<int64_t> choices) {
  return *(choices.begin() + random.Bits() % choices.size());
}

inline WindowAxis RandomAxis(Random& random, PadMode mode, int64_t longest) {
  while (true) {
    WindowAxis axis{.in = 1 + static_cast<int64_t>(random.Bits()) % longest,
                    .size = Pick(random, {1, 2, 3, 3, 5, 7, 8}),
                    .stride = Pick(random, {1, 1, 1, 2, 3}),
                    .dilation = Pick(random, {1, 1, 1, 2, 3}),
                    .pad_before = Pick(random, {0, 1, 2, 3, 9}),
                    .pad_after = Pick(random, {0, 1, 2, 3, 9})};
    try {
      Check(axis, mode);
      return axis;
    } catch (const Error&) {  // draw again
    }
  }
}

inline ConvSpec RandomSpec(uint64_t sample) {
  Random random(5, "conv spec", 0, sample);
  ConvSpec spec{.rank = static_cast<int>(Pick(random, {1, 2, 2, 2, 3}))};
  spec.batch = Pick(random, {1, 1, 2, 3});
  spec.pad_mode = static_cast<PadMode>(random.Bits() % 4);
  spec.flip_kernel = random.Bits() % 2 == 0;
  if (sample % 3 == 0) {  // depthwise, or one plane
    spec.groups = spec.channels = spec.filters = Pick(random, {1, 1, 2, 3, 4, 8, 17, 33});
  } else {
    spec.groups = Pick(random, {1, 1, 1, 2, 3});
    spec.channels = spec.groups * Pick(random, {1, 2, 3, 5, 8, 19});
    spec.filters = spec.groups * Pick(random, {1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 50});
  }
  const int64_t longest = spec.rank == 1 ? 200 : spec.rank == 2 ? 31 : 9;
  for (int axis = 3 - spec.rank; axis < 3; ++axis) spec.axes[axis] = RandomAxis(random, spec.pad_mode, longest);
  return spec;
}

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_INTERNAL_RANDOM_CONVOLUTIONS_H_
