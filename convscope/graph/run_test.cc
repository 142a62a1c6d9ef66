#include "convscope/graph/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using FastRun = Run;  // inside a test, Run is a method of the test

Tensor Noise(Shape shape, Random& random) {
  Tensor tensor(shape);
  for (float& value : tensor.view().span()) value = random.Uniform(-1, 1);
  return tensor;
}

bool SameBits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<size_t>(a.SizeInBytes())) == 0;
}

Model ConvReluPool(int64_t channels) {
  GraphBuilder builder;
  builder.Input("input", {{1, 16, 16, channels}});
  builder.Parameter("kernel", {{3, 3, channels, 8}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "kernel"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv"});
  builder.Add("pool", PoolOp{}, {"relu"});
  Random random(1, "kernel");
  return Model(builder.Build(), {{"kernel", Share(Noise({3, 3, channels, 8}, random))}});
}

TEST(RunTest, FusesAnActivationIntoTheConvolutionUnlessSomebodyLooksInBetween) {
  const Model model = ConvReluPool(3);
  EXPECT_EQ(FastRun(model, {"pool"}).StepCount(), 2);
  EXPECT_EQ(FastRun(model, {"relu"}).StepCount(), 1);
  EXPECT_EQ(FastRun(model, {"pool", "conv"}).StepCount(), 3);
}

// A convolution as large as pools are fused with, in few products (16 channels) or in as many as the definition has.
Model LargeConvReluPool(int64_t channels, bool sums) {
  GraphBuilder builder;
  builder.Input("input", {{2, 64, 64, channels}});
  builder.Parameter("kernel", {{3, 3, channels, 64}});
  builder.Parameter("other", {{2, 64, 64, 64}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "kernel"});
  if (sums) builder.Add("sum", AddOp{}, {"conv", "other"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {sums ? "sum" : "conv"});
  builder.Add("pool", PoolOp{.sizes = {3}, .strides = {2}, .padding = {Padding::Same()}}, {"relu"});
  Random random(6, "kernel");
  return Model(builder.Build(), {{"kernel", Share(Noise({3, 3, channels, 64}, random))},
                                 {"other", Share(Noise({2, 64, 64, 64}, random))}});
}

TEST(RunTest, FusesAPoolIntoALargeConvolutionUnlessSomebodyLooksInBetween) {
  for (const int64_t channels : {3, 16}) {
    for (const bool sums : {false, true}) {
      SCOPED_TRACE(Concat(channels, " channels, sums ", sums));
      const Model model = LargeConvReluPool(channels, sums);
      Random random(7, "input");
      const NamedTensors inputs = {{"input", Share(Noise({2, 64, 64, channels}, random))}};
      FastRun fused(model, {"pool"}), seen(model, {"pool", "relu"});
      // A term that lies beside the convolution's own output is added there.
      EXPECT_EQ(fused.StepCount(), sums ? 2 : 1);
      EXPECT_EQ(seen.StepCount(), 2);
      if (!sums) {
        EXPECT_EQ(fused.WorkspaceBytes(), 0);
        EXPECT_THAT(fused.Steps()[0].fused, ::testing::ElementsAre("Relu", "MaxPool"));
      }
      EXPECT_EQ(fused.Steps()[0].path, channels == 16 ? "winograd" : "tile");
      fused(inputs);
      seen(inputs);
      EXPECT_TRUE(SameBits(fused["pool"], seen["pool"]));
    }
  }
}

// A residual block: convolution, sum with what came in, activation.
Model Residual() {
  GraphBuilder builder;
  builder.Input("input", {{1, 40, 9, 8}});
  builder.Parameter("kernel", {{3, 3, 8, 8}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "kernel"});
  builder.Add("sum", AddOp{}, {"conv", "input"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"sum"});
  Random random(4, "kernel");
  return Model(builder.Build(), {{"kernel", Share(Noise({3, 3, 8, 8}, random))}});
}

TEST(RunTest, FusesAChainUpToWhatSomebodyLooksAt) {
  const Model model = Residual();
  Random random(5, "input");
  const NamedTensors inputs = {{"input", Share(Noise({1, 40, 9, 8}, random))}};
  const Trace trace(model, inputs);
  const std::vector<std::pair<std::vector<std::string>, int>> cases = {
      {{"relu"}, 1}, {{"relu", "sum"}, 2}, {{"relu", "conv"}, 3}, {{"relu", "conv", "sum"}, 3}, {{"conv"}, 1}};
  for (const auto& [outputs, steps] : cases) {
    FastRun run(model, outputs);
    EXPECT_EQ(run.StepCount(), steps);
    run(inputs);
    for (const std::string& name : outputs) EXPECT_TRUE(SameBits(run[name], trace[name])) << name;
  }
}

// Winograd's sums differ from those of the definition by what winograd_test.cc bounds; between two ways that both err
// by some units of 2^-24 of the largest value, a thousand of them tell a mistake from rounding.
TEST(RunTest, TakesFewerMultiplicationsWhereTraceSumsWhatTheDefinitionSums) {
  Random random(6, "fast");
  GraphBuilder builder;
  builder.Input("input", {{1, 15, 14, 64}});
  builder.Parameter("kernel", {{3, 3, 64, 80}});
  builder.Parameter("bias", {{80}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "kernel", "bias"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv"});
  const Model model(builder.Build(),
                    {{"kernel", Share(Noise({3, 3, 64, 80}, random))}, {"bias", Share(Noise({80}, random))}});
  const NamedTensors inputs = {{"input", Share(Noise({1, 15, 14, 64}, random))}};
  const Trace trace(model, inputs);
  EXPECT_EQ(trace.reports()[0].path, "tile");
  FastRun run(model, {"relu"});
  ASSERT_EQ(run.StepCount(), 1);
  EXPECT_EQ(run.Steps()[0].path, "winograd");
  run(inputs);
  float largest = 0;
  for (const float value : trace["relu"].view().span()) largest = std::max(largest, value);
  for (int64_t i = 0; i < trace["relu"].size(); ++i) {
    ASSERT_NEAR(run["relu"].data()[i], trace["relu"].data()[i], 1000 * 0x1p-24 * largest) << i;
  }
}

TEST(RunTest, KeepsToTheDefinitionWhereWinogradsSumsOfWeightsWouldOverflow) {
  GraphBuilder builder;
  builder.Input("input", {{1, 15, 14, 64}});
  builder.Parameter("kernel", {{3, 3, 64, 80}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"input", "kernel"});
  Tensor kernel(Shape{3, 3, 64, 80});
  std::fill_n(kernel.data(), kernel.size(), 3e38f);
  EXPECT_EQ(FastRun(Model(builder.Build(), {{"kernel", Share(std::move(kernel))}}), {"conv"}).Steps()[0].path, "tile");
}

// Two blocks of a residual network, in which sums and activations are fused and one convolution is Winograd's.
Model Blocks(int64_t batch) {
  GraphBuilder builder;
  builder.Input("input", {{batch, 30, 29, 64}});
  NamedTensors parameters;
  Random random(8, "kernels");
  std::string last = "input";
  for (const char* block : {"a", "b"}) {
    const std::string name = block;
    const int64_t size = name == "a" ? 3 : 1;
    builder.Parameter(name + "/kernel", {{size, size, 64, 64}});
    parameters[name + "/kernel"] = Share(Noise({size, size, 64, 64}, random));
    builder.Add(name + "/conv", ConvOp{.padding = {Padding::Same()}}, {last, name + "/kernel"});
    builder.Add(name + "/sum", AddOp{}, {name + "/conv", last});
    builder.Add(name, ActivationOp{MakeActivation(ActivationKind::kRelu)}, {name + "/sum"});
    last = name;
  }
  return Model(builder.Build(), parameters);
}

TEST(RunTest, APictureHasTheSameBitsInEveryBatchAndOnAnyNumberOfThreads) {
  Random random(9, "input");
  const Tensor pictures = Noise({3, 30, 29, 64}, random);
  const int64_t sample = pictures.size() / 3;
  Tensor last(Shape{1, 30, 29, 64});
  std::copy_n(pictures.data() + 2 * sample, sample, last.data());
  SetThreadCount(1);
  FastRun alone(Blocks(1), {"b"});
  ASSERT_EQ(alone.StepCount(), 2);
  ASSERT_EQ(alone.Steps()[0].path, "winograd");
  alone({{"input", Share(std::move(last))}});
  const NamedTensors batch = {{"input", Share(pictures.Clone())}};
  for (const int threads : {1, 3, 7}) {
    SetThreadCount(threads);
    FastRun run(Blocks(3), {"b"});
    run(batch);
    EXPECT_EQ(std::memcmp(run["b"].data() + 2 * sample, alone["b"].data(), sizeof(float) * sample), 0) << threads;
  }
  SetThreadCount(0);
}

TEST(RunTest, ANodesNameStandsForItsFirstOutput) {
  GraphBuilder builder;
  builder.Input("input", {{1, 2}});
  builder.Add("/relu/Relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"input"}, {"relu_output_0"});
  FastRun run(Model(builder.Build(), {}), {"/relu/Relu"});
  run({{"input", Share(Tensor::Of({1, 2}, {-1, 2}))}});
  EXPECT_THAT(run["/relu/Relu"].view().span(), ::testing::ElementsAre(0, 2));
  EXPECT_THAT(run["relu_output_0"].view().span(), ::testing::ElementsAre(0, 2));
}

TEST(RunTest, TellsItsStepsAndTimesEach) {
  FastRun run(Residual(), {"relu"});
  const std::vector<RunStep> steps = run.Steps();
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].node, "conv");
  EXPECT_EQ(steps[0].type, "Conv");
  EXPECT_THAT(steps[0].fused, ::testing::ElementsAre("Add", "Relu"));
  EXPECT_NE(steps[0].path, "");
  EXPECT_EQ(steps[0].multiply_adds, 40 * 9 * 8 * 72);
  EXPECT_EQ(run.Timed({{"input", Share(Tensor::Zeros({1, 40, 9, 8}))}}).size(), 1u);
  EXPECT_EQ(run["relu"].shape(), (Shape{1, 40, 9, 8}));
}

TEST(RunTest, TensorsWhoseLivesDoNotOverlapShareMemory) {
  GraphBuilder builder;
  builder.Input("input", {{1, 64, 64, 1}});
  std::string last = "input";
  for (int i = 0; i < 10; ++i) {
    const std::string name = Concat("pool_", i);
    builder.Add(name, PoolOp{.sizes = {3}, .strides = {1}, .padding = {Padding::Same()}}, {last});
    last = name;
  }
  const Model model(builder.Build(), {});
  // Nine tensors in between, of which two live at a time.
  EXPECT_EQ(FastRun(model, {last}).WorkspaceBytes(), 2 * 64 * 64 * 4);
}

TEST(RunTest, LeavesOutWhatNoOutputNeeds) {
  const Model model = ConvReluPool(1);
  EXPECT_EQ(FastRun(model, {"conv"}).StepCount(), 1);
  EXPECT_EQ(FastRun(model, {"conv"}).WorkspaceBytes(), 0);
}

// A chain of convolution, tanh and pool with reshapes in between, or, for comparison, none: the second convolution's
// kernel is a view of a parameter, the first tanh reads a view of a view, and one that nobody shapes comes last.
struct ViewChain {
  Model model;
  NamedTensors inputs;
};

ViewChain MakeViewChain(bool views) {
  GraphBuilder builder;
  const auto shaped = [&](const std::string& from, const std::string& name, std::vector<int64_t> shape) {
    if (!views) return from;
    builder.Add(name, ReshapeOp{std::move(shape)}, {from});
    return name;
  };
  Random random(5, "views");
  const std::vector<int64_t> flat = {2, -1}, picture = {2, 12, 12, 3};
  builder.Input("input", {views ? Shape{2, 432} : Shape{2, 12, 12, 3}});
  builder.Parameter("kernel", {views ? Shape{27, 3} : Shape{3, 3, 3, 3}});
  const std::string pixels = shaped("input", "pixels", picture);
  const std::string kernel = shaped("kernel", "spatial_kernel", {3, 3, 3, 3});
  const OperationPtr conv = ConvOp{.padding = {Padding::Same()}};
  builder.Add("conv", conv, {pixels, kernel});
  const std::string line = shaped(shaped("conv", "flat", flat), "lines", {2, 12, -1});
  builder.Add("tanh", ActivationOp{MakeActivation(ActivationKind::kTanh)}, {line});
  builder.Add("conv_again", conv, {shaped("tanh", "square", picture), kernel});
  builder.Add("pool", PoolOp{}, {"conv_again"});
  builder.Add("sum", AddOp{}, {shaped("tanh", "tanh_flat", flat), shaped("conv_again", "again_flat", flat)});
  if (views) builder.Add("last", ReshapeOp{{-1}}, {"sum"});
  const Shape input = builder.graph()["input"].type.shape, weights = builder.graph()["kernel"].type.shape;
  return {Model(builder.Build(), {{"kernel", Share(Noise(weights, random))}}),
          {{"input", Share(Noise(input, random))}}};
}

TEST(RunTest, ViewsCostNoStepAndNoMemory) {
  const ViewChain with = MakeViewChain(true), without = MakeViewChain(false);
  for (const std::vector<std::string>& outputs : {std::vector<std::string>{"sum"}, {"pool"}, {"pool", "sum"}}) {
    FastRun run(with.model, outputs), plain(without.model, outputs);
    // The tanh can be fused with the first convolution where nothing stands in between, and the sum with the second
    // where no pool reads that as well.
    EXPECT_EQ(run.StepCount(), plain.StepCount() + (outputs.size() == 1 && outputs[0] == "sum" ? 2 : 1));
    const int64_t tensor = 2 * 12 * 12 * 3 * 4;
    EXPECT_LE(run.WorkspaceBytes(), 2 * tensor);
    run(with.inputs);
    plain(without.inputs);
    for (const std::string& name : outputs) {
      EXPECT_EQ(std::memcmp(run[name].bytes(), plain[name].bytes(), static_cast<size_t>(run[name].SizeInBytes())), 0);
    }
  }
}

TEST(RunTest, ViewsGiveTheBitsOfTraceAlsoAsOutputs) {
  const ViewChain chain = MakeViewChain(true);
  const Trace trace(chain.model, chain.inputs);
  std::vector<std::string> all;
  for (const GraphNode& node : chain.model.graph().nodes()) all.push_back(node.name);
  std::vector<std::vector<std::string>> choices = {all, {"pixels"}, {"lines"}, {"last"}, {"flat", "tanh"}};
  choices.push_back({"spatial_kernel", "tanh_flat", "last"});
  for (const std::vector<std::string>& outputs : choices) {
    FastRun run(chain.model, outputs);
    for (int again = 0; again < 2; ++again) {
      run(chain.inputs);
      for (const std::string& name : outputs) EXPECT_TRUE(SameBits(run[name], trace[name])) << name;
    }
  }
}

TEST(RunTest, AViewOfAnInputFollowsTheInputFromCallToCall) {
  GraphBuilder builder;
  builder.Input("input", {{2, 3}});
  builder.Add("flat", ReshapeOp{{-1}}, {"input"});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"flat"});
  FastRun run(Model(builder.Build(), {}), {"relu"});
  EXPECT_EQ(run.StepCount(), 1);
  EXPECT_EQ(run.WorkspaceBytes(), 0);
  run({{"input", Share(Tensor::Of({2, 3}, {1, -1, 2, -2, 3, -3}))}});
  EXPECT_THAT(run["relu"].view().span(), ::testing::ElementsAre(1, 0, 2, 0, 3, 0));
  run({{"input", Share(Tensor::Of({2, 3}, {-1, 4, -2, 5, -3, 6}))}});
  EXPECT_THAT(run["relu"].view().span(), ::testing::ElementsAre(0, 4, 0, 5, 0, 6));
}

TEST(RunTest, ErrorsNameTheInputAndTheRule) {
  const Model model = ConvReluPool(3);
  FastRun run(model, {"pool"});
  EXPECT_THAT([&] { run["pool"]; }, ThrowsMessage<Error>(HasSubstr("call the run first")));
  EXPECT_THAT([&] { run({}); }, ThrowsMessage<Error>(AllOf(HasSubstr("input input"), HasSubstr("none of this name"))));
  EXPECT_THAT(
      [&] {
        run({{"input", Share(Tensor::Zeros({1, 16, 16, 1}))}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("(1, 16, 16, 3) float32"), HasSubstr("(1, 16, 16, 1) float32"))));
  EXPECT_THAT(
      [&] {
        run({{"input", Share(Tensor::Zeros({1, 16, 16, 3}, DType::kFloat64))}});
      },
      ThrowsMessage<Error>(HasSubstr("(1, 16, 16, 3) float64")));
  const SharedTensor good = Share(Tensor::Zeros({1, 16, 16, 3}));
  EXPECT_THAT(
      [&] {
        run({{"input", good}, {"inputs", good}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("no input of this name"), HasSubstr("\"inputs\""))));
  EXPECT_THAT([&] { FastRun(model, {"poll"}); }, ThrowsMessage<Error>(HasSubstr("did you mean pool,")));
  EXPECT_THAT([&] { FastRun(model, {"kernel"}); }, ThrowsMessage<Error>(HasSubstr("a node computes")));
  run({{"input", good}});
  EXPECT_EQ(run["pool"].shape(), (Shape{1, 8, 8, 8}));
  EXPECT_THAT([&] { run["conv"]; }, ThrowsMessage<Error>(HasSubstr("name it when the run is made")));
}

TEST(TraceTest, KeepsEveryTensorByNameAndReportsEachNode) {
  const Model model = ConvReluPool(3);
  Random random(2, "input");
  const SharedTensor input = Share(Noise({1, 16, 16, 3}, random));
  std::vector<std::string> progress;
  const Trace trace(model, {{"input", input}}, [&](std::string_view what, double) { progress.emplace_back(what); });
  EXPECT_EQ(&trace["input"], input.get());
  EXPECT_EQ(trace["kernel"].shape(), (Shape{3, 3, 3, 8}));
  bool negative = false;
  for (int64_t i = 0; i < trace["conv"].size(); ++i) {
    const float before = trace["conv"].data()[i];
    negative = negative || before < 0;
    EXPECT_EQ(trace["relu"].data()[i], before > 0 ? before : 0);
  }
  EXPECT_TRUE(negative);
  ASSERT_EQ(trace.reports().size(), 3u);
  EXPECT_EQ(trace.reports()[0].node, "conv");
  EXPECT_EQ(trace.reports()[0].type, "Conv");
  EXPECT_NE(trace.reports()[0].path, "");
  EXPECT_EQ(trace.reports()[0].multiply_adds, 16 * 16 * 8 * 27);
  EXPECT_EQ(trace.reports()[2].outputs, std::vector<Shape>{(Shape{1, 8, 8, 8})});
  EXPECT_GE(trace.reports()[0].milliseconds, 0);
  EXPECT_THAT(progress, ::testing::ElementsAre("conv", "relu", "pool"));
  EXPECT_THAT([&] { trace["rely"]; }, ThrowsMessage<Error>(HasSubstr("did you mean relu or")));
}

TEST(TraceTest, AKernelThatIsComputedConvolvesLikeOneThatIsGiven) {
  Random random(3, "computed kernel");
  GraphBuilder builder;
  builder.Input("input", {{1, 9, 9, 2}});
  builder.Input("source", {{3, 3, 2, 4}});
  builder.Add("kernel", ActivationOp{MakeActivation(ActivationKind::kTanh)}, {"source"});
  builder.Add("conv", ConvOp{}, {"input", "kernel"});
  const SharedTensor input = Share(Noise({1, 9, 9, 2}, random));
  const Trace computed(Model(builder.Build(), {}), {{"input", input}, {"source", Share(Noise({3, 3, 2, 4}, random))}});

  GraphBuilder given;
  given.Input("input", {{1, 9, 9, 2}});
  given.Parameter("kernel", {{3, 3, 2, 4}});
  given.Add("conv", ConvOp{}, {"input", "kernel"});
  const Trace packed(Model(given.Build(), {{"kernel", computed.Get("kernel")}}), {{"input", input}});
  EXPECT_TRUE(SameBits(computed["conv"], packed["conv"]));
}

}  // namespace
}  // namespace convscope
