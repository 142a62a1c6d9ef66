#include "convscope/graph/internal/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/run.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using FastRun = Run;  // inside a test, Run is a method of the test

Tensor Noise(Shape shape, Random& random, bool absolute) {
  Tensor tensor(shape);
  for (float& value : tensor.view().span()) {
    value = random.Uniform(-1, 1);
    if (absolute) value = std::abs(value);
  }
  return tensor;
}

std::vector<std::string> TypesOf(const Graph& graph) {
  std::vector<std::string> types;
  for (const GraphNode& node : graph.nodes()) types.emplace_back(node.operation->type());
  return types;
}

// A graph on input (1, 9, 8, 6) with its numbers, or with their absolute values: each value of that is the sum of the
// absolute products that the other's is made of.
class Chain {
 public:
  Chain(uint64_t seed, bool absolute) : random_(seed, "fold"), absolute_(absolute) {
    builder_.Input("input", {{1, 9, 8, 6}});
    input_ = Share(Noise({1, 9, 8, 6}, random_, absolute));
  }

  std::string Parameter(const std::string& name, Shape shape) {
    builder_.Parameter(name, {shape});
    parameters_[name] = Share(Noise(shape, random_, absolute_));
    return name;
  }

  void Add(const std::string& name, const OperationPtr& operation, const std::vector<std::string>& inputs) {
    builder_.Add(name, operation, inputs);
  }

  // Adds the moving mean with the sign that the absolute values need: what is subtracted is added there.
  void Normalize(const std::string& name, const std::string& from, int64_t channels) {
    std::vector<std::string> inputs = {from};
    for (const char* part : {"/gamma", "/beta", "/mean", "/variance"}) {
      inputs.push_back(Parameter(name + part, {channels}));
      Tensor values = parameters_[inputs.back()]->Clone();
      for (float& value : values.view().span()) {
        if (std::strcmp(part, "/variance") == 0) value = std::abs(value) + 0.1f;
        if (std::strcmp(part, "/mean") == 0 && absolute_) value = -value;
      }
      parameters_[inputs.back()] = Share(std::move(values));
    }
    Add(name, BatchNormalizationOp{}, inputs);
  }

  Model Build() const { return Model(builder_.Build(), parameters_); }
  NamedTensors inputs() const { return {{"input", input_}}; }
  NamedTensors& parameters() { return parameters_; }

 private:
  Random random_;
  bool absolute_;
  GraphBuilder builder_;
  NamedTensors parameters_;
  SharedTensor input_;
};

// An operation with a kernel and perhaps a bias, and lines behind it: y is the last.
struct Case {
  std::string kind;  // conv, grouped, dense, transpose
  bool bias;
  std::vector<std::string> lines;
};

Chain MakeChain(const Case& test, bool absolute) {
  Chain chain(7, absolute);
  const bool grouped = test.kind == "grouped", transpose = test.kind == "transpose", dense = test.kind == "dense";
  const Shape kernel = dense       ? Shape{6, 4}
                       : transpose ? Shape{3, 3, 4, 6}
                       : grouped   ? Shape{3, 3, 3, 4}
                                   : Shape{3, 3, 6, 4};
  std::vector<std::string> inputs = {"input", chain.Parameter("kernel", kernel)};
  if (test.bias) inputs.push_back(chain.Parameter("bias", {4}));
  const OperationPtr operation = dense ? OperationPtr(DenseOp{})
                                 : transpose
                                     ? OperationPtr(ConvTransposeOp{.strides = {2}, .padding = {Padding::Same()}})
                                     : OperationPtr(ConvOp{.padding = {Padding::Same()}, .groups = grouped ? 2 : 1});
  chain.Add("first", operation, inputs);
  std::string last = "first";
  for (size_t i = 0; i < test.lines.size(); ++i) {
    const std::string& line = test.lines[i];
    const std::string name = i + 1 == test.lines.size() ? "y" : Concat("line_", i);
    if (line == "norm") chain.Normalize(name, last, 4);
    if (line == "mul") chain.Add(name, MultiplyOp{}, {chain.Parameter(name + "/factor", {1, 1, 4}), last});
    if (line == "mul one") chain.Add(name, MultiplyOp{}, {last, chain.Parameter(name + "/factor", {1})});
    if (line == "add") chain.Add(name, AddOp{}, {last, chain.Parameter(name + "/term", {4})});
    if (line == "scale") chain.Add(name, ScaleOp{.scale = 0.7, .offset = 0.3}, {last});
    last = name;
  }
  return chain;
}

TEST(FoldTest, PutsLinesIntoTheKernelBeforeThemWithinTheirRounding) {
  const std::vector<std::vector<std::string>> behind = {
      {"norm"}, {"mul"}, {"mul one"}, {"add"}, {"scale"}, {"norm", "norm"}, {"mul", "add", "scale"}};
  for (const char* kind : {"conv", "grouped", "dense", "transpose"}) {
    for (const bool bias : {false, true}) {
      for (const auto& lines : behind) {
        const Case test{kind, bias, lines};
        SCOPED_TRACE(Concat(kind, bias ? ", bias, " : ", ", lines[0], " and ", lines.size() - 1, " more"));
        const Chain chain = MakeChain(test, false), sums = MakeChain(test, true);
        const FoldedModel folded = Fold(chain.Build(), {"y"});
        EXPECT_EQ(folded.lines, static_cast<int>(lines.size()));
        EXPECT_EQ(folded.model.graph().nodes().size(), 1u);
        const Trace exact(chain.Build(), chain.inputs()), once(folded.model, chain.inputs());
        const Trace absolute(sums.Build(), sums.inputs());
        // Both forms within (n + 8) 2^-24 of the sum of absolute values; n at most 54 products.
        for (int64_t i = 0; i < exact["y"].size(); ++i) {
          EXPECT_NEAR(once["y"].data()[i], exact["y"].data()[i], 2 * 62 * 0x1p-24 * absolute["y"].data()[i]) << i;
        }
      }
    }
  }
}

TEST(FoldTest, KeepsWhatIsAskedForOrReadTwice) {
  const Chain chain = MakeChain({"conv", true, {"norm", "add"}}, false);
  const Model model = chain.Build();
  EXPECT_THAT(TypesOf(Fold(model, {"y"}).model.graph()), ElementsAre("Conv"));
  EXPECT_THAT(TypesOf(Fold(model, {"y", "line_0"}).model.graph()), ElementsAre("Conv", "Add"));
  EXPECT_THAT(TypesOf(Fold(model, {"y", "first"}).model.graph()), ElementsAre("Conv", "BatchNormalization", "Add"));
  EXPECT_THAT(TypesOf(Fold(model, {"first"}).model.graph()), ElementsAre("Conv"));

  Chain twice = MakeChain({"conv", true, {"norm"}}, false);
  twice.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"first"});
  twice.Add("sum", AddOp{}, {"y", "relu"});
  EXPECT_EQ(Fold(twice.Build(), {"sum"}).lines, 0);
}

TEST(FoldTest, ALineThatMakesAWeightInfiniteStays) {
  Chain chain = MakeChain({"dense", false, {"mul"}}, false);
  chain.parameters()["y/factor"] = Share(Tensor::Of({1, 1, 4}, {1, std::numeric_limits<float>::infinity(), 1, 1}));
  EXPECT_EQ(Fold(chain.Build(), {"y"}).lines, 0);
  chain.parameters()["y/factor"] = Share(Tensor::Of({1, 1, 4}, {1, std::nanf(""), 1, 1}));
  EXPECT_EQ(Fold(chain.Build(), {"y"}).lines, 0);
}

TEST(FoldTest, GoesOverAKernelAFewTimesAtMost) {
  EXPECT_EQ(Fold(MakeChain({"conv", false, std::vector<std::string>(50, "scale")}, false).Build(), {"y"}).lines, 8);
}

TEST(FoldTest, AConstantOfAnotherShapeIsNoLine) {
  Chain chain = MakeChain({"conv", false, {}}, false);
  chain.Add("mask", MultiplyOp{}, {"first", chain.Parameter("picture", {9, 8, 4})});
  chain.Add("row", AddOp{}, {"mask", chain.Parameter("columns", {8, 1})});
  EXPECT_EQ(Fold(chain.Build(), {"row"}).lines, 0);
}

TEST(FoldTest, ComputesWhatDependsOnParametersAloneOnce) {
  Chain chain(3, false);
  chain.Parameter("flat", {54, 4});
  chain.Parameter("factor", {4});
  chain.Add("scaled", MultiplyOp{}, {"flat", "factor"});
  chain.Add("kernel", ReshapeOp{{3, 3, 6, 4}}, {"scaled"});
  chain.Add("y", ConvOp{}, {"input", "kernel"});
  const Model model = chain.Build();
  const FoldedModel folded = Fold(model, {"y"});
  EXPECT_EQ(folded.constants, 2);
  EXPECT_THAT(TypesOf(folded.model.graph()), ElementsAre("Conv"));
  EXPECT_EQ(folded.model.parameters().size(), 1u);  // of those that it is made of, none is needed any more
  const Trace whole(model, chain.inputs()), once(folded.model, chain.inputs());
  EXPECT_EQ(std::memcmp(whole["y"].bytes(), once["y"].bytes(), static_cast<size_t>(whole["y"].SizeInBytes())), 0);
  EXPECT_THAT(TypesOf(Fold(model, {"y", "scaled"}).model.graph()), ElementsAre("Mul", "Reshape", "Conv"));
}

TEST(FoldTest, ARunBeginsWithIt) {
  Chain chain = MakeChain({"conv", true, {"norm"}}, false);
  chain.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"y"});
  FastRun run(chain.Build(), {"relu"});
  ASSERT_EQ(run.StepCount(), 1);
  EXPECT_THAT(run.Steps()[0].fused, ElementsAre("Relu"));
}

}  // namespace
}  // namespace convscope
