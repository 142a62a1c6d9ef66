#include "convscope/tasks/check_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/nn/architectures.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

LayerCheck Checked(const std::string& layers, int64_t classes = 10) {
  return CheckLayers({.layers = layers, .picture = {28, 28, 1}, .classes = classes});
}

TEST(CheckLayers, TellsShapesAndParametersOfEachLayer) {
  const LayerCheck check = Checked(R"([{"class_name": "Conv2D", "config": {"filters": 8, "kernel_size": 3}},
                                       {"class_name": "Flatten"},
                                       {"class_name": "Dense", "config": {"units": 10}}])");
  EXPECT_FALSE(check.wrong);
  ASSERT_THAT(check.layers, SizeIs(3));
  EXPECT_EQ(check.layers[0].output, (Shape{1, 26, 26, 8}));
  EXPECT_EQ(check.layers[0].parameters, 80);
  EXPECT_EQ(check.layers[2].name, "dense");
  EXPECT_EQ(check.parameters, 80 + 26 * 26 * 8 * 10 + 10);
}

TEST(CheckLayers, NamesTheLayerThatIsWrongAndTellsThoseBeforeIt) {
  const LayerCheck check = Checked(R"([{"class_name": "Conv2D", "config": {"filters": 8, "kernel_size": 3}},
                                       {"class_name": "Conv2D", "config": {"filters": 8, "kernel_size": 30}},
                                       {"class_name": "Danse"}])");
  ASSERT_TRUE(check.wrong);
  EXPECT_THAT(check.layers, SizeIs(1));
  EXPECT_THAT(check.wrong->rule, HasSubstr("must fit"));
  EXPECT_EQ(internal::Json::parse(LayerCheckJson(check)).at("wrong").at("layer"), 1);
}

TEST(CheckLayers, AClassifierEndsInItsClasses) {
  const LayerCheck check = Checked(R"([{"class_name": "Flatten"}, {"class_name": "Dense", "config": {"units": 9}}])");
  ASSERT_TRUE(check.wrong);
  EXPECT_EQ(check.wrong->received, "(None, 9)");
  EXPECT_EQ(internal::Json::parse(LayerCheckJson(check)).at("wrong").at("layer"), 1);
  EXPECT_TRUE(Checked("[]").wrong);
  EXPECT_THROW(Checked("{}"), Error);
  EXPECT_THROW(Checked("["), Error);
  EXPECT_TRUE(Checked(R"([3])").wrong);
  EXPECT_TRUE(Checked(R"([{"class_name": "Dense", "config": {"units": 9223372036854775807}}])").wrong);
}

TEST(CheckLayers, EveryBuiltInChainIsTheSameNetworkWhenItsTextIsRead) {
  int chains = 0;
  for (const Architecture& architecture : Architectures()) {
    if (!architecture.tells_classes) continue;
    const Network network = MakeArchitecture(architecture.name);
    const std::string text = LayersText(network);
    if (text.empty()) continue;
    ++chains;
    const Shape& input = network.graph()[network.inputs()[0]].type.shape;
    const LayerCheck check = CheckLayers({.layers = text, .picture = {input[1], input[2], input[3]}});
    EXPECT_FALSE(check.wrong) << architecture.name << ": " << check.wrong->rule;
    EXPECT_EQ(check.parameters, network.ParameterCount()) << architecture.name;
  }
  EXPECT_GE(chains, 3);
}

}  // namespace
}  // namespace convscope
