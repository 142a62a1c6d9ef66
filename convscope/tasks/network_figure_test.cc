#include "convscope/tasks/network_figure.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

GraphBuilder TwoScopes() {
  GraphBuilder builder;
  builder.Input("input", {{1, 28, 28, 1}});
  builder.Parameter("layer1/conv/kernel", {{5, 5, 1, 4}});
  builder.Parameter("layer1/conv/bias", {{4}});
  builder.Add("layer1/conv/pre_activation", ConvOp{.strides = {2}, .padding = {Padding::Same()}},
              {"input", "layer1/conv/kernel", "layer1/conv/bias"});
  builder.Add("layer1/conv", ActivationOp{MakeActivation(ActivationKind::kTanh)}, {"layer1/conv/pre_activation"});
  builder.Add("layer1/pool", PoolOp{.padding = {Padding::Same()}}, {"layer1/conv"});
  builder.Add("sum", AddOp{}, {"layer1/pool", "layer1/pool"});
  return builder;
}

TEST(PlotNetworkTest, MakesOneBoxOfALayerAndItsActivationAndFramesScopes) {
  const NetworkPlot plot = PlotNetwork(TwoScopes().Build());
  ASSERT_EQ(plot.nodes.size(), 4u);
  EXPECT_EQ(plot.nodes[0].title, "input");
  EXPECT_EQ(plot.nodes[1].title, "conv");
  EXPECT_THAT(plot.nodes[1].lines,
              ElementsAre("Conv 5x5, 4 filters, strides [2], padding same", "Tanh", "104 parameters"));
  EXPECT_EQ(plot.nodes[2].title, "pool");
  EXPECT_THAT(plot.nodes[2].lines, ElementsAre("MaxPool 2x2, padding same"));
  EXPECT_EQ(plot.nodes[3].title, "sum");
  EXPECT_THAT(plot.nodes[3].lines, ElementsAre("Add", "output (None, 7, 7, 4)"));
  EXPECT_THAT(plot.groups, ElementsAre("layer1"));
  EXPECT_EQ(plot.nodes[1].group, 0);
  EXPECT_EQ(plot.nodes[2].group, 0);
  EXPECT_EQ(plot.nodes[3].group, -1);
  // A tensor that is read twice is one arrow.
  ASSERT_EQ(plot.edges.size(), 3u);
  EXPECT_EQ(plot.edges[0].label, "(None, 28, 28, 1)");
  EXPECT_EQ(plot.edges[1].label, "(None, 14, 14, 4)");
  EXPECT_EQ(plot.edges[2].from, 2);
  EXPECT_EQ(plot.edges[2].to, 3);
}

TEST(PlotNetworkTest, NumbersOfFloatsHaveTheirOwnDigits) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  builder.Add("leaky", ActivationOp{{.kind = ActivationKind::kLeakyRelu, .alpha = 0.3f}}, {"input"});
  EXPECT_EQ(PlotNetwork(builder.Build()).nodes[1].lines[0], "LeakyRelu, alpha 0.3");
}

TEST(PlotNetworkTest, FoldsAScopeIntoOneBox) {
  const NetworkPlot plot = PlotNetwork(TwoScopes().Build(), {.scopes = NetworkPlotOptions::Scopes::kFolded});
  ASSERT_EQ(plot.nodes.size(), 3u);
  EXPECT_EQ(plot.nodes[1].title, "layer1");
  EXPECT_THAT(plot.nodes[1].lines, ElementsAre("2 layers", "104 parameters"));
  EXPECT_THAT(plot.groups, IsEmpty());
  EXPECT_EQ(plot.edges.size(), 2u);
}

TEST(PlotNetworkTest, ScopesAreAlsoWhatKerasApplicationsWrite) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  std::string before = "input";
  for (const char* layer : {"conv2d", "conv2d_1", "conv2d_1_bn", "conv2d_1_relu", "block1_conv1", "block1_pool"}) {
    builder.Add(layer, AddOp{}, {before, before});
    before = layer;
  }
  const NetworkPlot framed = PlotNetwork(builder.Build());
  EXPECT_THAT(framed.groups, ElementsAre("conv2d_1", "block1"));
  std::vector<std::string> titles;
  for (const NetworkPlot::Node& node : framed.nodes) titles.push_back(node.title);
  EXPECT_THAT(titles, ElementsAre("input", "conv2d", "conv2d_1", "bn", "relu", "conv1", "pool"));
  const NetworkPlot folded = PlotNetwork(builder.Build(), {.scopes = NetworkPlotOptions::Scopes::kFolded});
  EXPECT_EQ(folded.nodes.size(), 4u);
}

// As Keras' MobileNetV2 begins: what lies between two layers of a scope is not of it.
TEST(PlotNetworkTest, FoldsNoScopeThatWouldBeBeforeAndAfterAnotherBox) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  std::string before = "input";
  for (const char* layer : {"Conv1", "bn_Conv1", "Conv1_relu", "block_1_expand", "block_1_expand_BN"}) {
    builder.Add(layer, AddOp{}, {before, before});
    before = layer;
  }
  const NetworkPlot plot = PlotNetwork(builder.Build(), {.scopes = NetworkPlotOptions::Scopes::kFolded});
  std::vector<std::string> titles;
  for (const NetworkPlot::Node& node : plot.nodes) titles.push_back(node.title);
  EXPECT_THAT(titles, ElementsAre("input", "Conv1", "bn_Conv1", "Conv1_relu", "block_1_expand"));
  for (const NetworkPlot::Edge& edge : plot.edges) EXPECT_LT(edge.from, edge.to);
}

TEST(PlotNetworkTest, FoldsByItselfWhenThereAreTooManyBoxes) {
  GraphBuilder builder = TwoScopes();
  std::string last = "sum";
  for (int i = 0; i < 60; ++i) {
    const std::string name = "block/" + std::to_string(i);
    builder.Add(name, AddOp{}, {last, last});
    last = name;
  }
  EXPECT_EQ(PlotNetwork(builder.Build()).nodes.size(), 4u);
}

}  // namespace
}  // namespace convscope
