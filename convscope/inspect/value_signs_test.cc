#include "convscope/inspect/value_signs.h"

#include <gtest/gtest.h>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/clip_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

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
  const Model model = SmallModel(-0.5f, 0);
  for (const char* const tensor : {"relu", "pool", "pad", "sum", "clip"}) {
    EXPECT_TRUE(NeverNegative(model, tensor)) << tensor;
  }
  for (const char* const tensor : {"input", "conv", "tanh", "mixed", "again"}) {
    EXPECT_FALSE(NeverNegative(model, tensor)) << tensor;
  }
  EXPECT_ANY_THROW(NeverNegative(model, "none"));
}

TEST(NeverNegative, AsksParametersAndPaddingForTheirSigns) {
  EXPECT_TRUE(NeverNegative(SmallModel(0.5f, 0), "again"));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, 0), "conv")) << "what is fed in may be negative";
  EXPECT_TRUE(NeverNegative(SmallModel(0.5f, 0), "conv", FedValues::kNonNegative));
  EXPECT_FALSE(NeverNegative(SmallModel(-0.5f, 0), "conv", FedValues::kNonNegative));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, -1), "pad"));
  EXPECT_FALSE(NeverNegative(SmallModel(0.5f, -1), "sum"));
}

TEST(NeverNegative, TellsTheLayersOfANetworkApart) {
  Network network = MakeArchitecture("fashion-cnn");
  network.Initialize(1);
  const Model model = network.model();
  EXPECT_FALSE(NeverNegative(model, "conv_layer_1/pre_activation"));
  EXPECT_TRUE(NeverNegative(model, "conv_layer_1"));
  EXPECT_TRUE(NeverNegative(model, "pool_layer_4"));
  EXPECT_TRUE(NeverNegative(model, "dense_layer_7"));
}

}  // namespace
}  // namespace convscope
