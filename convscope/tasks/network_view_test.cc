#include "convscope/tasks/network_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/formats/onnx.h"
#include "convscope/formats/safetensors.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr LookLimits kLimits{.elements = 1 << 24, .multiply_adds = 1 << 30};

NetworkLook LookOf(const std::string& name, const LookLimits& limits = kLimits) {
  auto model = std::make_shared<const OpenedModel>(OpenModel(name));
  Tensor picture({28, 28, 1});
  for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(i % 29) / 28;
  ModelPicture shown = FitToModel(model->file, "steps", std::move(picture));
  return LookAt(std::move(model), std::move(shown), limits);
}

Json ReportOf(const SafetensorsFile& file) {
  return Json::parse(file.metadata.at("report"));
}

TEST(NetworkView, LayersTellTheirTensorsMapsAndKernels) {
  const Json json = Json::parse(NetworkJson(OpenModel("fashion-cnn"), {"a remark"}));
  const Json& conv = json["layers"][0];
  EXPECT_EQ(conv["tensor"], "conv_layer_1");
  EXPECT_EQ(conv["before"], "conv_layer_1/pre_activation");
  EXPECT_EQ(conv["kernel"], "conv_layer_1/kernel");
  EXPECT_EQ(conv["maps"], (Json{{"rows", 26}, {"columns", 26}, {"channels", 64}, {"places", true}}));
  EXPECT_EQ(json["classes"], 10);
  EXPECT_EQ(json["input"]["shape"], (Json{1, 28, 28, 1}));
  EXPECT_EQ(json["remarks"], Json{"a remark"});
  const Json& nodes = json["graph"]["nodes"];
  EXPECT_EQ(nodes.size(), 8U);
  EXPECT_EQ(nodes[1]["tensor"], "conv_layer_1");
  EXPECT_GT(json["graph"]["height"], nodes[7]["box"][1]);
}

TEST(NetworkView, BoxesOfScopesStandForLayersOfThem) {
  const Json json = Json::parse(NetworkJson(OpenModel("resnet18")));
  for (const Json& node : json["graph"]["nodes"]) {
    EXPECT_EQ(node["tensor"].is_string(), node["lines"][0] != "input") << node.dump();
  }
}

TEST(NetworkView, MapsAreThoseOfTheTrace) {
  const NetworkLook look = LookOf("fashion-cnn");
  const auto bytes = MapsBytes(look, {.tensor = "conv_layer_3", .channels = {5, 2}, .side = 4});
  const SafetensorsFile file = ParseSafetensors(bytes, "maps");
  const Tensor& maps = *file.tensors[0].tensor;
  EXPECT_EQ(maps.shape(), (Shape{2, 4, 4}));  // every third of 11
  const Tensor& traced = (*look.trace)["conv_layer_3"];
  for (int64_t row = 0; row < 4; ++row) {
    for (int64_t column = 0; column < 4; ++column) {
      EXPECT_EQ(maps.data()[16 + row * 4 + column], traced.data()[(row * 3 * 11 + column * 3) * 64 + 2]);
    }
  }
  const Json report = ReportOf(file);
  EXPECT_EQ(report["step"], 3);
  EXPECT_EQ(report["rows"], 11);
  EXPECT_EQ(report["signs"], "non_negative");
  EXPECT_EQ(report["maps"].size(), 2U);
  EXPECT_GE(report["layer"]["high"], report["maps"][0]["high"]);
  EXPECT_GE(report["network"]["high"], report["layer"]["high"]);
  EXPECT_THROW(MapsBytes(look, {.tensor = "conv_layer_3", .channels = {64}}), Error);
  EXPECT_THROW(MapsBytes(look, {.tensor = "nothing"}), Error);
}

TEST(NetworkView, ALookTellsEveryTensorAndTheLikeliestClasses) {
  const NetworkLook look = LookOf("fashion-cnn");
  const SafetensorsFile file = ParseSafetensors(LookBytes(look, 3), "look");
  EXPECT_EQ(file.tensors[0].tensor->shape(), (Shape{28, 28, 1}));
  const Json report = ReportOf(file);
  EXPECT_EQ(report["source"], "steps");
  const Json& top = report["prediction"]["top"];
  ASSERT_EQ(top.size(), 3U);
  EXPECT_GE(top[0]["score"], top[1]["score"]);
  const Tensor& scores = (*look.trace)["dense_layer_7"];
  EXPECT_FLOAT_EQ(top[0]["score"], *std::max_element(scores.data(), scores.data() + 10));
  for (const Json& tensor : report["tensors"]) EXPECT_LE(tensor["low"], tensor["high"]);
}

TEST(NetworkView, FiltersAreTheKernelOneFilterAfterTheOther) {
  const OpenedModel model = OpenModel("fashion-cnn");
  const SafetensorsFile all = ParseSafetensors(FiltersBytes(model, "conv_layer_3/kernel", 1 << 20), "filters");
  const Tensor& filters = *all.tensors[0].tensor;
  EXPECT_EQ(filters.shape(), (Shape{64, 64, 3, 3}));
  const Tensor& kernel = *model.file.model.parameters().find("conv_layer_3/kernel")->second;  // (3, 3, 64, 64)
  EXPECT_EQ(filters.data()[(7 * 64 + 11) * 9 + 5], kernel.data()[(5 * 64 + 11) * 64 + 7]);
  const SafetensorsFile few = ParseSafetensors(FiltersBytes(model, "conv_layer_3/kernel", 1000), "filters");
  EXPECT_EQ(few.tensors[0].tensor->shape(), (Shape{1, 64, 3, 3}));
  EXPECT_EQ(ReportOf(few)["shown"], (Json{{"filters", 1}, {"channels", 64}}));
  EXPECT_THROW(FiltersBytes(model, "conv_layer_3/bias", 1000), Error);
}

TEST(NetworkView, AttributionsAreNamedByMethodAndClass) {
  const NetworkLook look = LookOf("fashion-cnn");
  const AttributedPicture picture = AttributeLook(look, {.methods = {"saliency", "eigen-cam"}, .classes = {"3"}});
  const SafetensorsFile file = ParseSafetensors(AttributionBytes(picture), "attributions");
  const Json report = ReportOf(file);
  ASSERT_EQ(report["attributions"].size(), 2U);
  EXPECT_EQ(report["attributions"][0]["tensor"], "saliency.3");
  EXPECT_EQ(report["attributions"][1]["tensor"], "eigen-cam");
  EXPECT_EQ(report["attributions"][1]["of_layer"], true);
  for (const StoredTensor& tensor : file.tensors) EXPECT_EQ(tensor.tensor->shape(), (Shape{28, 28}));
}

TEST(NetworkView, OfManyTermsTheLargestAreTold) {
  const NetworkLook look = LookOf("fashion-cnn");
  const ExplainedValue value = ExplainLook(look, {.at = "dense_layer_6:3"});
  const Json all = Json::parse(ExplainJson(value)), few = Json::parse(ExplainJson(value, 10));
  const Json& dense = few["explanations"][1];
  ASSERT_EQ(dense["terms"].size(), 10U);
  EXPECT_EQ(dense["left_out"]["terms"], 1590);
  double sum = dense["left_out"]["sum"], whole = 0;
  for (const Json& term : dense["terms"]) sum += term["product"].get<double>();
  for (const Json& term : all["explanations"][1]["terms"]) whole += term["product"].get<double>();
  EXPECT_NEAR(sum, whole, 1e-9);
  EXPECT_FALSE(all["explanations"][1].contains("left_out"));
}

TEST(NetworkView, WhatCostsTooMuchIsRefusedBeforeItIsComputed) {
  EXPECT_THROW(LookOf("fashion-cnn", {.elements = 1000, .multiply_adds = 1 << 30}), Error);
  EXPECT_THROW(LookOf("fashion-cnn", {.elements = 1 << 24, .multiply_adds = 1000}), Error);
}

TEST(OpenModelBytes, OpensAnOnnxFileAndRefusesThoseOfKeras) {
  const OpenedModel built = OpenModel("fashion-cnn");
  const OpenedModel opened = OpenModelBytes(FormatOnnx(built.file), "sent");
  EXPECT_EQ(opened.file.name, "fashion-cnn");
  EXPECT_TRUE(opened.file.model.graph().Has("conv_layer_1"));
  for (const std::string& bytes : {std::string("\x89HDF\r\n"), std::string("PK\x03\x04more")}) {
    try {
      OpenModelBytes(bytes, "sent");
      FAIL() << "it was taken";
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("name it on the command line"));
    }
  }
  EXPECT_THROW(OpenModelBytes("nothing", "sent"), Error);
}

}  // namespace
}  // namespace convscope
