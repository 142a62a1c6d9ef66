#include "convscope/train/network_rules.h"

#include <gtest/gtest.h>

#include "convscope/nn/convolution_layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

TEST(NetworkRules, AxesOfAConstraintAreThoseOfKerasShape) {
  // Keras' kernel is (2, 2, 3, 1): over its first three axes there is one norm, of all twelve values. Ours is
  // (2, 2, 1, 3), where the same axes would give a norm to each channel.
  const Sequential network(
      {4, 4, 3},
      {DepthwiseConv2D{.kernel_size = 2, .depthwise_constraint = UnitNorm{.axes = {0, 1, 2}}, .name = "depthwise"}});
  const TrainingRules rules = RulesOf(network);
  Tensor kernel = Tensor::Of({2, 2, 1, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  Constrain(rules.parameters.at("depthwise/kernel"), kernel);
  EXPECT_EQ(kernel.shape(), (Shape{2, 2, 1, 3}));
  double sum = 0;
  for (int i = 0; i < 12; ++i) sum += static_cast<double>(kernel.data()[i]) * kernel.data()[i];
  EXPECT_NEAR(sum, 1, 1e-6);
}

}  // namespace
}  // namespace convscope
