#include "convscope/inspect/picture_axes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "convscope/base/error.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/matmul_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/inspect/attribution/target.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// A transformer in small: patches of 4 x 4 pixels, gated by their mean, then as words, of which each looks at all.
Graph Transformer(bool patches) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 16, 16, 3}});
  std::string words = "picture";
  if (patches) {
    builder.Parameter("kernel", {{4, 4, 3, 8}});
    builder.Add("patches", ConvOp{.strides = {4}}, {"picture", "kernel"});
    builder.Add("gate", ReduceOp{.kind = ReduceKind::kMean, .axes = {1, 2}}, {"patches"});
    builder.Add("gated", MultiplyOp{}, {"patches", "gate"});
    words = "gated";
  }
  builder.Add("words", ReshapeOp{{0, 16, 2, -1}}, {words});
  builder.Add("heads", TransposeOp{{0, 2, 1, 3}}, {"words"});
  builder.Add("keys", TransposeOp{{0, 2, 3, 1}}, {"words"});
  builder.Add("attention", MatMulOp{}, {"heads", "keys"});  // (1, 2, 16, 16)
  builder.Add("scores", ReduceOp{.kind = ReduceKind::kMean, .axes = {2, 3}, .keep_axes = false}, {"attention"});
  return builder.Build();
}

TEST(PictureAxes, AreKeptByWindowsAndGatesAndLostByAttention) {
  const Graph graph = Transformer(true);
  const std::vector<bool> have = HavePictureAxes(graph);
  const std::map<std::string, bool> expected = {{"picture", true},    {"patches", true}, {"gate", false},
                                                {"gated", true},      {"words", false},  {"heads", false},
                                                {"attention", false}, {"scores", false}};
  for (const auto& [name, has] : expected) EXPECT_EQ(have[static_cast<size_t>(graph.Find(name))], has) << name;
}

// A group normalization as PyTorch writes it into .onnx files, by way of flattened groups.
TEST(PictureAxes, AreKeptByNormalizationsAndFoundAgainByWindows) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 8, 8, 4}});
  builder.Parameter("kernel", {{1, 1, 4, 4}});
  builder.Parameter("scale", {{4}});
  builder.Add("groups", ReshapeOp{{0, 32, -1}}, {"picture"});
  builder.Add("maps", ReshapeOp{{0, 8, 8, 4}}, {"groups"});
  builder.Add("conv", ConvOp{}, {"maps", "kernel"});
  builder.Add("norm", GroupNormalizationOp{.groups = 2}, {"conv", "scale", "scale"});
  const Graph graph = builder.Build();
  const std::vector<bool> have = HavePictureAxes(graph);
  const std::map<std::string, bool> expected = {{"groups", false}, {"maps", false}, {"conv", true}, {"norm", true}};
  for (const auto& [name, has] : expected) EXPECT_EQ(have[static_cast<size_t>(graph.Find(name))], has) << name;
}

TEST(PictureAxes, AreThoseOfEveryMapOfAConvolutionalNetwork) {
  const Graph graph = MakeArchitecture("resnet18").graph();
  const std::vector<bool> have = HavePictureAxes(graph);
  for (size_t t = 0; t < have.size(); ++t) {
    const GraphTensor& tensor = graph.tensors()[t];
    if (tensor.role != TensorRole::kComputed) continue;
    EXPECT_EQ(have[t], tensor.type.shape.rank() == 4) << tensor.name;
  }
}

TEST(PictureAxes, TellTheLayerOfClassActivationMapsAndOfWhatNamesNone) {
  const Graph graph = Transformer(true);
  EXPECT_EQ(CamLayer(graph, FindAttributionTarget(graph), {}), "gated");
  EXPECT_EQ(CamLayer(graph, FindAttributionTarget(graph), "attention"), "attention");
  EXPECT_EQ(MapLayer(graph, ""), "gated");
  const Graph without = Transformer(false);
  EXPECT_EQ(UsualCamLayer(without, FindAttributionTarget(without)), std::nullopt);
  EXPECT_THAT([&] { CamLayer(without, FindAttributionTarget(without), {}); },
              ThrowsMessage<Error>(HasSubstr("choose words, heads, keys, attention")));
  EXPECT_EQ(MapLayer(without, ""), "attention");
}

}  // namespace
}  // namespace convscope
