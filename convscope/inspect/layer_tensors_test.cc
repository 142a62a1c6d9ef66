#include "convscope/inspect/layer_tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"
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

TEST(LayerTensors, AreNotTheSameElementsInAnotherOrder) {
  GraphBuilder builder;
  builder.Input("x", {{1, 4, 3}});
  builder.Add("x/channels_last", TransposeOp{{0, 2, 1}}, {"x"});
  builder.Add("a", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"x/channels_last"});
  builder.Add("a/sigmoid", ActivationOp{MakeActivation(ActivationKind::kSigmoid)}, {"a"});
  builder.Add("b/flat", ReshapeOp{}, {"a/sigmoid"});  // the file's own: there is no b
  EXPECT_THAT(LayerTensors(builder.Build()), ElementsAre("a", "a/sigmoid", "b/flat"));
}

}  // namespace
}  // namespace convscope
