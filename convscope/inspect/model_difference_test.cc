#include "convscope/inspect/model_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;

Model Chain(float second_weight, int64_t stride = 1, bool pool = false) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 4, 4, 1}});
  NamedTensors parameters;
  for (const std::string name : {"one", "two"}) {
    builder.Parameter(name + "/kernel", {{1, 1, 1, 1}});
    parameters[name + "/kernel"] = Share(Tensor::Of({1, 1, 1, 1}, {name == "one" ? 2.0f : second_weight}));
  }
  builder.Add("one", ConvOp{}, {"picture", "one/kernel"});
  builder.Add("two", ConvOp{.strides = {stride}}, {"one", "two/kernel"});
  if (pool) builder.Add("pool", PoolOp{}, {"two"});
  return Model(builder.Build(), parameters);
}

TEST(ModelDifference, OfAModelWithItselfIsNothing) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(1);
  const ModelDifference difference = CompareModels(network.model(), network.model());
  EXPECT_TRUE(difference.identical());
  EXPECT_TRUE(difference.structure.empty());
  EXPECT_EQ(difference.parameters.size(), network.parameters().size());
}

TEST(ModelDifference, ToldAreTheNodesThatAreAnother) {
  const ModelDifference difference = CompareModels(Chain(3), Chain(3, 2, true));
  ASSERT_EQ(difference.structure.size(), 2u);
  EXPECT_EQ(difference.structure[0].kind, "changed");
  EXPECT_EQ(difference.structure[0].name, "two");
  EXPECT_THAT(difference.structure[0].what,
              ::testing::AllOf(::testing::HasSubstr("strides [1] -> [2]"),
                               ::testing::HasSubstr("(1, 4, 4, 1) float32 -> (1, 2, 2, 1)")));
  EXPECT_EQ(difference.structure[1].kind, "added");
  EXPECT_EQ(difference.structure[1].name, "pool");
  EXPECT_FALSE(difference.identical());
  EXPECT_EQ(CompareModels(Chain(3, 1, true), Chain(3)).structure[0].kind, "removed");
}

TEST(ModelDifference, WeightsAreMeasured) {
  const ArrayDifference difference =
      CompareArrays("w", Tensor::Of({2, 2}, {3, 0, 4, 0}), Tensor::Of({2, 2}, {3, 0, 0, 4}));
  EXPECT_FALSE(difference.equal);
  EXPECT_EQ(difference.largest, 4);
  EXPECT_EQ(difference.mean, 2);
  EXPECT_DOUBLE_EQ(difference.relative, std::sqrt(32.0) / 5);
  EXPECT_DOUBLE_EQ(difference.cosine, 9.0 / 25);
  EXPECT_EQ(difference.magnitude, 4);
}

TEST(ModelDifference, NanOfOneIsADifferenceAndOfBothIsNone) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();
  const Tensor a = Tensor::Of({4}, {1, kNan, kInfinity, 5});
  EXPECT_TRUE(CompareArrays("w", a, a.Clone()).equal);
  EXPECT_EQ(CompareArrays("w", a, a.Clone()).largest, 0);
  EXPECT_TRUE(std::isnan(CompareArrays("w", a, Tensor::Of({4}, {kNan, kNan, kInfinity, 4})).largest));
  EXPECT_EQ(CompareArrays("w", Tensor::Of({1}, {0}), Tensor::Of({1}, {1})).relative,
            std::numeric_limits<double>::infinity());
}

TEST(ModelDifference, AnInfinityOfOneIsInfinitelyFarAndHidesNoOtherNumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const Tensor a = Tensor::Of({3}, {kInfinity, 3, 4});
  const ArrayDifference of_both = CompareArrays("w", a, Tensor::Of({3}, {kInfinity, 3, 0}));
  EXPECT_EQ(of_both.largest, 4);
  EXPECT_EQ(of_both.magnitude, 4);
  EXPECT_DOUBLE_EQ(of_both.relative, 4.0 / 5);
  EXPECT_DOUBLE_EQ(of_both.cosine, 9.0 / (5 * 3));
  const ArrayDifference of_one = CompareArrays("w", a, Tensor::Of({3}, {1, 3, 4}));
  EXPECT_EQ(of_one.largest, kInfinity);
  EXPECT_EQ(of_one.magnitude, 4);
  EXPECT_EQ(of_one.relative, kInfinity);
  EXPECT_DOUBLE_EQ(of_one.cosine, 1);
  EXPECT_TRUE(std::isnan(CompareArrays("w", Tensor::Of({1}, {0}), Tensor::Of({1}, {kInfinity})).cosine));
  EXPECT_TRUE(std::isnan(CompareArrays("w", Tensor::Of({1}, {0}), Tensor::Of({1}, {std::nanf("")})).relative));
}

TEST(ModelDifference, WholeNumbersAreMeasuredToo) {
  Tensor a(Shape{2}, DType::kInt64), b(Shape{2}, DType::kInt64);
  a.data<int64_t>()[0] = b.data<int64_t>()[0] = 3;
  a.data<int64_t>()[1] = 4;
  b.data<int64_t>()[1] = 6;
  const ArrayDifference difference = CompareArrays("places", a, b);
  EXPECT_FALSE(difference.equal);
  EXPECT_EQ(difference.largest, 2);
  EXPECT_EQ(difference.magnitude, 6);
}

TEST(TraceDifference, AnInfinityPartsAndDoesNotHideWhatElseDoes) {
  Tensor picture(Shape{1, 4, 4, 1});
  for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = 1;
  Tensor broken = picture.Clone(), moved = picture.Clone();
  broken.data()[0] = moved.data()[0] = std::numeric_limits<float>::infinity();
  moved.data()[1] = 5;
  const Trace whole(Chain(3), {{"picture", Share(std::move(picture))}}),
      a(Chain(3), {{"picture", Share(std::move(broken))}}), b(Chain(3), {{"picture", Share(std::move(moved))}});
  EXPECT_EQ(CompareTraces(whole, a, 1).parting, 0u);
  EXPECT_EQ(CompareTraces(a, b, 1e-5).parting, 0u);
  EXPECT_EQ(CompareTraces(a, a, 0).parting, std::nullopt);
}

TEST(TraceDifference, PartsWherePlacesAreOthersWhateverTheTolerance) {
  const auto trace = [](bool last) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 1, 1, 3}});
    builder.Add("place", ArgMaxOp{.last = last}, {"picture"});
    return Trace(Model(builder.Build(), {}), {{"picture", Share(Tensor::Of({1, 1, 1, 3}, {5, 1, 5}))}});
  };
  EXPECT_EQ(CompareTraces(trace(false), trace(true), 1).parting, 0u);
  EXPECT_EQ(CompareTraces(trace(true), trace(true), 1).parting, std::nullopt);
}

TEST(TraceDifference, PartsAtTheFirstTensorThatDiffersBeyondTheTolerance) {
  Tensor picture(Shape{1, 4, 4, 1});
  for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = 1;
  const NamedTensors inputs = {{"picture", Share(std::move(picture))}};
  const Trace a(Chain(3), inputs), b(Chain(3.003f), inputs);
  const TraceDifference difference = CompareTraces(a, b, 0);
  EXPECT_THAT(difference.tensors,
              ElementsAre(Field(&ArrayDifference::name, "one"), Field(&ArrayDifference::name, "two")));
  EXPECT_EQ(difference.parting, 1u);
  EXPECT_EQ(CompareTraces(a, b, 0.01).parting, std::nullopt);
  EXPECT_EQ(CompareTraces(Trace(Chain(0), inputs), a, 1).parting, std::nullopt);  // of the larger value of both
  EXPECT_EQ(CompareTraces(a, a, 0).parting, std::nullopt);
}

}  // namespace
}  // namespace convscope
