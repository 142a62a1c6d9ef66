#include "convscope/graph/dropout_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Inference(const DropoutOp& op, const Shape& shape) {
  GraphBuilder builder;
  builder.Input("x", {shape});
  builder.Add("drop", op, {"x"});
  return builder.Build();
}

Graph Training(const DropoutOp& op, const Shape& shape) {
  return Rebuild(Inference(op, shape), {.training = true}).builder.Build();
}

Tensor State(int64_t seed, int64_t epoch, int64_t first) {
  Tensor state({3}, DType::kInt64);
  std::copy_n(std::array{seed, epoch, first}.begin(), 3, state.data<int64_t>());
  return state;
}

std::vector<float> Mask(const DropoutOp& op, const Shape& shape, int64_t seed, int64_t epoch, int64_t first) {
  const Trace trace(Model(Training(op, shape), {}),
                    {{"x", Share(Tensor::Zeros(shape))}, {"random_state", Share(State(seed, epoch, first))}});
  const auto values = trace["drop/mask"].view().span();
  return {values.begin(), values.end()};
}

TEST(DropoutOperation, PassesEverythingInInference) {
  const Graph graph = Inference({}, {2, 3});
  convscope::Run run(Model(graph, {}), {"drop"});
  const SharedTensor x = Share(Tensor::Of({2, 3}, {1, 2, 3, 4, 5, 6}));
  run({{"x", x}});
  EXPECT_THAT(run["drop"].view().span(), ::testing::ElementsAreArray(x->view().span()));
  ExpectGradientsMatchDifferences(graph, "drop");
}

TEST(DropoutOperation, KeepsTheExpectedSumWhileItLearns) {
  const std::vector<float> mask = Mask({.rate = 0.2}, {4, 50, 50}, 1, 0, 0);
  int zeros = 0;
  for (const float value : mask) {
    ASSERT_TRUE(value == 0 || value == 1.25f) << value;
    zeros += value == 0;
  }
  EXPECT_NEAR(zeros, 2000, 5 * 40);  // five standard deviations, sqrt(10000 * 0.2 * 0.8)
}

TEST(DropoutOperation, DrawsForEachSampleWhateverItsBatch) {
  const DropoutOp op{.rate = 0.5};
  const std::vector<float> four = Mask(op, {4, 64}, 5, 2, 8);
  const std::vector<float> two = Mask(op, {2, 64}, 5, 2, 10);
  EXPECT_TRUE(std::equal(two.begin(), two.end(), four.begin() + 128));
  EXPECT_NE(Mask(op, {4, 64}, 6, 2, 8), four) << "another seed";
  EXPECT_NE(Mask(op, {4, 64}, 5, 3, 8), four) << "another epoch";
  EXPECT_FALSE(std::equal(four.begin(), four.begin() + 64, four.begin() + 64)) << "another sample";
}

TEST(DropoutOperation, DrawsForEachNodeByItsName) {
  GraphBuilder builder;
  builder.Input("x", {{1, 64}});
  builder.Add("a", DropoutOp{}, {"x"});
  builder.Add("b", DropoutOp{}, {"x"});
  const Rebuilt training = Rebuild(builder.Build(), {.training = true});
  const Trace trace(Model(training.builder.Build(), {}),
                    {{"x", Share(Tensor::Zeros({1, 64}))}, {"random_state", Share(State(1, 0, 0))}});
  EXPECT_FALSE(std::equal(trace["a/mask"].data(), trace["a/mask"].data() + 64, trace["b/mask"].data()));
}

TEST(DropoutOperation, DropsWholeChannelsWhenSpatial) {
  const Graph graph = Training({.rate = 0.5, .spatial = true}, {3, 4, 5, 16});
  EXPECT_EQ(graph["drop/mask"].type.shape, (Shape{3, 1, 1, 16}));
  Tensor x({3, 4, 5, 16});
  std::fill_n(x.data(), x.size(), 1.0f);
  const Trace trace(Model(graph, {}), {{"x", Share(std::move(x))}, {"random_state", Share(State(1, 0, 0))}});
  const float* y = trace["drop"].data();
  const float* mask = trace["drop/mask"].data();
  for (int64_t i = 0; i < 3 * 20 * 16; ++i) ASSERT_EQ(y[i], mask[i / 320 * 16 + i % 16]);
}

TEST(DropoutOperation, HasTheGradientsOfDifferences) {
  for (const bool spatial : {false, true}) {
    const Graph graph = Training({.rate = 0.4, .spatial = spatial}, {2, 3, 3, 4});
    const NamedTensors state = {{"random_state", Share(State(3, 1, 4))}};
    ExpectGradientsMatchDifferences(graph, "drop", state);
    ExpectFloatMatchesDouble(graph, "drop", 4, state);  // one product by a rounded factor
    GraphBuilder builder(graph);
    builder.Input("seed", {{2, 3, 3, 4}});
    AddGradients(builder, {{"drop", "seed"}}, {"x"});
    EXPECT_FALSE(builder.graph().Has("gradient/drop/mask"));
  }
}

TEST(DropoutOperation, StaysAViewAtRateZero) {
  EXPECT_FALSE(Training({.rate = 0}, {2, 3}).Has("random_state"));
}

TEST(DropoutOperation, RefusesARateOfOne) {
  for (const double rate : {-0.1, 1.0}) {
    EXPECT_THAT([&] { Inference({.rate = rate}, {2, 3}); }, ThrowsMessage<Error>(HasSubstr("below 1")));
  }
}

}  // namespace
}  // namespace convscope
