// Group normalization, LpNormalization, LpPool, MaxPoolIndices and MaxUnpool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/group_normalization_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/lp_normalization_operation.h"
#include "convscope/graph/lp_pool_operation.h"
#include "convscope/graph/max_pool_indices_operation.h"
#include "convscope/graph/pool_operation.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

Graph Of(const OperationPtr& operation, const std::vector<Shape>& shapes, DType dtype = DType::kFloat32) {
  GraphBuilder builder;
  std::vector<std::string> names;
  for (const Shape& shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    builder.Input(names.back(), {shape, dtype});
  }
  builder.Add("y", operation, names);
  return builder.Build();
}

Tensor Noise(const Shape& shape, uint64_t seed) {
  Random random(seed, "norms and places");
  Tensor x(shape);
  for (float& value : x.view().span()) value = random.Uniform(-2, 2);
  return x;
}

void ExpectRefused(const OperationPtr& operation, const std::vector<Shape>& shapes, const char* text) {
  EXPECT_THAT([&] { Of(operation, shapes); }, ThrowsMessage<Error>(HasSubstr(text)));
}

// That Explain comes to what was computed, for each element.
void ExpectExplained(const OperationPtr& operation, const std::vector<const Tensor*>& inputs, const Tensor& y) {
  for (int64_t e = 0; e < y.size(); ++e) {
    const std::optional<Arithmetic> how = operation->Explain(inputs, e);
    ASSERT_TRUE(how);
    EXPECT_NEAR(how->value, y.data()[e], how->tolerance);
  }
}

// By the formula, in double, one group of one sample at a time.
TEST(GroupNormalizationOperation, NormalizesEachGroupOfEachSample) {
  const Shape shape = {2, 3, 2, 6};
  const Tensor x = Noise(shape, 1), scale = Noise({6}, 2), bias = Noise({6}, 3);
  for (const int64_t groups : {0, 1, 2, 3, 6}) {
    const OperationPtr operation = GroupNormalizationOp{.groups = groups, .epsilon = 0.1};
    const Trace trace(Model(Of(operation, {shape, {6}, {6}}), {}),
                      {{"x0", Share(x.Clone())}, {"x1", Share(scale.Clone())}, {"x2", Share(bias.Clone())}});
    const int64_t share = groups == 0 ? 1 : 6 / groups;
    for (int64_t e = 0; e < x.size(); ++e) {
      std::vector<double> values;
      for (int64_t i = 0; i < x.size(); ++i) {
        if (i / 36 == e / 36 && i % 6 / share == e % 6 / share) values.push_back(x.data()[i]);
      }
      double mean = 0, variance = 0;
      for (const double value : values) mean += value / static_cast<double>(values.size());
      for (const double value : values)
        variance += (value - mean) * (value - mean) / static_cast<double>(values.size());
      const double expected =
          (x.data()[e] - mean) / std::sqrt(variance + 0.1) * scale.data()[e % 6] + bias.data()[e % 6];
      // Values below 12, some six roundings.
      ASSERT_NEAR(trace["y"].data()[e], expected, 12 * 6 * 0x1p-24);
    }
    ExpectExplained(operation, {&x, &scale, &bias}, trace["y"]);
  }
}

TEST(GroupNormalizationOperation, HasTheGradientsOfDifferences) {
  for (const int64_t groups : {0, 1, 2}) {
    for (const Shape& shape : {Shape{2, 3, 2, 4}, Shape{2, 5, 4}}) {
      const Graph graph = Of(GroupNormalizationOp{.groups = groups, .epsilon = 0.1}, {shape, {4}, {4}});
      ExpectGradientsMatchDifferences(graph, "y");
      // Deviations above 0.3: some ten roundings of numbers up to 6.
      ExpectFloatMatchesDouble(graph, "y", 256);
    }
  }
}

TEST(GroupNormalizationOperation, SumsManyPixelsInPieces) {
  const Graph graph = Of(GroupNormalizationOp{.groups = 2}, {{1, 90, 110, 4}, {4}, {4}});
  // Gradients of the parameters are sums of 10^4 products, whose errors grow with the root of that; they are compared
  // with their largest, which is some 50.
  ExpectFloatMatchesDouble(graph, "y", 256);
}

TEST(GroupNormalizationOperation, ReadsItsGroupOfItsSample) {
  const OperationPtr operation = GroupNormalizationOp{.groups = 2};
  const TensorType types[] = {{{2, 2, 4}}, {{4}}, {{4}}};
  const std::vector<InputReads> reads = operation->Reads(types);
  EXPECT_THAT(ElementsRead(reads[0], {2, 2, 4}, {2, 2, 4}, 10), ElementsAre(10, 11, 14, 15));
  EXPECT_THAT(ElementsRead(reads[1], {4}, {2, 2, 4}, 10), ElementsAre(2));
}

TEST(GroupNormalizationOperation, RefusesWhatHasNoGroups) {
  ExpectRefused(GroupNormalizationOp{.groups = 4}, {{1, 2, 6}, {6}, {6}}, "equal shares of the 6 channels");
  ExpectRefused(GroupNormalizationOp{.groups = -1}, {{1, 2, 6}, {6}, {6}}, "each channel alone");
  ExpectRefused(GroupNormalizationOp{}, {{1, 2, 6}, {5}, {6}}, "scale and bias are (6,)");
  ExpectRefused(GroupNormalizationOp{}, {{6}, {6}, {6}}, "samples, pixels and channels");
  ExpectRefused(GroupNormalizationOp{.epsilon = -1}, {{1, 6}, {6}, {6}}, "epsilon is 0 or more");
}

TEST(LpNormalizationOperation, DividesEachRunByItsNorm) {
  const auto through = [](const LpNormalizationOp& op, Tensor x) {
    return Trace(Model(Of(op, {x.shape()}), {}), {{"x0", Share(std::move(x))}})["y"].Clone();
  };
  EXPECT_THAT(through({}, Tensor::Of({2, 2}, {3, 4, 0, 0})).view().span(), ElementsAre(0.6f, 0.8f, 0, 0));
  EXPECT_THAT(through({.axis = 0, .p = 1}, Tensor::Of({2, 2}, {1, -2, -3, 6})).view().span(),
              ElementsAre(0.25f, -0.25f, -0.75f, 0.75f));
  const Tensor strange =
      through({}, Tensor::Of({3, 2}, {kNaN, 1, std::numeric_limits<float>::infinity(), 1, 1e-30f, 0}));
  EXPECT_TRUE(std::isnan(strange.data()[1]));
  EXPECT_TRUE(std::isnan(strange.data()[2]));
  EXPECT_EQ(strange.data()[3], 0);
  EXPECT_EQ(strange.data()[4], 1);
  Tensor large(Shape{2}, DType::kFloat64);
  large.data<double>()[0] = 3e200, large.data<double>()[1] = 4e200;
  const Graph graph = Of(LpNormalizationOp{}, {{2}}, DType::kFloat64);
  const Trace trace(Model(graph, {}), {{"x0", Share(std::move(large))}});
  EXPECT_NEAR(trace["y"].data<double>()[0], 0.6, 1e-15);
}

// Wherever it stands, and whatever stands beside it: a comparison with NaN is false in either order.
TEST(LpNormalizationOperation, OfARunWithANaNIsNaN) {
  const auto of = [](auto values, int64_t p) {
    using T = typename decltype(values)::value_type;
    const Shape shape{1, static_cast<int64_t>(values.size())};
    constexpr DType dtype = std::is_same_v<T, float> ? DType::kFloat32 : DType::kFloat64;
    Tensor x(shape, dtype);
    std::copy(values.begin(), values.end(), x.data<T>());
    const Trace trace(Model(Of(LpNormalizationOp{.p = p}, {shape}, dtype), {}), {{"x0", Share(std::move(x))}});
    const Tensor& y = trace["y"];
    return std::count_if(y.data<T>(), y.data<T>() + y.size(), [](T value) { return std::isnan(value); });
  };
  for (const int64_t p : {1, 2}) {
    for (const float other : {0.0f, 1.0f, 1e38f, 1e-40f}) {
      EXPECT_EQ(of(std::vector<float>{kNaN, other, other}, p), 3) << p << ' ' << other;
      EXPECT_EQ(of(std::vector<float>{other, kNaN, other}, p), 3) << p << ' ' << other;
      EXPECT_EQ(of(std::vector<float>{other, other, kNaN}, p), 3) << p << ' ' << other;
    }
    // Squares that overflow, or are lost, are scaled first.
    for (const double other : {1e300, 1e-300}) {
      EXPECT_EQ(of(std::vector<double>{other, std::nan(""), other}, p), 3) << p << ' ' << other;
      EXPECT_EQ(of(std::vector<double>{other, other, std::nan("")}, p), 3) << p << ' ' << other;
    }
  }
}

TEST(LpNormalizationOperation, HasTheGradientsOfDifferences) {
  for (const int64_t p : {1, 2}) {
    for (const int64_t axis : {0, 1, -1}) {
      const LpNormalizationOp op{.axis = axis, .p = p};
      ExpectGradientsMatchDifferences(Of(op, {{2, 3, 4}}), "y");
      // Norms above 0.1, everything in double and rounded once.
      ExpectFloatMatchesDouble(Of(op, {{2, 3, 4}}), "y", 64);
      const Tensor x = Noise({2, 3, 4}, 5);
      const Trace trace(Model(Of(op, {{2, 3, 4}}), {}), {{"x0", Share(x.Clone())}});
      ExpectExplained(op, {&x}, trace["y"]);
    }
  }
  ExpectRefused(LpNormalizationOp{.p = 3}, {{2, 3}}, "p is 1 or 2");
  ExpectRefused(LpNormalizationOp{.axis = 2}, {{2, 3}}, "-2 to 1");
}

// The average of powers, times how many there are, by the pool that there is.
TEST(LpPoolOperation, IsTheNormOfEachWindow) {
  const Shape shape = {2, 6, 5, 3};
  const Tensor x = Noise(shape, 7);
  for (const int64_t p : {1, 2, 3}) {
    const LpPoolOp op{.p = p, .sizes = {3, 2}, .strides = {2, 1}, .padding = {Padding::Same()}};
    const PoolOp pool{.kind = PoolKind::kAverage,
                      .sizes = {3, 2},
                      .strides = {2, 1},
                      .padding = {Padding::Same()},
                      .count_include_pad = true};
    Tensor powers(shape);
    for (int64_t i = 0; i < x.size(); ++i) {
      powers.data()[i] = static_cast<float>(std::pow(std::abs(x.data()[i]), static_cast<double>(p)));
    }
    const Trace trace(Model(Of(op, {shape}), {}), {{"x0", Share(x.Clone())}});
    const Trace means(Model(Of(pool, {shape}), {}), {{"x0", Share(std::move(powers))}});
    ASSERT_EQ(trace["y"].shape(), means["y"].shape());
    for (int64_t i = 0; i < trace["y"].size(); ++i) {
      const double expected = std::pow(6.0 * means["y"].data()[i], 1 / static_cast<double>(p));
      ASSERT_NEAR(trace["y"].data()[i], expected, 16 * 0x1p-24 * expected);
    }
    ExpectExplained(op, {&x}, trace["y"]);
    ExpectGradientsMatchDifferences(Of(op, {{1, 6, 5, 2}}), "y");
    // Norms above 0.01, whose powers and roots are of double.
    ExpectFloatMatchesDouble(Of(op, {{1, 6, 5, 17}}), "y", 64);
  }
  const Trace zero(Model(Of(LpPoolOp{}, {{1, 2, 1}}), {}), {{"x0", Share(Tensor::Zeros({1, 2, 1}))}});
  EXPECT_EQ(zero["y"].data()[0], 0);
  ExpectRefused(LpPoolOp{.p = 0}, {{1, 4, 4, 1}}, "p is 1 or more");
  ExpectRefused(LpPoolOp{.sizes = {5}}, {{1, 4, 4, 1}}, "rows");
}

Tensor Places(const OperationPtr& operation, const Tensor& x) {
  return Trace(Model(Of(operation, {x.shape()}, x.dtype()), {}), {{"x0", Share(x.Clone())}})["y"].Clone();
}

// The value at each place, counted with channels first, is the maximum.
TEST(MaxPoolIndicesOperation, NamesThePlaceOfEachMaximum) {
  const Shape shape = {2, 5, 4, 3};
  const Tensor x = Noise(shape, 9);
  for (const bool column_major : {false, true}) {
    const MaxPoolIndicesOp op{
        .sizes = {3, 2}, .strides = {2, 1}, .padding = {Padding::Same()}, .column_major = column_major};
    const PoolOp pool{.sizes = {3, 2}, .strides = {2, 1}, .padding = {Padding::Same()}};
    const Tensor places = Places(op, x), maxima = Places(pool, x);
    ASSERT_EQ(places.shape(), maxima.shape());
    for (int64_t i = 0; i < places.size(); ++i) {
      const int64_t index = places.data<int64_t>()[i], pixel = index % 20, channel = index / 20 % 3, n = index / 60;
      const int64_t row = column_major ? pixel % 5 : pixel / 4, column = column_major ? pixel / 5 : pixel % 4;
      EXPECT_EQ(x.data()[((n * 5 + row) * 4 + column) * 3 + channel], maxima.data()[i]);
      EXPECT_EQ(channel, i % 3);
      EXPECT_EQ(n, i / (maxima.size() / 2));
    }
  }
}

TEST(MaxPoolIndicesOperation, TakesTheFirstOfEqualsAndNaN) {
  EXPECT_THAT(
      Places(MaxPoolIndicesOp{.sizes = {3}}, Tensor::Of({1, 6, 1}, {1, 2, 2, 1, kNaN, kNaN})).view<int64_t>().span(),
      ElementsAre(1, 4));
  Tensor bytes(Shape{1, 3, 1}, DType::kUInt8);
  bytes.data<uint8_t>()[0] = 3, bytes.data<uint8_t>()[1] = 250, bytes.data<uint8_t>()[2] = 4;
  EXPECT_THAT(Places(MaxPoolIndicesOp{.sizes = {3}}, bytes).view<int64_t>().span(), ElementsAre(1));
  // Every element of a window with a dilation of 3 lies in the padding.
  const MaxPoolIndicesOp wide{.sizes = {2}, .strides = {1}, .dilations = {3}, .padding = {Padding::Explicit(1, 2)}};
  EXPECT_EQ(Places(wide, Tensor::Of({1, 1, 1}, {5})).data<int64_t>()[0], -1);
  EXPECT_THAT([] { Of(MaxPoolIndicesOp{}, {{1, 4, 1}}, DType::kBool); }, ThrowsMessage<Error>(HasSubstr("numbers")));
}

Graph Unpooling(const Shape& x, const std::vector<int64_t>& lengths, DType index_type = DType::kInt64) {
  GraphBuilder builder;
  builder.Input("x", {x});
  builder.Input("i", {x, index_type});
  builder.Add("y", MaxUnpoolOp{lengths}, {"x", "i"});
  return builder.Build();
}

SharedTensor Indices(const Shape& shape, const std::vector<int64_t>& values) {
  Tensor tensor(shape, DType::kInt64);
  std::copy(values.begin(), values.end(), tensor.data<int64_t>());
  return Share(std::move(tensor));
}

// ONNX' test_maxunpool_export_without_output_shape, of one channel and of two.
TEST(MaxUnpoolOperation, PutsValuesBackWhereTheyWere) {
  const Trace one(Model(Unpooling({1, 2, 2, 1}, {4, 4}), {}),
                  {{"x", Share(Tensor::Of({1, 2, 2, 1}, {1, 2, 3, 4}))}, {"i", Indices({1, 2, 2, 1}, {5, 7, 13, 15})}});
  EXPECT_THAT(one["y"].view().span(), ElementsAre(0, 0, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 0, 3, 0, 4));
  const Trace two(Model(Unpooling({2, 1, 2}, {2}), {}),
                  {{"x", Share(Tensor::Of({2, 1, 2}, {1, 2, 3, 4}))}, {"i", Indices({2, 1, 2}, {1, 2, 4, 7})}});
  EXPECT_THAT(two["y"].view().span(), ElementsAre(0, 2, 1, 0, 3, 0, 0, 4));
}

TEST(MaxUnpoolOperation, HasTheGradientsOfDifferences) {
  const Graph graph = Unpooling({1, 3, 2}, {4});
  // Two values share place 1 of channel 0: the second stays.
  const SharedTensor indices = Indices({1, 3, 2}, {1, 4, 1, 6, 0, 7});
  ExpectGradientsMatchDifferences(graph, "y", {{"i", indices}});
  ExpectFloatMatchesDouble(graph, "y", 4, {{"i", indices}});
}

TEST(MaxUnpoolOperation, RefusesPlacesPastTheOutput) {
  for (const int64_t index : {8, -1}) {
    EXPECT_THAT(
        [&] {
          Trace(Model(Unpooling({1, 1, 2}, {4}), {}),
                {{"x", Share(Tensor::Of({1, 1, 2}, {1, 2}))}, {"i", Indices({1, 1, 2}, {0, index})}});
        },
        ThrowsMessage<Error>(HasSubstr("0 to 7")));
  }
  EXPECT_THAT([] { Unpooling({1, 2, 2}, {4, 4}); }, ThrowsMessage<Error>(HasSubstr("[4, 4] for (1, 2, 2)")));
  EXPECT_THAT([] { Unpooling({1, 2, 2}, {4}, DType::kInt32); }, ThrowsMessage<Error>(HasSubstr("int64")));
}

}  // namespace
}  // namespace convscope
