#include "convscope/graph/pool_operation.h"

#include <gtest/gtest.h>

#include <vector>

#include "convscope/graph/internal/gradient_check.h"

namespace convscope {
namespace {

struct Case {
  PoolOp op;
  Shape input;
};

// Every attribute at least once, in one to three dimensions.
std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    cases.push_back({{.kind = kind}, {2, 6, 5, 3}});
    cases.push_back({{.kind = kind, .sizes = {3}, .strides = {2}, .padding = {Padding::Same()}}, {1, 6, 7, 2}});
    cases.push_back({{.kind = kind, .sizes = {3, 2}, .strides = {1, 3}, .ceil_mode = true}, {1, 5, 6, 2}});
    cases.push_back({{.kind = kind, .sizes = {2}, .strides = {1}, .dilations = {2}}, {2, 7, 3}});
    cases.push_back({{.kind = kind,
                      .sizes = {3},
                      .strides = {2},
                      .padding = {Padding::Explicit(1, 2)},
                      .ceil_mode = true,
                      .count_include_pad = true},
                     {1, 6, 6, 1}});
    for (const PadMode mode : {PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
      cases.push_back(
          {{.kind = kind, .sizes = {3}, .strides = {2}, .padding = {Padding::Explicit(2, 1)}, .pad_mode = mode},
           {1, 5, 6, 2}});
    }
    cases.push_back({{.kind = kind, .sizes = {2}, .strides = {1}, .padding = {Padding::Same()}}, {1, 3, 4, 3, 2}});
    cases.push_back({{.kind = kind, .sizes = {2}, .strides = {3}}, {1, 5, 4, 5, 1}});
  }
  return cases;
}

Graph OnePool(const Case& one) {
  GraphBuilder builder;
  builder.Input("x", {one.input});
  builder.Add("y", one.op, {"x"});
  return builder.Build();
}

TEST(PoolOperationTest, GradientsMatchDifferences) {
  for (const Case& one : Cases()) ExpectGradientsMatchDifferences(OnePool(one), "y");
}

TEST(PoolOperationTest, FloatGradientsAreThoseInDouble) {
  for (const Case& one : Cases()) {
    // At most 27 windows hand at most 1 each to an element, and each share and each sum is rounded once.
    ExpectFloatGradientsNearDouble(OnePool(one), "y", 27 * (27 + 1) * 0x1p-24);
  }
}

TEST(PoolOperationTest, TheGradientOfAnAverageReadsNoInput) {
  for (const PoolKind kind : {PoolKind::kMax, PoolKind::kAverage}) {
    GraphBuilder builder(OnePool({{.kind = kind}, {1, 4, 4, 1}}));
    builder.Input("seed", {{1, 2, 2, 1}});
    AddGradients(builder, {{"y", "seed"}}, {"x"});
    EXPECT_EQ(builder.graph().nodes().back().inputs.size(), kind == PoolKind::kMax ? 2u : 1u);
  }
}

TEST(PoolOperationTest, AGradientTakesAnotherNumberOfSamples) {
  GraphBuilder builder(OnePool({{.kind = PoolKind::kAverage}, {1, 4, 4, 1}}));
  builder.Input("seed", {{1, 2, 2, 1}});
  const GradientNames names = AddGradients(builder, {{"y", "seed"}}, {"x"});
  const Graph graph = Rebuild(builder.Build(), {.batch = 3}).builder.Build();
  EXPECT_EQ(graph[names.at("x")].type.shape, (Shape{3, 4, 4, 1}));
}

}  // namespace
}  // namespace convscope
