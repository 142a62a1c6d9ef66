#include "convscope/inspect/layer_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

TEST(LayerTensors, AreWhatEachLayerHandsOn) {
  const Graph graph = MakeArchitecture("fashion-cnn").graph();
  EXPECT_THAT(LayerTensors(graph), ElementsAre("conv_layer_1", "pool_layer_2", "conv_layer_3", "pool_layer_4",
                                               "flatten_layer_5", "dense_layer_6", "dense_layer_7"));
  EXPECT_THAT(MapLayers(graph), ElementsAre("conv_layer_1", "pool_layer_2", "conv_layer_3", "pool_layer_4"));
  EXPECT_THAT(MapLayers(graph, 3), ElementsAre("conv_layer_1", "pool_layer_2", "conv_layer_3"));
}

}  // namespace
}  // namespace convscope
