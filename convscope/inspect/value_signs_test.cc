#include "convscope/inspect/value_signs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

// conv -> relu -> pool -> pad, a sum of two of them, and what a kernel makes of them.
Model SmallModel(float weight, double padding) {
  GraphBuilder builder;
  builder.Input("input", {{1, 8, 8, 2}});
  builder.Parameter("kernel", {{1, 1, 2, 2}});
  builder.Add("conv", ConvOp{}, {"input", "kernel"});
  builder.Add("relu", ActivationOp{{.kind = ActivationKind::kRelu}}, {"conv"});
  builder.Add("tanh", ActivationOp{{.kind = ActivationKind::kTanh}}, {"conv"});
  builder.Add("pool", PoolOp{.kind = PoolKind::kAverage, .sizes = {2}, .strides = {1}}, {"relu"});
  builder.Add("pad", PadOp{.before = {0, 1, 0, 0}, .after = {0, 0, 1, 0}, .value = padding}, {"pool"});
  builder.Add("sum", AddOp{}, {"pad", "relu"});
  builder.Add("mixed", AddOp{}, {"tanh", "relu"});
  builder.Add("again", ConvOp{}, {"relu", "kernel"});
  builder.Add("clip", ClipOp{.low = 0, .high = 6}, {"mixed"});
  return {builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 2, 2}, {weight, weight, weight, weight}))}}};
}

TEST(NeverNegative, IsWhatARectifierMakesAndWhatPicksOrAddsThat) {
  const std::set<std::string> never = NeverNegative(SmallModel(-0.5f, 0));
  for (const char* const tensor : {"relu", "pool", "pad", "sum", "clip"}) {
    EXPECT_TRUE(never.contains(tensor)) << tensor;
  }
  for (const char* const tensor : {"input", "conv", "tanh", "mixed", "again"}) {
    EXPECT_FALSE(never.contains(tensor)) << tensor;
  }
}

TEST(NeverNegative, AsksParametersAndPaddingForTheirSigns) {
  EXPECT_TRUE(NeverNegative(SmallModel(0.5f, 0)).contains("again"));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, 0)).contains("conv")) << "what is fed in may be negative";
  EXPECT_TRUE(NeverNegative(SmallModel(0.5f, 0), FedValues::kNonNegative).contains("conv"));
  EXPECT_FALSE(NeverNegative(SmallModel(-0.5f, 0), FedValues::kNonNegative).contains("conv"));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, -1)).contains("pad"));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, -1)).contains("sum"));
}

TEST(NeverNegative, AsksAThresholdAndBothBoundsOfAClip) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4}});
  builder.Add("above", ActivationOp{{.kind = ActivationKind::kThresholdedRelu, .alpha = 0.5f}}, {"input"});
  builder.Add("below", ActivationOp{{.kind = ActivationKind::kThresholdedRelu, .alpha = -0.5f}}, {"input"});
  builder.Add("open", ClipOp{.low = 0}, {"input"});
  builder.Add("crossed", ClipOp{.low = 0, .high = -1}, {"input"});
  EXPECT_THAT(NeverNegative({builder.Build(), {}}), ElementsAre("above", "open"));
}

TEST(NeverNegative, PassesOverWhatChoosesPlacesAndNoOtherIntegers) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4}});
  builder.Input("places", {{2}, DType::kInt64});
  builder.Input("whole", {{1, 4}, DType::kInt32});
  builder.Add("relu", ActivationOp{{.kind = ActivationKind::kRelu}}, {"input"});
  builder.Add("picked", GatherOp{.axis = 1}, {"relu", "places"});
  builder.Add("twice", AddOp{}, {"whole", "whole"});
  EXPECT_THAT(NeverNegative({builder.Build(), {}}), ElementsAre("picked", "relu"));
}

TEST(NeverNegative, TellsTheLayersOfANetworkApart) {
  Network network = MakeArchitecture("fashion-cnn");
  network.Initialize(1);
  const std::set<std::string> never = NeverNegative(network.model());
  EXPECT_FALSE(never.contains("conv_layer_1/pre_activation"));
  EXPECT_TRUE(never.contains("conv_layer_1"));
  EXPECT_TRUE(never.contains("pool_layer_4"));
  EXPECT_TRUE(never.contains("dense_layer_7"));
}

}  // namespace
}  // namespace convscope
