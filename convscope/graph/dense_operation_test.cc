#include "convscope/graph/dense_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using FastRun = Run;  // inside a test, Run is a method of the test

Graph OneDense(const Shape& input, int64_t outputs, bool bias) {
  GraphBuilder builder;
  builder.Input("x", {input});
  builder.Parameter("kernel", {{input.back(), outputs}});
  std::vector<std::string> inputs = {"x", "kernel"};
  if (bias) {
    builder.Parameter("bias", {{outputs}});
    inputs.emplace_back("bias");
  }
  builder.Add("y", DenseOp{}, inputs);
  return builder.Build();
}

TEST(DenseOperationTest, IsTheProductPlusTheBias) {
  const Model model(OneDense({2, 3}, 2, true), {{"kernel", Share(Tensor::Of({3, 2}, {1, 2, 3, 4, 5, 6}))},
                                                {"bias", Share(Tensor::Of({2}, {10, 20}))}});
  const Trace trace(model, {{"x", Share(Tensor::Of({2, 3}, {1, 0, 0, 1, -1, 2}))}});
  EXPECT_THAT(trace["y"].view().span(), ElementsAre(11, 22, 18, 30));
  EXPECT_EQ(trace.reports()[0].multiply_adds, 2 * 3 * 2);
}

TEST(DenseOperationTest, GradientsMatchDifferences) {
  for (const Shape& input : {Shape{1, 1}, Shape{4, 7}, Shape{3, 2, 5}, Shape{6}}) {
    for (const int64_t outputs : {1, 3, 10}) {
      for (const bool bias : {false, true}) ExpectGradientsMatchDifferences(OneDense(input, outputs, bias), "y");
    }
  }
}

TEST(DenseOperationTest, FloatGradientsAreThoseInDouble) {
  // Rows that are split among pictures and rows that are not; sums of up to 130 products of factors up to 1.
  for (const int64_t rows : {1, 32, 67, 96, 128}) {
    ExpectFloatGradientsNearDouble(OneDense({rows, 130}, 23, true), "y", 130 * 130 * 0x1p-24);
  }
}

TEST(DenseOperationTest, ManyRowsGiveTheProductOfEach) {
  Random random(1, "rows");
  for (const int64_t rows : {1, 33, 64, 97, 640}) {
    Tensor x(Shape{rows, 20}), kernel(Shape{20, 9});
    for (float& value : x.view().span()) value = random.Uniform(-1, 1);
    for (float& value : kernel.view().span()) value = random.Uniform(-1, 1);
    std::vector<double> want(static_cast<size_t>(rows * 9));
    for (int64_t i = 0; i < rows * 9; ++i) {
      for (int64_t k = 0; k < 20; ++k) {
        want[i] += static_cast<double>(x.data()[i / 9 * 20 + k]) * static_cast<double>(kernel.data()[k * 9 + i % 9]);
      }
    }
    const Trace trace(Model(OneDense({rows, 20}, 9, false), {{"kernel", Share(std::move(kernel))}}),
                      {{"x", Share(std::move(x))}});
    for (int64_t i = 0; i < rows * 9; ++i) ASSERT_NEAR(trace["y"].data()[i], want[i], 21 * 20 * 0x1p-24) << i;
  }
}

TEST(DenseOperationTest, TakesItsActivationWithIt) {
  GraphBuilder builder(OneDense({4, 6}, 5, true));
  builder.Add("softmax", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"y"});
  FastRun run(Model(builder.Build(), {{"kernel", Share(Tensor::Zeros({6, 5}))}, {"bias", Share(Tensor::Zeros({5}))}}),
              {"softmax"});
  EXPECT_EQ(run.StepCount(), 1);
  run({{"x", Share(Tensor::Zeros({4, 6}))}});
  for (const float value : run["softmax"].view().span()) EXPECT_FLOAT_EQ(value, 0.2f);
}

TEST(DenseOperationTest, ErrorsNameTheRule) {
  GraphBuilder builder(OneDense({4, 6}, 5, false));
  builder.Input("wrong_kernel", {{5, 5}});
  builder.Input("wrong_bias", {{6}});
  EXPECT_THAT(
      [&] {
        builder.Add("z", DenseOp{}, {"x", "wrong_kernel"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("of an input (4, 6) is (6, O)"), HasSubstr("kernel (5, 5)"))));
  EXPECT_THAT(
      [&] {
        builder.Add("z", DenseOp{}, {"x", "kernel", "wrong_bias"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("one value an output, (5,)"), HasSubstr("received (6,)"))));
}

}  // namespace
}  // namespace convscope
