#include "convscope/graph/reduce_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/internal/reduced_shape.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsNan;
using ::testing::ThrowsMessage;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

const std::vector<ReduceKind> kKinds = {
    ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax,    ReduceKind::kMin,       ReduceKind::kProduct,
    ReduceKind::kL1,  ReduceKind::kL2,   ReduceKind::kLogSum, ReduceKind::kLogSumExp, ReduceKind::kSumSquare};

// Straight from the definition.
double Reduced(ReduceKind kind, const std::vector<double>& x) {
  double sum = 0, product = 1, most = x[0], least = x[0], size = 0, squares = 0, powers = 0;
  for (const double value : x) {
    sum += value;
    product *= value;
    most = std::max(most, value);
    least = std::min(least, value);
    size += std::abs(value);
    squares += value * value;
    powers += std::exp(value);
  }
  const double all[] = {sum,
                        sum / static_cast<double>(x.size()),
                        most,
                        least,
                        product,
                        size,
                        std::sqrt(squares),
                        std::log(sum),
                        std::log(powers),
                        squares};
  return all[static_cast<size_t>(kind)];
}

TEST(ReduceOperation, IsWhatItIsCalledAlongAnyAxes) {
  Random random(1, "reduce");
  const Shape shape{3, 4, 5, 2};
  const SharedTensor x = Share(DistinctNoise(shape, random, 0.2, 1.7));
  for (const ReduceKind kind : kKinds) {
    for (int axes = 0; axes < 16; ++axes) {
      ReduceOp op{.kind = kind};
      for (int axis = 0; axis < 4; ++axis) {
        if ((axes >> axis & 1) != 0) op.axes.push_back(axis);
      }
      SCOPED_TRACE(std::string(OperationPtr(op)->type()) + " " + std::to_string(axes));
      const std::vector<bool> reduced = ReducedAxes(op.axes, shape);
      for (const bool keep : {true, false}) {
        op.keep_axes = keep;
        const std::vector<Tensor> y = Computed(op, {x});
        EXPECT_EQ(y[0].shape(), ReducedShape(shape, reduced, keep));
        for (int64_t i = 0; i < y[0].size(); ++i) {
          std::vector<double> values;
          for (const int64_t from : ElementsReduced(shape, reduced, i)) values.push_back(x->data<double>()[from]);
          const double want = Reduced(kind, values);
          // Of 120 positive terms; a logarithm may be near 0.
          EXPECT_NEAR(y[0].data<double>()[i], want, 125 * 0x1p-53 * std::max(std::abs(want), 1.0));
        }
      }
    }
  }
}

TEST(ReduceOperation, HasTheGradientsOfDifferences) {
  for (const ReduceKind kind : kKinds) {
    for (const std::vector<int64_t>& axes : std::vector<std::vector<int64_t>>{{1}, {-1}, {0, 2}, {0, 1, 2}, {}}) {
      for (const bool keep : {true, false}) {
        const Graph graph = OneOperation(ReduceOp{kind, axes, keep}, {{{2, 3, 4}}});
        SCOPED_TRACE(graph.nodes()[0].operation->type());
        ExpectGradientsMatchDifferences(graph, "y0", {}, 0.4, 1.6);
        // All is computed in double and rounded once; the gradient reads a rounded result, of at most 38.
        ExpectFloatMatchesDouble(graph, "y0", 64, {}, 0.4f, 1.6f);
      }
    }
  }
}

TEST(ReduceOperation, ManyValuesAndManyResultsGoThroughPieces) {
  for (const auto& [shape, axes] : std::vector<std::pair<Shape, std::vector<int64_t>>>{
           {{2, 40, 41, 33}, {1, 2}}, {{3, 700}, {0}}, {{70000}, {0}}, {{300, 301}, {1}}, {{2, 30, 4, 50}, {1, 3}}}) {
    for (const ReduceKind kind : {ReduceKind::kSum, ReduceKind::kMean, ReduceKind::kMax, ReduceKind::kLogSumExp}) {
      // Sums are in double and rounded once; the noise of a sum cancels, so that it is small beside its terms.
      ExpectFloatMatchesDouble(OneOperation(ReduceOp{kind, axes}, {{shape}}), "y0", 16);
    }
  }
}

template <typename T>
std::vector<T> Of(ReduceKind kind, const std::vector<T>& x) {
  return ValuesOf<T>(Computed(ReduceOp{kind, {0}}, {Share(TensorOf({static_cast<int64_t>(x.size())}, x))})[0]);
}

TEST(ReduceOperation, ReducesIntegers) {
  EXPECT_THAT(Of<int32_t>(ReduceKind::kSum, {5, -7, 4}), ElementsAre(2));
  EXPECT_THAT(Of<int32_t>(ReduceKind::kMean, {5, -7, -5}), ElementsAre(-2));
  EXPECT_THAT(Of<int64_t>(ReduceKind::kMax, {5, -7, 4}), ElementsAre(5));
  EXPECT_THAT(Of<uint8_t>(ReduceKind::kMin, {5, 200}), ElementsAre(5));
  EXPECT_THAT(Of<int8_t>(ReduceKind::kProduct, {50, -7}), ElementsAre(static_cast<int8_t>(-350)));
  EXPECT_THAT(Of<int32_t>(ReduceKind::kL1, {5, -7}), ElementsAre(12));
  EXPECT_THAT(Of<int32_t>(ReduceKind::kL2, {3, -4}), ElementsAre(5));
  EXPECT_THAT(Of<int32_t>(ReduceKind::kSumSquare, {3, -4}), ElementsAre(25));
}

TEST(ReduceOperation, NaNAndInfinityPass) {
  for (const ReduceKind kind : kKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    EXPECT_THAT(Of<float>(kind, {1, kNaN, 2}), ElementsAre(IsNan()));
    EXPECT_THAT(Of<float>(kind, {kNaN, 1, 2}), ElementsAre(IsNan()));
    EXPECT_THAT(Of<float>(kind, {1, kInf, kInf, 2}), ElementsAre(kind == ReduceKind::kMin ? 1 : kInf));
    // Side by side too.
    const std::vector<Tensor> y = Computed(ReduceOp{kind, {0}}, {Share(Tensor::Of({2, 2}, {1, kNaN, 1, 1}))});
    EXPECT_FALSE(std::isnan(y[0].data()[0]));
    EXPECT_TRUE(std::isnan(y[0].data()[1]));
  }
  EXPECT_THAT(Of<float>(ReduceKind::kLogSumExp, {-kInf, -kInf}), ElementsAre(-kInf));
  EXPECT_THAT(Of<float>(ReduceKind::kLogSumExp, {1000, 1000}), ElementsAre(1000 + std::log(2.0f)));
}

TEST(ReduceOperation, OfNothingIsWhatAddsNothing) {
  const float none[] = {0, kNaN, -kInf, kInf, 1, 0, 0, -kInf, -kInf, 0};
  for (const ReduceKind kind : kKinds) {
    const std::vector<Tensor> y = Computed(ReduceOp{kind, {1}}, {Share(Tensor(Shape{2, 0, 3}))});
    ASSERT_EQ(y[0].shape(), (Shape{2, 1, 3}));
    for (const float value : y[0].view().span()) {
      const float want = none[static_cast<size_t>(kind)];
      EXPECT_TRUE(value == want || (std::isnan(want) && std::isnan(value))) << static_cast<int>(kind);
    }
  }
}

std::vector<float> Gradient(ReduceKind kind, std::initializer_list<float> x) {
  const Shape shape{static_cast<int64_t>(x.size())};
  const GradientTrace gradients(Model(OneOperation(ReduceOp{kind, {0}}, {{shape}}), {}),
                                {{"x0", Share(Tensor::Of(shape, x))}}, "y0", Share(Tensor::Of({1}, {6})));
  return ValuesOf<float>(gradients["x0"]);
}

TEST(ReduceOperation, SharesAndKeepsGradientsWhereValuesMeet) {
  EXPECT_THAT(Gradient(ReduceKind::kMax, {1, 3, 3}), ElementsAre(0, 3, 3));
  EXPECT_THAT(Gradient(ReduceKind::kMin, {1, 3, 3}), ElementsAre(6, 0, 0));
  EXPECT_THAT(Gradient(ReduceKind::kProduct, {2, 0, 5}), ElementsAre(0, 60, 0));
  EXPECT_THAT(Gradient(ReduceKind::kProduct, {0, 0, 5}), ElementsAre(0, 0, 0));
  EXPECT_THAT(Gradient(ReduceKind::kL2, {0, 0}), ElementsAre(0, 0));
}

TEST(ReduceOperation, ExplainsEveryElement) {
  Random random(2, "reduce");
  Tensor x(Shape{3, 4, 5});
  for (float& value : x.view().span()) value = random.Uniform(0.1f, 2);
  x.data()[17] = kNaN;
  const SharedTensor shared = Share(std::move(x));
  for (const ReduceKind kind : kKinds) {
    SCOPED_TRACE(static_cast<int>(kind));
    for (const bool keep : {true, false}) {
      ExpectExplained(ReduceOp{kind, {0, -1}, keep}, {shared});
      ExpectExplained(ReduceOp{kind, {}, keep}, {shared});
    }
    if (kind != ReduceKind::kLogSum && kind != ReduceKind::kLogSumExp) {
      ExpectExplained(ReduceOp{kind, {1}}, {Share(TensorOf<int8_t>({2, 3}, {100, 90, -7, 3, 2, 0}))});
    }
  }
}

TEST(ReduceOperation, RefusesAxesThatAreNotThere) {
  const auto infer = [](const std::vector<int64_t>& axes, DType dtype = DType::kFloat32) {
    return [=] { OperationPtr(ReduceOp{ReduceKind::kLogSum, axes})->Infer(std::vector<TensorType>{{{2, 3}, dtype}}); };
  };
  EXPECT_THAT(infer({2}), ThrowsMessage<Error>(HasSubstr("-2 to 1; received 2")));
  EXPECT_THAT(infer({1, -1}), ThrowsMessage<Error>(HasSubstr("axis 1 of (2, 3) again")));
  EXPECT_THAT(infer({0}, DType::kInt32), ThrowsMessage<Error>(HasSubstr("int32")));
}

}  // namespace
}  // namespace convscope
