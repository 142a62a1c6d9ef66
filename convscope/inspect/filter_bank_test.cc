#include "convscope/inspect/filter_bank.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

TEST(FilterBank, NamesEveryKernelOfANetwork) {
  const Graph graph = MakeArchitecture("fashion-cnn").graph();
  std::vector<std::string> parameters, outputs;
  for (const KernelUse& use : KernelsOf(graph)) {
    parameters.push_back(use.parameter);
    outputs.push_back(ActivationAfter(graph, use.output));
  }
  EXPECT_THAT(parameters, ElementsAre("conv_layer_1/kernel", "conv_layer_3/kernel", "dense_layer_6/kernel",
                                      "dense_layer_7/kernel"));
  EXPECT_THAT(outputs, ElementsAre("conv_layer_1", "conv_layer_3", "dense_layer_6", "dense_layer_7"));
}

Tensor Counting(Shape shape) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i + 1);
  return tensor;
}

// A graph of one node that reads `kernel`.
Model OneNode(OperationPtr operation, Shape input, Shape kernel) {
  GraphBuilder builder;
  builder.Input("input", {input});
  builder.Parameter("kernel", {kernel});
  builder.Add("node", std::move(operation), {"input", "kernel"});
  return Model(builder.Build(), {{"kernel", Share(Counting(kernel))}});
}

TEST(FilterBank, LinesAndVolumesHaveRowsAndColumns) {
  const Model line = OneNode(ConvOp{}, {1, 9, 2}, {3, 2, 5});
  EXPECT_EQ(FiltersOf(line, KernelsOf(line.graph())[0]).shape(), Shape({1, 3, 2, 5}));
  const Model volume = OneNode(ConvOp{}, {1, 5, 5, 5, 2}, {2, 3, 4, 2, 6});
  EXPECT_EQ(FiltersOf(volume, KernelsOf(volume.graph())[0]).shape(), Shape({6, 4, 2, 6}));
}

TEST(FilterBank, AFilterOfATransposedConvolutionIsWhatAnImpulseInItsChannelsLaysDown) {
  // 4 channels in 2 groups, each with 3 filters.
  const Model model = OneNode(ConvTransposeOp{.groups = 2}, {1, 1, 1, 4}, {2, 2, 3, 4});
  const KernelUse use = KernelsOf(model.graph())[0];
  const Tensor filters = FiltersOf(model, use);
  ASSERT_EQ(filters.shape(), Shape({2, 2, 2, 6}));
  for (int64_t c = 0; c < 4; ++c) {
    Tensor impulse = Tensor::Zeros({1, 1, 1, 4});
    impulse.data()[c] = 1;
    const Trace trace(model, {{"input", Share(std::move(impulse))}});
    for (int64_t place = 0; place < 4; ++place) {
      for (int64_t f = 0; f < 6; ++f) {
        const bool own_group = f / 3 == c / 2;
        EXPECT_EQ(trace["node"].data()[place * 6 + f], own_group ? filters.data()[(place * 2 + c % 2) * 6 + f] : 0);
      }
    }
  }
}

TEST(FilterBank, AnActivationThatIsNotAloneIsNotFollowed) {
  GraphBuilder builder;
  builder.Input("input", {{1, 4, 4, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 2}});
  builder.Add("conv", ConvOp{}, {"input", "kernel"});
  builder.Add("relu", ActivationOp{{.kind = ActivationKind::kRelu}}, {"conv"});
  EXPECT_EQ(ActivationAfter(builder.graph(), "conv"), "relu");
  builder.Add("tanh", ActivationOp{{.kind = ActivationKind::kTanh}}, {"conv"});
  EXPECT_EQ(ActivationAfter(builder.graph(), "conv"), "conv");
}

}  // namespace
}  // namespace convscope
