#include "convscope/tasks/diff_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <variant>

#include "convscope/base/error.h"
#include "convscope/figures/render.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/image/picture.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

class DiffModelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("diff_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
    Tensor picture(Shape{28, 28, 1});
    for (int64_t i = 0; i < picture.size(); ++i) picture.data()[i] = static_cast<float>(i % 28) / 28;
    WritePicture(std::as_const(picture).view(), folder_ / "ramp.png");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // LeNet of seed 1, the bias of its second convolution moved.
  std::string Lenet(const std::string& name, float moved) const {
    Network network = MakeArchitecture("lenet");
    network.Initialize(1);
    Tensor bias = network.weights().find("layer2/conv/bias")->second->Clone();
    bias.data()[2] += moved;
    network.SetWeights({{"layer2/conv/bias", Share(std::move(bias))}});
    const std::filesystem::path path = folder_ / (name + ".onnx");
    WriteOnnx({.model = network.model(),
               .name = name,
               .class_names = {},
               .preprocessing = network.preprocessing,
               .outputs = network.outputs(),
               .notes = {}},
              path);
    return path.string();
  }

  DiffOutcome Diff(const std::string& a, const std::string& b) const {
    return DiffModels({.a = a, .b = b, .picture = PictureChoice{.files = {(folder_ / "ramp.png").string()}}});
  }

  std::filesystem::path folder_;
};

TEST_F(DiffModelsTest, OneMovedBiasPartsThemWhereItIsAdded) {
  const DiffOutcome outcome = Diff(Lenet("a", 0), Lenet("b", 0.5f));
  EXPECT_FALSE(outcome.identical());
  EXPECT_TRUE(outcome.models.structure.empty());
  const auto different = [](const ArrayDifference& array) { return !array.equal; };
  const auto& weights = outcome.models.parameters;
  ASSERT_EQ(std::count_if(weights.begin(), weights.end(), different), 1);
  EXPECT_EQ(std::find_if(weights.begin(), weights.end(), different)->name, "layer2/conv/bias");
  const PictureDifference& picture = *outcome.picture;
  ASSERT_TRUE(picture.traces.parting.has_value());
  EXPECT_EQ(picture.traces.tensors[*picture.traces.parting].name, "layer2/conv/pre_activation");
  EXPECT_NEAR(picture.traces.tensors[*picture.traces.parting].largest, 0.5, 1e-5);
  EXPECT_EQ(picture.channel, 2);
  EXPECT_THAT(DiffText(outcome), HasSubstr("they first part at layer2/conv/pre_activation"));

  // The difference is drawn diverging about zero.
  const OwningFigure made = DiffFigure(outcome);
  const auto& maps = made.figure.rows.at(1);  // under the bars
  ASSERT_EQ(maps.size(), 3u);
  const MapPlot &a = std::get<MapPlot>(maps[0].content), &b = std::get<MapPlot>(maps[1].content),
                &apart = std::get<MapPlot>(maps[2].content);
  EXPECT_EQ(*a.scale, *b.scale);
  EXPECT_EQ(apart.scale->map, ColorMap::kDiverging);
  EXPECT_EQ(apart.scale->low, -apart.scale->high);
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST_F(DiffModelsTest, TheSameWeightsInTwoFilesAreIdentical) {
  const DiffOutcome outcome = Diff(Lenet("a", 0), Lenet("b", 0));
  EXPECT_TRUE(outcome.identical());
  EXPECT_FALSE(outcome.picture->traces.parting.has_value());
  EXPECT_THAT(DiffText(outcome), HasSubstr("\nidentical\n"));
  EXPECT_NO_THROW(EncodePng(DiffFigure(outcome).figure));
}

TEST_F(DiffModelsTest, EqualScoresAreNoVerdict) {
  const DiffOutcome outcome = Diff(Lenet("a", 0), Lenet("b", 0.5f));  // their last layer begins with zeros
  EXPECT_THAT(DiffText(outcome), HasSubstr("A says nothing: 10 of 10 classes share the highest score"));
  const std::vector<Panel> scores = DiffFigure(outcome).figure.rows.back();
  EXPECT_TRUE(std::get<BarPlot>(scores[0].content).marked.empty());
  EXPECT_EQ(std::get<BarPlot>(scores[0].content).format, "percent");
}

TEST_F(DiffModelsTest, WithoutACommonTensorNothingIsSaidToAgree) {
  GraphBuilder builder;
  builder.Input("other", {{1, 28, 28, 1}, DType::kFloat32});
  builder.Add("flat", ReshapeOp{.shape = {1, 784}}, {"other"});
  const ModelFile file{.model = Model(builder.Build(), {}), .name = "flat"};
  WriteOnnx(file, folder_ / "flat.onnx");
  const DiffOutcome outcome = Diff((folder_ / "flat.onnx").string(), Lenet("a", 0));
  EXPECT_TRUE(outcome.picture->traces.tensors.empty());
  EXPECT_THAT(DiffText(outcome), HasSubstr("nothing can be compared"));
}

TEST_F(DiffModelsTest, APartingTensorOfAnyRankIsDrawnOrLeftOut) {
  // The mean of all pixels plus a number, in `shape`.
  const auto moved = [&](const std::string& name, const Shape& shape, float by) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 28, 28, 1}});
    builder.Add("mean", ReduceOp{.kind = ReduceKind::kMean, .axes = {1, 2, 3}, .keep_axes = false}, {"picture"});
    const auto lengths = shape.lengths();
    builder.Add("shaped", ReshapeOp{.shape = {lengths.begin(), lengths.end()}}, {"mean"});
    builder.Parameter("number", {shape});
    Tensor number(shape);
    number.data()[0] = by;
    builder.Add("parting", AddOp{}, {"shaped", "number"});
    WriteOnnx({.model = Model(builder.Build(), {{"number", Share(std::move(number))}}),
               .name = name,
               .outputs = {"parting"},
               .notes = {}},
              folder_ / (name + ".onnx"));
    return (folder_ / (name + ".onnx")).string();
  };
  for (const Shape& shape : {Shape{1}, Shape{1, 1, 1, 1, 1, 1}}) {
    const DiffOutcome outcome = Diff(moved("a", shape, 1), moved("b", shape, 2));
    ASSERT_TRUE(outcome.picture->traces.parting.has_value());
    EXPECT_EQ(outcome.picture->traces.tensors[*outcome.picture->traces.parting].shape, shape);
    const OwningFigure made = DiffFigure(outcome);
    EXPECT_EQ(made.figure.rows.size(), shape.rank() == 1 ? 2u : 1u);
    EXPECT_NO_THROW(EncodePng(made.figure));
  }
}

TEST_F(DiffModelsTest, ABatchThatAFileFixesIsStructureAndNoMatterToThePicture) {
  const auto scaled = [&](const std::string& name, int64_t batch) {
    GraphBuilder builder;
    builder.Input("picture", {{batch, 28, 28, 1}});
    builder.Add("flat", ReshapeOp{}, {"picture"});
    WriteOnnx({.model = Model(builder.Build(), {}), .name = name, .outputs = {"flat"}, .notes = {}},
              folder_ / (name + ".onnx"));
    return (folder_ / (name + ".onnx")).string();
  };
  const DiffOutcome outcome = Diff(scaled("a", 1), scaled("b", 4));
  EXPECT_FALSE(outcome.models.structure.empty());
  EXPECT_EQ(outcome.picture->traces.tensors.size(), 1u);
  EXPECT_EQ(outcome.picture->traces.parting, std::nullopt);
}

TEST_F(DiffModelsTest, OnePictureNeedsInputsOfOneShape) {
  EXPECT_THROW(Diff("lenet", "resnet18"), Error);
}

}  // namespace
}  // namespace convscope
