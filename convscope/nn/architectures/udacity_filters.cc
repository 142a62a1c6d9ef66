// Four filters made of one, dark on the left and light on the right: itself, its negative, its transpose, and the
// negative of that. The one built-in network whose numbers are given.
#include "convscope/base/error.h"
#include "convscope/nn/internal/architecture_family.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope::architectures {

Network UdacityFilters(const ArchitectureOptions& options) {
  if (options.classes) {
    throw Error({.where = "network udacity-filters",
                 .rule = "it tells no classes",
                 .received = std::to_string(*options.classes),
                 .fix = "leave the number of classes out"});
  }
  Tensor kernel({4, 4, 1, 4});
  float* value = kernel.data();
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 4; ++column) {
      const float upright = column < 2 ? -1.0f : 1.0f, flat = row < 2 ? -1.0f : 1.0f;
      for (const float filter : {upright, -upright, flat, -flat}) *value++ = filter;
    }
  }
  Sequential network(options.input.value_or(Shape{224, 224, 1}),
                     {Conv2D{.filters = 4,
                             .kernel_size = 4,
                             .activation = "relu",
                             .use_bias = false,
                             .kernel_initializer = FromArray{Share(std::move(kernel))},
                             .name = "conv"}},
                     "Net");
  network.Initialize(0);  // of no consequence: nothing here is random
  return network;
}

}  // namespace convscope::architectures
