#include "convscope/tasks/internal/explained_terms.h"

#include <gtest/gtest.h>

#include <cmath>

#include "convscope/graph/pool_operation.h"

namespace convscope::internal {
namespace {

// Of the first window of a pool over 4 x 4 pixels.
std::string OfFirstWindow(PoolKind kind, bool count_include_pad) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  builder.Add("pool",
              PoolOp{.kind = kind,
                     .sizes = {3},
                     .strides = {2},
                     .padding = {Padding::Explicit(1, 1)},
                     .count_include_pad = count_include_pad},
              {"input"});
  const Trace trace(Model(builder.Build(), {}), {{"input", Share(Tensor::Zeros({1, 4, 4, 1}))}});
  return PoolPaddingText(*ExplainValue(trace, {.tensor = "pool", .element = 0}).arithmetic);
}

TEST(ExplainedTerms, PaddingOfAPoolCountsInAMeanThatIncludesIt) {
  EXPECT_EQ(OfFirstWindow(PoolKind::kMax, false), "which does not count");
  EXPECT_EQ(OfFirstWindow(PoolKind::kAverage, false), "which does not count");
  EXPECT_EQ(OfFirstWindow(PoolKind::kAverage, true), "which counts as zero");
}

TEST(ExplainedTerms, TheWinnerOfAMaximumThatIsNaNIsTheFirstNaN) {
  GraphBuilder builder;
  builder.Input("input", {{1, 2, 2, 1}});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"input"});
  const float nan = std::nanf("");
  const Trace trace(Model(builder.Build(), {}), {{"input", Share(Tensor::Of({1, 2, 2, 1}, {5, nan, 9, nan}))}});
  const Arithmetic arithmetic = *ExplainValue(trace, {.tensor = "pool", .element = 0}).arithmetic;
  EXPECT_EQ(WinnerOf(arithmetic, *MainWindow(arithmetic)), 1);
}

}  // namespace
}  // namespace convscope::internal
