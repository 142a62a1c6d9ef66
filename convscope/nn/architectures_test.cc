#include "convscope/nn/architectures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/summary.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Shape OutputOf(const Network& network, const std::string& tensor) {
  return network.graph()[tensor].type.shape;
}

TEST(ArchitecturesTest, HaveTheParametersThatTheirSourcesCount) {
  const auto count = [](std::string_view name) { return MakeArchitecture(name).ParameterCount(); };
  EXPECT_EQ(count("udacity-filters"), 4 * 4 * 4);
  EXPECT_EQ(count("lenet"), 104 + 606 + 294 * 1024 + 1024 + 1024 * 10 + 10);
  EXPECT_EQ(count("lenet-5"), 61706);
  EXPECT_EQ(count("alexnet"), 60965224);
  EXPECT_EQ(count("alexnet-torch"), 61100840);
  EXPECT_EQ(count("keras-mnist"), 320 + 4624 + 7850);
  EXPECT_EQ(count("fashion-cnn"), 243786);
  EXPECT_EQ(count("vgg16"), 138357544);
  EXPECT_EQ(count("mobilenet-v1"), 4253864);
  EXPECT_EQ(MakeArchitecture("mobilenet-v1").TrainableCount(), 4231976);
  // PyTorch does not count the moving means and variances of its 4,800 channels.
  EXPECT_EQ(MakeArchitecture("resnet18").TrainableCount(), 11689512);
  EXPECT_EQ(count("resnet18"), 11689512 + 2 * 4800);
}

TEST(ArchitecturesTest, HaveTheShapesOfTheNotebooks) {
  const Network lenet = MakeArchitecture("lenet");
  EXPECT_EQ(OutputOf(lenet, "layer1/pool"), (Shape{1, 14, 14, 4}));
  EXPECT_EQ(OutputOf(lenet, "layer2/pool"), (Shape{1, 7, 7, 6}));
  EXPECT_EQ(OutputOf(lenet, "layer2/flatten"), (Shape{1, 294}));
  const Network fashion = MakeArchitecture("fashion-cnn");
  EXPECT_EQ(OutputOf(fashion, "conv_layer_1"), (Shape{1, 26, 26, 64}));
  EXPECT_EQ(OutputOf(fashion, "pool_layer_4"), (Shape{1, 5, 5, 64}));
  EXPECT_EQ(OutputOf(fashion, "flatten_layer_5"), (Shape{1, 1600}));
  const Network digits = MakeArchitecture("keras-mnist");
  EXPECT_EQ(OutputOf(digits, "max_pooling2d_1"), (Shape{1, 7, 7, 16}));
  const Network alexnet = MakeArchitecture("alexnet");
  EXPECT_EQ(OutputOf(alexnet, "conv1"), (Shape{1, 55, 55, 96}));
  EXPECT_EQ(OutputOf(alexnet, "pool5"), (Shape{1, 6, 6, 256}));
  const Network torch = MakeArchitecture("alexnet-torch");
  EXPECT_EQ(OutputOf(torch, "conv1"), (Shape{1, 55, 55, 64}));
  EXPECT_EQ(OutputOf(torch, "pool5"), (Shape{1, 6, 6, 256}));
  EXPECT_EQ(OutputOf(MakeArchitecture("vgg16"), "block5_pool"), (Shape{1, 7, 7, 512}));
  const Network resnet = MakeArchitecture("resnet18");
  EXPECT_EQ(OutputOf(resnet, "maxpool"), (Shape{1, 56, 56, 64}));
  EXPECT_EQ(OutputOf(resnet, "layer4/1/relu2"), (Shape{1, 7, 7, 512}));
  EXPECT_EQ(OutputOf(MakeArchitecture("mobilenet-v1"), "conv_pw_13_relu"), (Shape{1, 7, 7, 1024}));
  for (const std::string& name : ArchitectureNames()) {
    const Network network = MakeArchitecture(name);
    EXPECT_EQ(OutputOf(network, network.outputs()[0]).rank(), name == "udacity-filters" ? 4 : 2) << name;
  }
}

TEST(ArchitecturesTest, LeNetStartsWithALogisticRegressionOfZeroes) {
  Network lenet = MakeArchitecture("lenet");
  lenet.Initialize(1);
  const Trace trace(lenet.model(), {{"input", Share(Tensor::Zeros({1, 28, 28, 1}))}});
  for (int i = 0; i < 10; ++i) EXPECT_FLOAT_EQ(trace["logistic_regression"].data()[i], 0.1f);
}

TEST(ArchitecturesTest, UdacityFiltersAreOneTurnedAndNegated) {
  const Network network = MakeArchitecture("udacity-filters", {.input = Shape{8, 8, 1}});
  const SharedTensor kernel = network.GetWeights("conv")[0];
  const auto at = [&](int row, int column, int filter) { return kernel->data()[(row * 4 + column) * 4 + filter]; };
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column) {
      EXPECT_EQ(at(row, column, 0), column < 2 ? -1 : 1);
      EXPECT_EQ(at(row, column, 1), -at(row, column, 0));
      EXPECT_EQ(at(row, column, 2), at(column, row, 0));
      EXPECT_EQ(at(row, column, 3), -at(row, column, 2));
    }
  }
  EXPECT_TRUE(network.graph().Has("conv/pre_activation"));
}

TEST(ArchitecturesTest, TakeOtherInputsAndClasses) {
  const Network network = MakeArchitecture("fashion-cnn", {.input = Shape{32, 32, 3}, .classes = 4});
  EXPECT_EQ(OutputOf(network, "input"), (Shape{1, 32, 32, 3}));
  EXPECT_EQ(OutputOf(network, "dense_layer_7"), (Shape{1, 4}));
  EXPECT_TRUE(network.class_names.empty());
  EXPECT_THAT(MakeArchitecture("keras-mnist").class_names,
              ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(MakeArchitecture("fashion-cnn").class_names[9], "Ankle boot");
}

TEST(ArchitecturesTest, GreyPicturesHaveOneMean) {
  EXPECT_EQ(MakeArchitecture("resnet18").preprocessing.mean.size(), 3);
  EXPECT_EQ(MakeArchitecture("resnet18", {.input = Shape{28, 28, 1}}).preprocessing.mean.size(), 1);
}

TEST(ArchitecturesTest, ErrorsOfferTheNearestNames) {
  EXPECT_THAT([] { MakeArchitecture("resnet-18"); },
              ThrowsMessage<Error>(AllOf(HasSubstr("\"resnet-18\""), HasSubstr("did you mean resnet18"))));
  EXPECT_THAT([] { MakeArchitecture("x"); }, ThrowsMessage<Error>(HasSubstr("there are: udacity-filters, lenet, ")));
  EXPECT_THAT([] { MakeArchitecture("lenet", {.classes = 0}); }, ThrowsMessage<Error>(HasSubstr("at least 1 class")));
  EXPECT_THAT([] { MakeArchitecture("udacity-filters", {.classes = 3}); },
              ThrowsMessage<Error>(HasSubstr("tells no classes")));
  EXPECT_THAT(
      [] {
        MakeArchitecture("lenet-5", {.input = Shape{8, 8, 1}});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("layer c3 (Conv2D)"), HasSubstr("5"))));
}

}  // namespace
}  // namespace convscope
