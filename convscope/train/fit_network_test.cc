#include "convscope/train/fit_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"
#include "convscope/train/internal/bars.h"

namespace convscope {
namespace {

Network BarsLayers() {
  Network network = Sequential({6, 6, 1}, {Normalization{.mean = {0.25}, .variance = {0.5}, .name = "scale"},
                                           Conv2D{.filters = 4, .kernel_size = 3, .trainable = false, .name = "fixed"},
                                           BatchNormalization{.trainable = false, .name = "stays"}, Flatten{},
                                           Dense{.units = 4,
                                                 .activation = ActivationKind::kSoftmax,
                                                 .kernel_regularizer = L2{0.1},
                                                 .kernel_constraint = NonNeg{},
                                                 .name = "classes"}});
  network.Initialize(1);
  return network;
}

std::vector<float> Values(const SharedTensor& tensor) {
  return {tensor->view().span().begin(), tensor->view().span().end()};
}

TEST(FitNetwork, LayersKeepWhatTheyState) {
  Network network = BarsLayers();
  const NamedTensors before = network.weights();
  const FitResult result = Fit(network, Bars(64), {.optimizer = SGD{.learning_rate = 0.1}, .epochs = 2});
  for (const auto& [name, weight] : network.weights()) {
    SCOPED_TRACE(name);
    EXPECT_EQ(Values(weight), Values(result.parameters.at(name)));
    EXPECT_EQ(Values(weight) != Values(before.at(name)), name.starts_with("classes/"));
  }
  const std::vector<float> kernel = Values(network.weights().at("classes/kernel"));
  EXPECT_GE(*std::min_element(kernel.begin(), kernel.end()), 0);
  // With the penalty of the kernel, as the training measures it.
  double penalty = 0;
  for (const float w : kernel) penalty += 0.1 * static_cast<double>(w) * w;
  const Dataset data = Bars(64, 2);
  const double bare = Evaluate(network.model(), {}, data).loss;
  EXPECT_GT(penalty, 0.01);
  EXPECT_NEAR(Evaluate(network, data).loss, bare + penalty, 1e-5 * (bare + penalty));
}

TEST(FitNetwork, PicturesAreScaledAsTheNetworkSays) {
  Network network = BarsLayers();
  network.preprocessing = {.divisor = 128};
  const Dataset data = Bars(32);
  EXPECT_EQ(Evaluate(network, data).loss, Evaluate(network, data, {.scaling = {.divisor = 128}}).loss);
  EXPECT_NE(Evaluate(network, data).loss, Evaluate(network.model(), {}, data).loss);
  try {
    Fit(network, data, {.scaling = {.divisor = 2}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("another scaling in the options"));
  }
}

}  // namespace
}  // namespace convscope
