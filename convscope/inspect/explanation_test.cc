#include "convscope/inspect/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "convscope/base/error.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/inspect/internal/random_graphs.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Noise(const Shape& shape, uint64_t seed, float low = 0) {
  Random random(seed, "explanation test");
  Tensor tensor(shape);
  for (float& value : tensor.view().span()) value = random.Uniform(low, 1);
  return tensor;
}

// The explanation of some elements of every computed tensor comes to the traced value, and no other value of that
// tensor that is far from it passes for it. Returns how many were explained.
int ExpectExplained(const Trace& trace, Random& random, int each) {
  int explained = 0;
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    if (tensor.role != TensorRole::kComputed) continue;
    const int64_t size = tensor.type.shape.NumElements();
    const float* values = trace[tensor.name].data();
    double largest = 0;
    for (int64_t i = 0; i < size; ++i) largest = std::max(largest, std::abs(static_cast<double>(values[i])));
    for (int k = 0; k < each; ++k) {
      const ValuePlace place{tensor.name, static_cast<int64_t>(random.Bits()) % size};
      const Explanation explanation = ExplainValue(trace, place);
      SCOPED_TRACE(Text(place, tensor.type.shape) + " of " + explanation.operation);
      EXPECT_TRUE(explanation.arithmetic.has_value());
      if (!explanation.arithmetic) continue;
      const Arithmetic& arithmetic = *explanation.arithmetic;
      EXPECT_TRUE(explanation.Agrees()) << "explained " << arithmetic.value << ", traced " << explanation.traced
                                        << ", tolerance " << arithmetic.tolerance;
      EXPECT_LE(arithmetic.tolerance, 0.02 * largest + 1e-30);  // says something
      Explanation of_another = explanation;
      int64_t passed = 0;
      for (int64_t i = 0; i < size; ++i) {
        of_another.traced = static_cast<double>(values[i]);
        const bool far = std::abs(of_another.traced - explanation.traced) > 0.01 * largest;
        passed += far && of_another.Agrees() ? 1 : 0;
      }
      EXPECT_EQ(passed, 0) << "values far from " << explanation.traced << " pass for it";
      EXPECT_TRUE(arithmetic.terms.empty() ||
                  arithmetic.window.NumElements() == static_cast<int64_t>(arithmetic.terms.size()));
      for (const ArithmeticTerm& term : arithmetic.terms) {
        if (term.input < 0) continue;
        EXPECT_EQ(term.value, ElementOf(trace[explanation.inputs[term.input]], term.element));
      }
      ++explained;
    }
  }
  return explained;
}

class EveryArchitecture : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryArchitecture, IsExplainedInEveryTensor) {
  ArchitectureOptions options;
  // Small pictures of the networks for large ones, where they take another size.
  const std::map<std::string, Shape> smaller = {
      {"vgg16", {32, 32, 3}}, {"resnet18", {64, 64, 3}}, {"mobilenet-v1", {64, 64, 3}}};
  if (const auto found = smaller.find(GetParam()); found != smaller.end()) options.input = found->second;
  Network network = MakeArchitecture(GetParam(), options);
  network.Initialize(3);
  const Model model = network.model();
  const std::string input = network.inputs()[0];
  const Trace trace(model, {{input, Share(Noise(model.graph()[input].type.shape, 5))}});
  Random random(7, GetParam());
  EXPECT_GT(ExpectExplained(trace, random, 12), 12);
}

INSTANTIATE_TEST_SUITE_P(Explanation, EveryArchitecture, ::testing::ValuesIn(ArchitectureNames()),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Explanation, HoldsOnRandomGraphs) {
  std::set<std::string> types;
  int explained = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    internal::RandomGraph graph(seed, false);
    const Model model = graph.Build();
    const Trace trace(model, {{"picture", Share(graph.Picture())}});
    Random random(seed, "places");
    explained += ExpectExplained(trace, random, 6);
    for (const GraphNode& node : model.graph().nodes()) types.insert(std::string(node.operation->type()));
  }
  EXPECT_GT(explained, 4000);
  EXPECT_GE(types.size(), 25u) << ::testing::PrintToString(types);
}

// 1 x 3 picture 1 2 3, kernel 10 20, bias 5: the second window is 2 * 10 + 3 * 20.
Trace SmallTrace() {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 3, 1}});
  builder.Parameter("kernel", {{1, 2, 1, 1}});
  builder.Parameter("bias", {{1}});
  builder.Add("conv/pre_activation", ConvOp{}, {"picture", "kernel", "bias"});
  builder.Add("conv", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv/pre_activation"});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {1, 2}}, {"conv"});
  const Model model(builder.Build(),
                    {{"kernel", Share(Tensor::Of({1, 2, 1, 1}, {10, 20}))}, {"bias", Share(Tensor::Of({1}, {5}))}});
  return Trace(model, {{"picture", Share(Tensor::Of({1, 1, 3, 1}, {1, 2, 3}))}});
}

TEST(Explanation, TellsWindowKernelProductsAndBias) {
  const Explanation explanation = ExplainValue(SmallTrace(), {"conv/pre_activation", 1});
  const Arithmetic& arithmetic = *explanation.arithmetic;
  EXPECT_EQ(arithmetic.window, Shape({1, 2, 1}));
  ASSERT_EQ(arithmetic.terms.size(), 2u);
  EXPECT_EQ(arithmetic.terms[0].value, 2);
  EXPECT_EQ(arithmetic.terms[0].weight, 10);
  EXPECT_EQ(arithmetic.terms[1].element, 2);
  EXPECT_EQ(arithmetic.terms[1].product(), 60);
  EXPECT_EQ(arithmetic.offsets.at(0).value, 5);
  EXPECT_EQ(arithmetic.value, 85);
  EXPECT_EQ(explanation.traced, 85);
}

TEST(Explanation, DoesNotAgreeWithAnotherValue) {
  Explanation explanation = ExplainValue(SmallTrace(), {"conv/pre_activation", 1});
  EXPECT_TRUE(explanation.Agrees());
  explanation.traced += 1e-4;  // 7 roundings of 85 are less
  EXPECT_FALSE(explanation.Agrees());
}

TEST(Explanation, OfAnActivationGoesOnWithWhatWasActivated) {
  const std::vector<Explanation> chain = ExplainChain(SmallTrace(), {"conv", 1});
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0].operation, "Relu");
  EXPECT_EQ(chain[1].place.tensor, "conv/pre_activation");
  EXPECT_EQ(chain[1].operation, "Conv");
}

TEST(Explanation, WalksBackThroughTheWinnerAndTheLargestProduct) {
  const std::vector<BackwardStep> steps = WalkBack(SmallTrace(), {"pool", 0});
  std::vector<std::string> path;
  for (const BackwardStep& step : steps) path.push_back(Text(step.place, step.shape));
  EXPECT_THAT(path, ElementsAre("pool:0,0,0", "conv:0,1,0", "conv/pre_activation:0,1,0", "picture:0,2,0"));
  EXPECT_EQ(steps[2].contribution, 60);
  EXPECT_EQ(steps[2].share, 0.75);
  EXPECT_EQ(steps[3].value, 3);
}

TEST(Explanation, SumsAChannelAtATime) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 2, 2}});
  builder.Parameter("kernel", {{1, 2, 2, 1}});
  builder.Add("conv", ConvOp{}, {"picture", "kernel"});
  const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 2, 2, 1}, {1, 10, 2, -20}))}});
  const Trace trace(model, {{"picture", Share(Tensor::Of({1, 1, 2, 2}, {1, 2, 3, 4}))}});
  const std::vector<ChannelSum> sums = SumsByChannel(*ExplainValue(trace, {"conv", 0}).arithmetic);
  ASSERT_EQ(sums.size(), 2u);
  EXPECT_EQ(sums[0].channel, 1);
  EXPECT_EQ(sums[0].sum, 20 - 80);
  EXPECT_EQ(sums[1].sum, 1 + 6);
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Explanation, OfASumTakesTheProductThatIsNaN) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 3, 2}});
  builder.Parameter("kernel", {{1, 3, 2, 1}});
  builder.Add("conv", ConvOp{}, {"picture", "kernel"});
  const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 3, 2, 1}, {9, 1, 1, kNan, 9, 1}))}});
  const Trace trace(model, {{"picture", Share(Tensor::Of({1, 1, 3, 2}, {1, 1, 1, 1, 1, 1}))}});
  const Explanation explanation = ExplainValue(trace, {"conv", 0});
  EXPECT_TRUE(explanation.Agrees());
  EXPECT_EQ(MainTerm(explanation), 3u);
  EXPECT_THAT(LargestTerms(*explanation.arithmetic), ElementsAre(3, 0, 4, 1, 2, 5));
  EXPECT_EQ(SumsByChannel(*explanation.arithmetic)[0].channel, 1);
  const std::vector<BackwardStep> steps = WalkBack(trace, {"conv", 0});
  EXPECT_EQ(Text(steps.at(1).place, steps[1].shape), "picture:0,1,1");
  EXPECT_EQ(steps[0].how, "a NaN among 6 products");
  EXPECT_TRUE(std::isnan(steps[0].contribution) && std::isnan(steps[0].share));
}

TEST(Explanation, OfAMaximumTakesTheNaN) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 3, 1}});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {1, 3}}, {"picture"});
  const Trace trace(Model(builder.Build(), {}), {{"picture", Share(Tensor::Of({1, 1, 3, 1}, {1, kNan, 7}))}});
  EXPECT_EQ(MainTerm(ExplainValue(trace, {"pool", 0})), 1u);
  EXPECT_EQ(WalkBack(trace, {"pool", 0})[0].how, "a NaN among 3 values");
}

TEST(Explanation, TellsNaNBeforeEveryNumber) {
  std::vector<double> values = {1, std::nan(""), -1, 3, std::nan("")};
  std::stable_sort(values.begin(), values.end(), ToldBefore);
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]));
  EXPECT_THAT(std::vector<double>(values.begin() + 2, values.end()), ElementsAre(3, 1, -1));
}

// A picture of two channels, which of them is larger, and that as a number.
Trace OfPlaces() {
  GraphBuilder builder;
  builder.Input("picture", {{1, 2, 2, 2}});
  builder.Add("place", ArgMaxOp{}, {"picture"});
  builder.Add("number", CastOp{}, {"place"});
  builder.Add("rectified", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"number"});
  return Trace(Model(builder.Build(), {}), {{"picture", Share(Tensor::Of({1, 2, 2, 2}, {1, 2, 1, 2, 2, 1, 1, 2}))}});
}

TEST(Explanation, EndsAtWholeNumbers) {
  const Trace trace = OfPlaces();
  const std::vector<Explanation> chain = ExplainChain(trace, {"rectified", 1});
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[1].place.tensor, "number");
  const std::vector<BackwardStep> steps = WalkBack(trace, {"rectified", 1});
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[2].place.tensor, "place");
  EXPECT_EQ(steps[2].value, 1);
  EXPECT_EQ(steps[2].operation, "ArgMax");
  EXPECT_EQ(steps[2].end, "whose numbers are int64, not explained further");
  EXPECT_THROW(ExplainValue(trace, {"place", 1}), Error);
}

TEST(Explanation, EndsWherePaddingAndParametersAloneAreLeft) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 1, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 1}});
  builder.Add("conv", ConvOp{.padding = {Padding::Explicit(1, 1)}}, {"picture", "kernel"});
  const Trace trace(Model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 1, 1}, {2}))}}),
                    {{"picture", Share(Tensor::Of({1, 1, 1, 1}, {3}))}});
  const std::vector<BackwardStep> steps = WalkBack(trace, {"conv", 0});
  ASSERT_EQ(steps.size(), 1u);
  EXPECT_EQ(steps[0].end, "which is made of padding and parameters alone");
}

TEST(Explanation, HoldsInFloat64) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 3, 1}, DType::kFloat64});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {1, 2}}, {"picture"});
  Tensor picture(Shape{1, 1, 3, 1}, DType::kFloat64);
  for (int64_t i = 0; i < 3; ++i) picture.data<double>()[i] = 0.1 * static_cast<double>(i);
  const Trace trace(Model(builder.Build(), {}), {{"picture", Share(std::move(picture))}});
  EXPECT_EQ(ExplainValue(trace, {"pool", 0}).arithmetic->value, 0.1);
  EXPECT_EQ(WalkBack(trace, {"pool", 0}).back().value, 0.1);
}

TEST(ValuePlace, IsReadAndWritten) {
  const Trace trace = SmallTrace();
  const ValuePlace place = ParseValuePlace(trace.graph(), "conv/pre_activation:0,1,0");
  EXPECT_EQ(place.tensor, "conv/pre_activation");
  EXPECT_EQ(place.element, 1);
  EXPECT_EQ(Text(place, trace["conv"].shape()), "conv/pre_activation:0,1,0");
}

TEST(ValuePlace, MayBeOfATensorWithColonsInItsName) {
  GraphBuilder builder;
  builder.Input("input", {{1, 2, 3, 4}});
  for (const char* const name : {"block", "block:0", "block:0:1"}) {
    builder.Add(name, ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"input"});
  }
  const Graph graph = builder.Build();
  for (const std::string name : {"block", "block:0", "block:0:1"}) {
    const ValuePlace place = ParseValuePlace(graph, name + ":1,2,3");
    EXPECT_EQ(place.tensor, name);
    EXPECT_EQ(place.element, 23);
    EXPECT_EQ(Text(place, graph[name].type.shape), name + ":1,2,3");
  }
  // "block:0" alone could be a place of "block", and is refused as one; where there is no "conv" it is a tensor.
  GraphBuilder other;
  other.Input("input", {{1, 2, 3, 4}});
  other.Add("conv:0", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"input"});
  try {
    ParseValuePlace(other.Build(), "conv:0");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("this tensor has rows 0 to 1, columns 0 to 2, channels 0 to 3"));
  }
}

std::string MessageOf(const std::string& text) {
  try {
    ParseValuePlace(SmallTrace().graph(), text);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ValuePlace, ThatThereIsNotIsRefusedWithThoseThatThereAre) {
  EXPECT_THAT(MessageOf("conv:0,2,0"), AllOf(HasSubstr("columns 0 to 1"), HasSubstr("0,2,0")));
  EXPECT_THAT(MessageOf("conv:1"), HasSubstr("3 whole numbers: rows 0 to 0, columns 0 to 1, channels 0 to 0"));
  EXPECT_THAT(MessageOf("comv:0,0,0"), HasSubstr("did you mean conv"));
  EXPECT_THAT(MessageOf("conv"), HasSubstr("columns 0 to 1"));
  EXPECT_THAT(MessageOf("conv:0,x,0"), HasSubstr("x"));
  EXPECT_THAT(MessageOf("conv:0,1.5,0"), AllOf(HasSubstr("3 whole numbers: rows"), HasSubstr("0,1.5,0")));
  EXPECT_THROW(ExplainValue(SmallTrace(), {"picture", 0}), Error);
  EXPECT_THROW(ExplainValue(SmallTrace(), {"conv", 2}), Error);
}

}  // namespace
}  // namespace convscope
