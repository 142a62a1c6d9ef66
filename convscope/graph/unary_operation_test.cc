#include "convscope/graph/unary_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/internal/precision_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Case {
  UnaryKind kind;
  double (*function)(double);
  double low, high;  // where it is smooth
};

const std::vector<Case> kFunctions = {
    {UnaryKind::kAbs, [](double x) { return x < 0 ? -x : x; }, 0.1, 2},
    {UnaryKind::kNegative, [](double x) { return -x; }, -2, 2},
    {UnaryKind::kLog, [](double x) { return std::log(x); }, 0.3, 2},
    {UnaryKind::kSqrt, [](double x) { return std::sqrt(x); }, 0.3, 2},
    {UnaryKind::kReciprocal, [](double x) { return 1 / x; }, 0.5, 2},
    {UnaryKind::kErf, [](double x) { return std::erf(x); }, -2, 2},
    {UnaryKind::kSin, [](double x) { return std::sin(x); }, -4, 4},
    {UnaryKind::kCos, [](double x) { return std::cos(x); }, -4, 4},
    {UnaryKind::kTan, [](double x) { return std::tan(x); }, -1, 1},
    {UnaryKind::kAsin, [](double x) { return std::asin(x); }, -0.8, 0.8},
    {UnaryKind::kAcos, [](double x) { return std::acos(x); }, -0.8, 0.8},
    {UnaryKind::kAtan, [](double x) { return std::atan(x); }, -3, 3},
    {UnaryKind::kSinh, [](double x) { return std::sinh(x); }, -2, 2},
    {UnaryKind::kCosh, [](double x) { return std::cosh(x); }, -2, 2},
    {UnaryKind::kAsinh, [](double x) { return std::asinh(x); }, -3, 3},
    {UnaryKind::kAcosh, [](double x) { return std::acosh(x); }, 1.3, 3},
    {UnaryKind::kAtanh, [](double x) { return std::atanh(x); }, -0.8, 0.8},
};

TEST(UnaryOperation, ComputesWhatItIsCalled) {
  for (const Case& test : kFunctions) {
    SCOPED_TRACE(OperationPtr(UnaryOp{test.kind})->type());
    Random random(1, "unary");
    const SharedTensor x = Share(DistinctNoise({5, 7}, random, test.low, test.high));
    const std::vector<Tensor> y = Computed(UnaryOp{test.kind}, {x});
    for (int64_t i = 0; i < x->size(); ++i) {
      EXPECT_DOUBLE_EQ(y[0].data<double>()[i], test.function(x->data<double>()[i]));
    }
  }
}

TEST(UnaryOperation, HasTheGradientsOfDifferences) {
  for (const Case& test : kFunctions) {
    SCOPED_TRACE(OperationPtr(UnaryOp{test.kind})->type());
    const Graph graph = OneOperation(UnaryOp{test.kind}, {{{3, 5}}});
    ExpectGradientsMatchDifferences(graph, "y0", {}, test.low, test.high);
    // Values and slopes are at most 12 here, two units in the last place off; a slope squares one and divides.
    ExpectFloatMatchesDouble(graph, "y0", 24, {}, static_cast<float>(test.low), static_cast<float>(test.high));
  }
  for (const UnaryKind kind : {UnaryKind::kSign, UnaryKind::kFloor, UnaryKind::kCeil, UnaryKind::kRound}) {
    const GradientTrace gradients(Model(OneOperation(UnaryOp{kind}, {{{1}}}), {}),
                                  {{"x0", Share(Tensor::Of({1}, {1.3f}))}}, "y0", Share(Tensor::Of({1}, {1})));
    EXPECT_FALSE(gradients.Has("x0"));
  }
}

std::vector<float> Of(UnaryKind kind, const std::vector<float>& x) {
  return ValuesOf<float>(Computed(UnaryOp{kind}, {Share(TensorOf({static_cast<int64_t>(x.size())}, x))})[0]);
}

TEST(UnaryOperation, RoundsAndTellsSigns) {
  const std::vector<float> x = {-2.5f, -1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 2.6f, kInf};
  EXPECT_THAT(Of(UnaryKind::kRound, x), ElementsAre(-2, -2, 0, 0, 2, 2, 3, kInf));
  EXPECT_THAT(Of(UnaryKind::kFloor, x), ElementsAre(-3, -2, -1, 0, 1, 2, 2, kInf));
  EXPECT_THAT(Of(UnaryKind::kCeil, x), ElementsAre(-2, -1, 0, 1, 2, 3, 3, kInf));
  EXPECT_THAT(Of(UnaryKind::kSign, {-kInf, -2, 0, 3, kInf}), ElementsAre(-1, -1, 0, 1, 1));
}

TEST(UnaryOperation, KnowsIntegersAndBools) {
  constexpr int32_t kLeast = std::numeric_limits<int32_t>::min();
  const SharedTensor x = Share(TensorOf<int32_t>({4}, {-3, 0, 5, kLeast}));
  const auto of = [&](UnaryKind kind) { return ValuesOf<int32_t>(Computed(UnaryOp{kind}, {x})[0]); };
  EXPECT_THAT(of(UnaryKind::kAbs), ElementsAre(3, 0, 5, kLeast));
  EXPECT_THAT(of(UnaryKind::kNegative), ElementsAre(3, 0, -5, kLeast));
  EXPECT_THAT(of(UnaryKind::kSign), ElementsAre(-1, 0, 1, -1));
  const SharedTensor bytes = Share(TensorOf<uint8_t>({2}, {0, 200}));
  EXPECT_THAT(ValuesOf<uint8_t>(Computed(UnaryOp{UnaryKind::kAbs}, {bytes})[0]), ElementsAre(0, 200));
  EXPECT_THAT(ValuesOf<uint8_t>(Computed(UnaryOp{UnaryKind::kSign}, {bytes})[0]), ElementsAre(0, 1));
  const SharedTensor flags = Share(TensorOf<bool>({2}, {false, true}));
  EXPECT_THAT(ValuesOf<bool>(Computed(UnaryOp{UnaryKind::kNot}, {flags})[0]), ElementsAre(true, false));
}

TEST(UnaryOperation, NaNAndInfinityPass) {
  for (const Case& test : kFunctions) {
    EXPECT_TRUE(std::isnan(Of(test.kind, {kNaN})[0])) << OperationPtr(UnaryOp{test.kind})->type();
  }
  for (const UnaryKind kind : {UnaryKind::kSign, UnaryKind::kFloor, UnaryKind::kCeil, UnaryKind::kRound}) {
    EXPECT_TRUE(std::isnan(Of(kind, {kNaN})[0]));
  }
  EXPECT_THAT(Of(UnaryKind::kLog, {0, kInf}), ElementsAre(-kInf, kInf));
  EXPECT_TRUE(std::isnan(Of(UnaryKind::kSqrt, {-1})[0]));
  EXPECT_THAT(Of(UnaryKind::kReciprocal, {0, -kInf}), ElementsAre(kInf, -0.0f));
  const SharedTensor x = Share(Tensor::Of({4}, {1, kNaN, -kInf, kInf}));
  EXPECT_THAT(ValuesOf<bool>(Computed(UnaryOp{UnaryKind::kIsNaN}, {x})[0]), ElementsAre(false, true, false, false));
  EXPECT_THAT(ValuesOf<bool>(Computed(UnaryOp{UnaryKind::kIsInf}, {x})[0]), ElementsAre(false, false, true, true));
}

TEST(UnaryOperation, ExplainsEveryElement) {
  for (int kind = 0; kind <= static_cast<int>(UnaryKind::kIsInf); ++kind) {
    const UnaryOp op{static_cast<UnaryKind>(kind)};
    SCOPED_TRACE(OperationPtr(op)->type());
    if (op.kind == UnaryKind::kNot) {
      ExpectExplained(op, {Share(TensorOf<bool>({2}, {false, true}))});
    } else {
      ExpectExplained(op, {Share(Tensor::Of({8}, {0.3f, -0.7f, 1.5f, 2.5f, 0, kNaN, kInf, -kInf}))});
    }
  }
  ExpectExplained(UnaryOp{UnaryKind::kAbs}, {Share(TensorOf<int8_t>({2}, {-5, 6}))});
}

TEST(UnaryOperation, RefusesOtherTypes) {
  const auto infer = [](UnaryKind kind, DType dtype) {
    return [=] { OperationPtr(UnaryOp{kind})->Infer(std::vector<TensorType>{{{2}, dtype}}); };
  };
  EXPECT_THAT(infer(UnaryKind::kLog, DType::kInt32), ThrowsMessage<Error>(HasSubstr("(2,) int32")));
  EXPECT_THAT(infer(UnaryKind::kNot, DType::kFloat32), ThrowsMessage<Error>(HasSubstr("bool")));
  EXPECT_THAT(infer(UnaryKind::kAbs, DType::kBool), ThrowsMessage<Error>(HasSubstr("(2,) bool")));
}

}  // namespace
}  // namespace convscope
