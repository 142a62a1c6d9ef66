#include "convscope/graph/conv_transpose_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

struct Case {
  ConvTransposeOp op;
  Shape input, kernel;
};

std::vector<Case> Cases() {
  return {
      {{}, {2, 3, 4, 2}, {3, 3, 5, 2}},
      {{.strides = {2}}, {1, 3, 4, 2}, {3, 3, 3, 2}},
      {{.strides = {3}}, {1, 3, 2, 1}, {2, 2, 2, 1}},  // the stride is longer than the kernel
      {{.strides = {2}, .padding = {Padding::Same()}}, {2, 3, 4, 2}, {3, 4, 3, 2}},
      {{.strides = {2}, .padding = {Padding::Same()}, .output_padding = {0}}, {1, 3, 4, 2}, {3, 3, 3, 2}},
      {{.strides = {2, 3}, .output_padding = {1, 2}}, {1, 3, 2, 2}, {2, 3, 3, 2}},
      {{.strides = {2}, .padding = {Padding::Explicit(1, 1)}, .output_padding = {1}}, {1, 4, 3, 2}, {3, 3, 1, 2}},
      {{.dilations = {2}, .padding = {Padding::Same()}}, {1, 4, 5, 2}, {3, 2, 2, 2}},
      {{.strides = {2}, .padding = {Padding::Same()}, .groups = 2}, {1, 3, 4, 4}, {3, 3, 3, 4}},
      {{.strides = {2}}, {2, 5, 3}, {4, 2, 3}},
      {{.strides = {1, 2, 2}, .padding = {Padding::Same()}}, {1, 2, 3, 2, 2}, {2, 3, 2, 2, 2}},
  };
}

Graph OneTranspose(const Case& one, bool bias) {
  GraphBuilder builder;
  builder.Input("x", {one.input});
  builder.Parameter("kernel", {one.kernel});
  std::vector<std::string> inputs = {"x", "kernel"};
  if (bias) {
    builder.Parameter("bias", {Shape{one.kernel.back(1) * one.op.groups}});
    inputs.emplace_back("bias");
  }
  builder.Add("y", one.op, inputs);
  return builder.Build();
}

TEST(ConvTransposeOperationTest, GradientsMatchDifferences) {
  for (const Case& one : Cases()) {
    for (const bool bias : {false, true}) ExpectGradientsMatchDifferences(OneTranspose(one, bias), "y");
  }
}

TEST(ConvTransposeOperationTest, FloatGradientsAreThoseInDouble) {
  for (const Case& one : Cases()) {
    // No sum here has more than 128 products of factors up to 1.
    ExpectFloatGradientsNearDouble(OneTranspose(one, true), "y", 128 * 128 * 0x1p-24);
  }
}

// A row of one channel through a row of weights.
std::vector<float> Laid(const ConvTransposeOp& op, std::initializer_list<float> x, std::initializer_list<float> kernel,
                        float bias = 0) {
  const Case one{op, {1, static_cast<int64_t>(x.size()), 1}, {static_cast<int64_t>(kernel.size()), 1, 1}};
  const Trace trace(Model(OneTranspose(one, true), {{"kernel", Share(Tensor::Of(one.kernel, kernel))},
                                                    {"bias", Share(Tensor::Of({1}, {bias}))}}),
                    {{"x", Share(Tensor::Of(one.input, x))}});
  const auto span = trace["y"].view().span();
  return {span.begin(), span.end()};
}

TEST(ConvTransposeOperationTest, LaysDownTheKernelAtEveryStep) {
  EXPECT_THAT(Laid({}, {1, 10}, {1, 2, 3}), ElementsAre(1, 12, 23, 30));
  EXPECT_THAT(Laid({.strides = {2}}, {1, 10}, {1, 2, 3}), ElementsAre(1, 2, 13, 20, 30));
  EXPECT_THAT(Laid({.dilations = {2}}, {1, 10}, {1, 2}), ElementsAre(1, 10, 2, 20));
  EXPECT_THAT(Laid({.strides = {3}}, {1, 10}, {1, 2}, 100), ElementsAre(101, 102, 100, 110, 120, 100));
}

TEST(ConvTransposeOperationTest, SameCropsTheOddPixelAtTheEnd) {
  EXPECT_THAT(Laid({.strides = {2}, .padding = {Padding::Same()}}, {1, 10}, {1, 2, 3}), ElementsAre(1, 2, 13, 20));
  EXPECT_THAT(Laid({.padding = {Padding::Same()}}, {1, 10, 100}, {1, 2, 3}), ElementsAre(12, 123, 230));
  EXPECT_THAT(Laid({.padding = {Padding::Same()}}, {1, 10, 100}, {1, 2}), ElementsAre(1, 12, 120));
}

int64_t Length(const ConvTransposeOp& op, int64_t in, int64_t size) {
  const OperationPtr operation = op;
  const std::vector<TensorType> types = {{{1, in, 1}}, {{size, 1, 1}}};
  return operation->Infer(types)[0].shape[1];
}

TEST(ConvTransposeOperationTest, LengthsFollowKerasAndOnnx) {
  const std::vector<Padding> same = {Padding::Same()}, explicit_one = {Padding::Explicit(1, 1)};
  EXPECT_EQ(Length({}, 7, 3), 9);
  EXPECT_EQ(Length({.strides = {2}}, 7, 3), 15);
  EXPECT_EQ(Length({.strides = {4}}, 7, 3), 28);
  EXPECT_EQ(Length({.strides = {2}, .dilations = {2}}, 7, 3), 17);
  EXPECT_EQ(Length({.strides = {2}, .padding = same}, 7, 3), 14);
  EXPECT_EQ(Length({.strides = {2}, .output_padding = {1}}, 7, 3), 16);
  EXPECT_EQ(Length({.strides = {2}, .padding = same, .output_padding = {0}}, 7, 3), 13);
  EXPECT_EQ(Length({.strides = {2}, .padding = same, .output_padding = {1}}, 7, 3), 14);
  EXPECT_EQ(Length({.strides = {2}, .padding = explicit_one}, 7, 3), 13);
  EXPECT_EQ(Length({.strides = {2}, .padding = explicit_one, .output_padding = {1}}, 7, 3), 14);
}

TEST(ConvTransposeOperationTest, TakesItsActivationWithIt) {
  GraphBuilder builder(OneTranspose(Cases()[1], true));
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"y"});
  Random random(1, "transpose");
  NamedTensors values;
  for (const GraphTensor& tensor : builder.graph().tensors()) {
    if (tensor.role == TensorRole::kComputed) continue;
    Tensor noise(tensor.type.shape);
    for (float& value : noise.view().span()) value = random.Uniform(-1, 1);
    values[tensor.name] = Share(std::move(noise));
  }
  const Model model(builder.Build(), {{"kernel", values["kernel"]}, {"bias", values["bias"]}});
  FastRun run(model, {"relu"});
  EXPECT_EQ(run.StepCount(), 1);
  run({{"x", values["x"]}});
  const Trace trace(model, {{"x", values["x"]}});
  for (int64_t i = 0; i < run["relu"].size(); ++i) EXPECT_EQ(run["relu"].data()[i], trace["relu"].data()[i]);
}

TEST(ConvTransposeOperationTest, ErrorsNameTheRule) {
  EXPECT_THAT([] { Length({.strides = {2}, .output_padding = {2}}, 7, 3); },
              ThrowsMessage<Error>(AllOf(HasSubstr("columns: a convolution leads from the output's length back"),
                                         HasSubstr("received an output of 17, which leads to 8"),
                                         HasSubstr("output_padding from 0 to below the stride"))));
  EXPECT_THAT([] { Length({.padding = {Padding::Explicit(5, 5)}}, 3, 3); }, ThrowsMessage<Error>(HasSubstr("-5")));
  const OperationPtr operation = ConvTransposeOp{.groups = 2};
  const auto infer = [&](Shape x, Shape kernel) {
    const std::vector<TensorType> types = {{x}, {kernel}};
    operation->Infer(types);
  };
  EXPECT_THAT(
      [&] {
        infer({1, 4, 4, 4}, {3, 3, 2, 3});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("last axis is the input's 4"), HasSubstr("kernel (3, 3, 2, 3)"))));
  EXPECT_THAT([&] { infer({1, 4, 4, 3}, {3, 3, 2, 3}); }, ThrowsMessage<Error>(HasSubstr("groups divides the 3")));
  EXPECT_THAT([&] { infer({1, 4, 4, 4}, {3, 2, 4}); }, ThrowsMessage<Error>(HasSubstr("has 2 spatial axes")));
}

}  // namespace
}  // namespace convscope
