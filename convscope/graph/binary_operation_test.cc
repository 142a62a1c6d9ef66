#include "convscope/graph/binary_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/internal/precision_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::ThrowsMessage;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

template <typename T, typename Out = T>
std::vector<Out> Of(BinaryKind kind, const std::vector<T>& a, const std::vector<T>& b) {
  const Shape shape_a{static_cast<int64_t>(a.size())}, shape_b{static_cast<int64_t>(b.size())};
  return ValuesOf<Out>(Computed(BinaryOp{kind}, {Share(TensorOf(shape_a, a)), Share(TensorOf(shape_b, b))})[0]);
}

const std::vector<BinaryKind> kArithmetic = {BinaryKind::kSubtract, BinaryKind::kDivide,  BinaryKind::kPower,
                                             BinaryKind::kMinimum,  BinaryKind::kMaximum, BinaryKind::kModulo,
                                             BinaryKind::kRemainder};
const std::vector<BinaryKind> kComparisons = {BinaryKind::kEqual, BinaryKind::kLess, BinaryKind::kLessOrEqual,
                                              BinaryKind::kGreater, BinaryKind::kGreaterOrEqual};

TEST(BinaryOperation, ComputesFloats) {
  const std::vector<float> a = {7, -7, 7, -7}, b = {2, 2, -2, -2};
  EXPECT_THAT(Of(BinaryKind::kSubtract, a, b), ElementsAre(5, -9, 9, -5));
  EXPECT_THAT(Of(BinaryKind::kDivide, a, b), ElementsAre(3.5f, -3.5f, -3.5f, 3.5f));
  EXPECT_THAT(Of(BinaryKind::kPower, a, b), ElementsAre(49, 49, 1.0f / 49, 1.0f / 49));
  EXPECT_THAT(Of(BinaryKind::kModulo, a, b), ElementsAre(1, 1, -1, -1));
  EXPECT_THAT(Of(BinaryKind::kRemainder, a, b), ElementsAre(1, -1, 1, -1));
  EXPECT_THAT(Of(BinaryKind::kMinimum, a, b), ElementsAre(2, -7, -2, -7));
  EXPECT_THAT(Of(BinaryKind::kMaximum, a, b), ElementsAre(7, 2, 7, -2));
}

// Nothing is divided by a length of 0; what is broadcast to nothing has a gradient of zeros, the empty sum.
TEST(BinaryOperation, OfEmptyTensorsHasEmptyResultsAndGradientsOfZeros) {
  for (const auto& [a, b] : {std::pair(Shape{0, 3}, Shape{1, 3}), std::pair(Shape{2, 0}, Shape{2, 1}),
                             std::pair(Shape{0}, Shape{1}), std::pair(Shape{2, 0, 3}, Shape{1, 1, 3})}) {
    for (const BinaryKind kind : {BinaryKind::kSubtract, BinaryKind::kDivide, BinaryKind::kMaximum}) {
      GraphBuilder builder;
      builder.Input("a", {a});
      builder.Input("b", {b});
      builder.Add("y", BinaryOp{kind}, {"a", "b"});
      const Model model(builder.Build(), {});
      const NamedTensors inputs = {
          {"a", Share(Tensor::Zeros(a))},
          {"b", Share(Tensor::Of(b, std::vector<float>(static_cast<size_t>(b.NumElements()), 2)))}};
      const Trace trace(model, inputs);
      EXPECT_EQ(trace["y"].size(), 0);
      const GradientTrace gradients(model, inputs, "y", Share(Tensor::Zeros(trace["y"].shape())));
      EXPECT_EQ(gradients["a"].shape(), a);
      ASSERT_EQ(gradients["b"].shape(), b);
      EXPECT_THAT(gradients["b"].view().span(), ::testing::Each(0)) << a.ToString() << ' ' << b.ToString();
    }
  }
}

TEST(BinaryOperation, ComputesIntegers) {
  constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
  const std::vector<int32_t> a = {7, -7, 7, -7, 5, kLeast}, b = {2, 2, -2, -2, 0, -1};
  EXPECT_THAT(Of(BinaryKind::kSubtract, a, b), ElementsAre(5, -9, 9, -5, 5, kLeast + 1));
  EXPECT_THAT(Of(BinaryKind::kDivide, a, b), ElementsAre(3, -3, -3, 3, 0, kLeast));
  EXPECT_THAT(Of(BinaryKind::kModulo, a, b), ElementsAre(1, 1, -1, -1, 0, 0));
  EXPECT_THAT(Of(BinaryKind::kRemainder, a, b), ElementsAre(1, -1, 1, -1, 0, 0));
  EXPECT_THAT(Of<int64_t>(BinaryKind::kPower, {3, -2, 2, -1, 1, 0, 2}, {4, 3, -1, -3, -2, 0, 64}),
              ElementsAre(81, -8, 0, -1, 1, 1, 0));
  EXPECT_THAT(Of<uint8_t>(BinaryKind::kSubtract, {3, 9}, {5, 2}), ElementsAre(254, 7));
  EXPECT_THAT(Of<int8_t>(BinaryKind::kDivide, {-128, 9}, {-1, 2}), ElementsAre(-128, 4));
  EXPECT_THAT(Of<int64_t>(BinaryKind::kMaximum, {1, 5}, {3}), ElementsAre(3, 5));
}

TEST(BinaryOperation, Compares) {
  const std::vector<float> a = {1, 2, 3, kNaN}, b = {2};
  const auto of = [&](BinaryKind kind) { return Of<float, bool>(kind, a, b); };
  EXPECT_THAT(of(BinaryKind::kEqual), ElementsAre(false, true, false, false));
  EXPECT_THAT(of(BinaryKind::kLess), ElementsAre(true, false, false, false));
  EXPECT_THAT(of(BinaryKind::kLessOrEqual), ElementsAre(true, true, false, false));
  EXPECT_THAT(of(BinaryKind::kGreater), ElementsAre(false, false, true, false));
  EXPECT_THAT(of(BinaryKind::kGreaterOrEqual), ElementsAre(false, true, true, false));
  // Neighbours that a double cannot tell apart.
  const int64_t large = (int64_t{1} << 53) + 1;
  EXPECT_THAT((Of<int64_t, bool>(BinaryKind::kEqual, {large}, {large - 1})), ElementsAre(false));
  EXPECT_THAT((Of<bool, bool>(BinaryKind::kEqual, {false, true}, {true})), ElementsAre(false, true));
}

TEST(BinaryOperation, KnowsLogic) {
  const std::vector<bool> a = {false, false, true, true}, b = {false, true, false, true};
  EXPECT_THAT(Of(BinaryKind::kAnd, a, b), ElementsAre(false, false, false, true));
  EXPECT_THAT(Of(BinaryKind::kOr, a, b), ElementsAre(false, true, true, true));
  EXPECT_THAT(Of(BinaryKind::kXor, a, b), ElementsAre(false, true, true, false));
}

TEST(BinaryOperation, NaNAndInfinityPass) {
  for (const BinaryKind kind : kArithmetic) {
    for (const float other : {0.5f, -kInf, kInf}) {
      EXPECT_THAT(Of<float>(kind, {kNaN}, {other}), ElementsAre(IsNan()));
      EXPECT_THAT(Of<float>(kind, {other}, {kNaN}), ElementsAre(IsNan()));
    }
  }
  EXPECT_THAT(Of<float>(BinaryKind::kDivide, {1, -1, 0}, {0}), ElementsAre(kInf, -kInf, IsNan()));
  EXPECT_THAT(Of<float>(BinaryKind::kMinimum, {-kInf, kInf}, {0}), ElementsAre(-kInf, 0));
  EXPECT_THAT(Of<float>(BinaryKind::kPower, {kInf, -kInf}, {2}), ElementsAre(kInf, kInf));
}

TEST(BinaryOperation, HasTheGradientsOfDifferences) {
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{2, 3}, {2, 3}}, {{2, 3, 4}, {4}}, {{4}, {2, 3, 4}}, {{1, 3, 1}, {2, 1, 4}}, {{}, {3}}};
  for (const BinaryKind kind : kArithmetic) {
    SCOPED_TRACE(OperationPtr(BinaryOp{kind})->type());
    for (const auto& [a, b] : shapes) {
      Random random(4, "binary");
      // Powers of what is positive; quotients that are no whole numbers, where a remainder jumps.
      const SharedTensor x = Share(DistinctNoise(a, random, 3.1, 3.9)), y = Share(DistinctNoise(b, random, 1.1, 1.5));
      const Graph graph = OneOperation(BinaryOp{kind}, {{a}, {b}});
      const bool orders = kind == BinaryKind::kMinimum || kind == BinaryKind::kMaximum;
      const NamedTensors given = orders ? NamedTensors{} : NamedTensors{{"x0", x}, {"x1", y}};
      if (orders && a.NumElements() != b.NumElements() && a.rank() != b.rank()) continue;  // two may be equal
      ExpectGradientsMatchDifferences(graph, "y0", given);
    }
  }
}

TEST(BinaryOperation, FloatsAreNearDoubles) {
  for (const BinaryKind kind : {BinaryKind::kSubtract, BinaryKind::kDivide, BinaryKind::kPower}) {
    // A power is within one unit in the last place of at most 3^3; its slope has a logarithm and a product more.
    ExpectFloatMatchesDouble(OneOperation(BinaryOp{kind}, {{{3, 40}}, {{40}}}), "y0", 32, {}, 0.5f, 3);
  }
}

TEST(BinaryOperation, GivesAGradientToOneOfTwoThatAreEqual) {
  for (const BinaryKind kind : {BinaryKind::kMinimum, BinaryKind::kMaximum}) {
    const Tensor one = Tensor::Of({1}, {1});
    const GradientTrace gradients(Model(OneOperation(BinaryOp{kind}, {{{1}}, {{1}}}), {}),
                                  {{"x0", Share(one.Clone())}, {"x1", Share(one.Clone())}}, "y0",
                                  Share(Tensor::Of({1}, {5})));
    EXPECT_EQ(gradients["x0"].data()[0], 5);
    EXPECT_EQ(gradients["x1"].data()[0], 0);
  }
}

TEST(BinaryOperation, ExplainsEveryElement) {
  const SharedTensor a = Share(Tensor::Of({2, 2}, {1.5f, -2, 3, kNaN})), b = Share(Tensor::Of({2}, {0.7f, 2}));
  const SharedTensor i = Share(TensorOf<int64_t>({2, 2}, {(int64_t{1} << 60) + 1, -7, 3, 0}));
  const SharedTensor k = Share(TensorOf<int64_t>({2}, {int64_t{1} << 60, 2}));
  for (const auto& kinds : {kArithmetic, kComparisons}) {
    for (const BinaryKind kind : kinds) {
      SCOPED_TRACE(OperationPtr(BinaryOp{kind})->type());
      ExpectExplained(BinaryOp{kind}, {a, b});
      if (kind != BinaryKind::kSubtract) ExpectExplained(BinaryOp{kind}, {i, k});  // a sum of doubles
    }
  }
  for (const BinaryKind kind : {BinaryKind::kAnd, BinaryKind::kOr, BinaryKind::kXor}) {
    ExpectExplained(BinaryOp{kind}, {Share(TensorOf<bool>({2, 2}, {false, true, false, true})),
                                     Share(TensorOf<bool>({2, 1}, {false, true}))});
  }
}

TEST(BinaryOperation, RefusesOtherTypesAndShapes) {
  const auto infer = [](BinaryKind kind, const std::vector<TensorType>& types) {
    return [=] { OperationPtr(BinaryOp{kind})->Infer(types); };
  };
  EXPECT_THAT(infer(BinaryKind::kAnd, {{{2}}, {{2}}}), ThrowsMessage<Error>(HasSubstr("bool")));
  EXPECT_THAT(infer(BinaryKind::kLess, {{{2}, DType::kBool}, {{2}, DType::kBool}}),
              ThrowsMessage<Error>(HasSubstr("float32")));
  EXPECT_THAT(infer(BinaryKind::kDivide, {{{2}}, {{2}, DType::kInt64}}),
              ThrowsMessage<Error>(HasSubstr("(2,) float32 and (2,) int64")));
  EXPECT_THAT(infer(BinaryKind::kDivide, {{{2}}, {{3}}}), ThrowsMessage<Error>(HasSubstr("(2,) and (3,)")));
  EXPECT_THAT(infer(BinaryKind::kDivide, {{{2}}}), ThrowsMessage<Error>(HasSubstr("2 inputs")));
}

}  // namespace
}  // namespace convscope
