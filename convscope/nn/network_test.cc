#include "convscope/nn/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

std::vector<std::string> NamesOf(const Network& network) {
  std::vector<std::string> names;
  for (const NetworkLayer& layer : network.layers()) names.push_back(layer.name);
  return names;
}

TEST(NetworkBuilderTest, NamesLayersAsKerasDoes) {
  const Sequential network({16, 16, 3}, {Conv2D{.filters = 2, .kernel_size = 3}, Conv2D{.filters = 2, .kernel_size = 3},
                                         MaxPooling2D{}, Conv2D{.filters = 2, .kernel_size = 3, .name = "mine"},
                                         Flatten{}, Dense{.units = 3}, Dense{.units = 3}});
  EXPECT_THAT(NamesOf(network),
              ElementsAre("conv2d", "conv2d_1", "max_pooling2d", "mine", "flatten", "dense", "dense_1"));
  EXPECT_EQ(network.name(), "sequential");
  EXPECT_THAT(network.inputs(), ElementsAre("input"));
  EXPECT_THAT(network.outputs(), ElementsAre("dense_1"));
  for (const auto& [class_name, name] :
       std::vector<std::pair<std::string, std::string>>{{"MaxPooling2D", "max_pooling2d"},
                                                        {"Conv2DTranspose", "conv2d_transpose"},
                                                        {"DepthwiseConv2D", "depthwise_conv2d"},
                                                        {"LeakyReLU", "leaky_re_lu"},
                                                        {"PReLU", "p_re_lu"},
                                                        {"ELU", "elu"},
                                                        {"ReLU", "re_lu"},
                                                        {"UpSampling2D", "up_sampling2d"},
                                                        {"GlobalAveragePooling2D", "global_average_pooling2d"},
                                                        {"BatchNormalization", "batch_normalization"},
                                                        {"ZeroPadding2D", "zero_padding2d"}}) {
    EXPECT_EQ(SnakeCase(class_name), name);
  }
}

TEST(NetworkBuilderTest, AnActivationHasATensorBeforeIt) {
  const Sequential network({8, 8, 1}, {Conv2D{.filters = 2, .kernel_size = 3, .activation = "relu", .name = "conv"},
                                       Conv2D{.filters = 2, .kernel_size = 3, .name = "linear"}});
  const Graph& graph = network.graph();
  EXPECT_TRUE(graph.Has("conv/pre_activation"));
  EXPECT_EQ(graph["conv"].type.shape, (Shape{1, 6, 6, 2}));
  EXPECT_FALSE(graph.Has("linear/pre_activation"));
  EXPECT_TRUE(graph.Has("conv/kernel"));
  EXPECT_TRUE(graph.Has("conv/bias"));
}

TEST(NetworkBuilderTest, ALayerThatIsCalledTwiceSharesItsWeights) {
  NetworkBuilder builder;
  const std::string x = builder.Input({4, 4, 2}), y = builder.Input({4, 4, 2});
  const LayerPtr conv = Conv2D{.filters = 3, .kernel_size = 3, .activation = "relu", .name = "conv"};
  const std::string a = builder.Call(conv, x), b = builder.Call(conv, y);
  EXPECT_EQ(x, "input");
  EXPECT_EQ(y, "input_1");
  EXPECT_EQ(a, "conv");
  EXPECT_EQ(b, "conv/call_1");
  const Network network = builder.Build({builder.Call(Add{}, {a, b})});
  EXPECT_EQ(network.ParameterCount(), 3 * 3 * 2 * 3 + 3);
  EXPECT_EQ(network.layer("conv").calls.size(), 2u);

  Network run = network;
  run.Initialize(3);
  Tensor one = Tensor::Zeros({1, 4, 4, 2}), other = Tensor::Zeros({1, 4, 4, 2});
  one.data()[5] = other.data()[5] = 2;
  other.data()[6] = 1;
  const SharedTensor first = Share(std::move(one)), second = Share(std::move(other));
  const Trace same(run.model(), {{"input", first}, {"input_1", first}});
  const Trace crossed(run.model(), {{"input", second}, {"input_1", first}});
  for (int64_t i = 0; i < same["conv"].size(); ++i) {
    EXPECT_EQ(same["conv"].data()[i], same["conv/call_1"].data()[i]);
    EXPECT_EQ(same["conv"].data()[i], crossed["conv/call_1"].data()[i]);
  }
}

TEST(NetworkBuilderTest, ALayerThatIsCalledAgainMustSeeAnInputThatItsWeightsFit) {
  NetworkBuilder builder;
  const LayerPtr dense = Dense{.units = 3, .name = "dense"};
  builder.Call(dense, builder.Input({4}));
  const std::string other = builder.Input({5});
  EXPECT_THAT([&] { builder.Call(dense, other); },
              ThrowsMessage<Error>(AllOf(HasSubstr("layer dense (Dense)"), HasSubstr("(4, 3)"), HasSubstr("(5, 3)"))));
}

TEST(NetworkBuilderTest, ErrorsNameTheLayerAndLeaveNothingBehind) {
  NetworkBuilder builder;
  const std::string x = builder.Input({8, 8, 3});
  const auto refused = [&](const LayerPtr& layer, const std::vector<std::string>& words) {
    try {
      builder.Call(layer, x);
      ADD_FAILURE() << "taken: " << layer->class_name();
    } catch (const Error& error) {
      for (const std::string& word : words) EXPECT_THAT(error.what(), HasSubstr(word));
    }
    EXPECT_EQ(builder.graph().tensors().size(), 1u);
  };
  refused(Conv2D{.kernel_size = 3, .name = "c"}, {"layer c (Conv2D)", "filters is at least 1", "received 0"});
  refused(Conv2D{.filters = 2, .name = "c"}, {"kernel_size must be given"});
  refused(Conv2D{.filters = 2, .kernel_size = 9, .activation = "relu"}, {"layer conv2d (Conv2D)", "9"});
  refused(Conv2D{.filters = 4, .kernel_size = 1, .groups = 2}, {"groups divides the 3 channels"});
  refused(Conv1D{.filters = 2, .kernel_size = 3}, {"3 axes", "(1, 8, 8, 3)"});
  refused(DepthwiseConv2D{.kernel_size = 3, .depth_multiplier = 0}, {"depth_multiplier is at least 1"});
  refused(Dense{}, {"units is at least 1"});
  refused(Add{}, {"at least 2 tensors"});
  refused(Reshape{.target_shape = {0, 3}}, {"at least 1, or -1"});
  refused(Reshape{.target_shape = {7, -1}}, {"(1, 8, 8, 3)"});
  refused(BatchNormalization{.axis = 4}, {"axis", "received 4"});
  refused(LayerNormalization{.axis = {1}}, {"last axes", "[1]"});
  refused(PReLU{.shared_axes = {4}}, {"shared_axes"});
  refused(Normalization{.mean = {1, 2}}, {"3 channels", "received 2"});
  refused(ReLU{.max_value = 5}, {"max_value", "5"});
  EXPECT_THAT([&] { builder.Call(Flatten{}, "imput"); }, ThrowsMessage<Error>(HasSubstr("did you mean input?")));
  EXPECT_THAT([&] { builder.Build({}); }, ThrowsMessage<Error>(HasSubstr("has an output")));
  EXPECT_THAT([&] { builder.Build({x}); }, ThrowsMessage<Error>(HasSubstr("a layer computes each output")));
  EXPECT_THAT([&] { builder.Input({0, 3}); }, ThrowsMessage<Error>(HasSubstr("(0, 3)")));
  builder.Call(Flatten{.name = "same"}, x);
  EXPECT_THAT([&] { builder.Call(Flatten{.name = "same"}, x); }, ThrowsMessage<Error>(HasSubstr("name of its own")));
  EXPECT_THAT([&] { Sequential({2}, {}); }, ThrowsMessage<Error>(HasSubstr("has a layer")));
  EXPECT_THAT([] { ActivationChoice("rely"); }, ThrowsMessage<Error>(HasSubstr("did you mean relu")));
}

TEST(NetworkTest, KnowsWhatHoldsForEachParameter) {
  const Sequential network({8, 8, 3}, {Conv2D{.filters = 2,
                                              .kernel_size = 3,
                                              .kernel_initializer = HeNormal{},
                                              .bias_initializer = Constant{0.5},
                                              .kernel_regularizer = L2{1e-4},
                                              .bias_regularizer = L1{1e-3},
                                              .activity_regularizer = L1L2{.l1 = 1e-5},
                                              .kernel_constraint = MaxNorm{.axes = {0, 1, 2}},
                                              .bias_constraint = NonNeg{},
                                              .name = "conv"},
                                       BatchNormalization{.name = "bn"},
                                       Conv2D{.filters = 2, .kernel_size = 3, .trainable = false, .name = "frozen"}});
  const NetworkParameter& kernel = network.parameters().at("conv/kernel");
  EXPECT_EQ(kernel.layer, "conv");
  EXPECT_EQ(kernel.initializer, Initializer(HeNormal{}));
  EXPECT_EQ(kernel.regularizer, Regularizer(L2{1e-4}));
  EXPECT_EQ(kernel.constraint, Constraint(MaxNorm{.axes = {0, 1, 2}}));
  EXPECT_TRUE(kernel.trainable);
  const NetworkParameter& bias = network.parameters().at("conv/bias");
  EXPECT_EQ(bias.regularizer, Regularizer(L1{1e-3}));
  EXPECT_EQ(bias.constraint, Constraint(NonNeg{}));
  EXPECT_EQ(network.layer("conv").layer->activity_regularizer(), Regularizer(L1{1e-5}));
  EXPECT_TRUE(network.parameters().at("bn/gamma").trainable);
  EXPECT_FALSE(network.parameters().at("bn/moving_mean").trainable);
  EXPECT_FALSE(network.parameters().at("bn/moving_variance").trainable);
  EXPECT_FALSE(network.parameters().at("frozen/kernel").trainable);
  EXPECT_EQ(network.ParameterCount(), 3 * 3 * 3 * 2 + 2 + 4 * 2 + 3 * 3 * 2 * 2 + 2);
  EXPECT_EQ(network.TrainableCount(), 3 * 3 * 3 * 2 + 2 + 2 * 2);
  const NamedTensors weights = network.InitialWeights(1);
  EXPECT_EQ(weights.at("conv/bias")->data()[1], 0.5f);
  EXPECT_EQ(weights.at("bn/gamma")->data()[0], 1);
  EXPECT_EQ(weights.at("bn/moving_variance")->data()[1], 1);
}

TEST(NetworkTest, DepthwiseKernelsStartWithKerasFans) {
  const Sequential network({9, 9, 6}, {DepthwiseConv2D{.kernel_size = 3, .depth_multiplier = 2, .name = "dw"}});
  EXPECT_EQ(network.graph()["dw/kernel"].type.shape, (Shape{3, 3, 1, 12}));
  EXPECT_EQ(network.parameters().at("dw/kernel").keras_shape, (Shape{3, 3, 6, 2}));
  const Tensor expected = InitialValues(GlorotUniform{}, {3, 3, 6, 2}, 5, "dw/kernel");
  const NamedTensors weights = network.InitialWeights(5);
  for (int64_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(weights.at("dw/kernel")->data()[i], expected.data()[i]);
  }
}

TEST(NetworkTest, WeightsAreReadAndSetByLayer) {
  Sequential network({6, 6, 1}, {Conv2D{.filters = 1, .kernel_size = 5, .name = "conv"}, Flatten{.name = "flat"}});
  EXPECT_THAT([&] { network.model(); }, ThrowsMessage<Error>(HasSubstr("conv/bias")));
  EXPECT_THAT([&] { network.GetWeights("conv"); }, ThrowsMessage<Error>(HasSubstr("call Initialize")));
  Tensor kernel = Tensor::Zeros({5, 5, 1, 1});
  kernel.data()[12] = 3;
  network.SetWeights("conv", {Share(std::move(kernel)), Share(Tensor::Of({1}, {0.5f}))});
  network.SetWeights("flat", {});
  const std::vector<SharedTensor> weights = network.GetWeights("conv");
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_EQ(weights[0]->shape(), (Shape{5, 5, 1, 1}));
  Tensor picture = Tensor::Zeros({1, 6, 6, 1});
  picture.data()[2 * 6 + 2] = 10;
  const Trace trace(network.model(), {{"input", Share(std::move(picture))}});
  EXPECT_EQ(trace["conv"].data()[0], 30.5f);
  EXPECT_EQ(trace["conv"].data()[3], 0.5f);

  const SharedTensor wrong = Share(Tensor({3, 3, 1, 1}));
  EXPECT_THAT([&] { network.SetWeights("conv", {wrong}); },
              ThrowsMessage<Error>(AllOf(HasSubstr("layer conv (Conv2D)"), HasSubstr("conv/kernel (5, 5, 1, 1)"),
                                         HasSubstr("conv/bias (1,)"), HasSubstr("1 tensors: (3, 3, 1, 1)"))));
  EXPECT_THAT(
      [&] {
        network.SetWeights("conv", {wrong, weights[1]});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("conv/kernel"), HasSubstr("(5, 5, 1, 1) float32"),
                                 HasSubstr("received (3, 3, 1, 1) float32"))));
  EXPECT_THAT([&] { network.SetWeights("cony", {}); }, ThrowsMessage<Error>(HasSubstr("did you mean conv?")));
  EXPECT_THAT(
      [&] {
        network.SetWeights({{"conv/kernels", wrong}});
      },
      ThrowsMessage<Error>(HasSubstr("did you mean conv/kernel")));
}

TEST(NetworkTest, WeightsInKerasShapeAreTaken) {
  Sequential network({4, 4, 2}, {DepthwiseConv2D{.kernel_size = 1, .use_bias = false, .name = "dw"}});
  network.SetWeights("dw", {Share(Tensor::Of({1, 1, 2, 1}, {3, 4}))});
  EXPECT_EQ(network.GetWeights("dw")[0]->shape(), (Shape{1, 1, 1, 2}));
}

}  // namespace
}  // namespace convscope
