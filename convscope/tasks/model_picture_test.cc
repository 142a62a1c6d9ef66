#include "convscope/tasks/model_picture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/reduce_operation.h"
#include "convscope/image/picture.h"
#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/predict_pictures.h"
#include "convscope/tasks/summary_report.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// 4 x 4 pixels to two scores: the sum of the pixels, and twice that.
ModelFile SumsOf(int64_t batch) {
  GraphBuilder builder;
  builder.Input("picture", {{batch, 4, 4, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 2}});
  builder.Add("conv", ConvOp{}, {"picture", "kernel"});
  builder.Add("sums", ReduceOp{.axes = {1, 2}, .keep_axes = false}, {"conv"});
  const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 1, 2}, {1, 2}))}});
  return {.model = model, .name = "sums", .outputs = {"sums"}, .notes = {}};
}

class FixedBatch : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    Tensor white({4, 4, 1});
    for (float& pixel : white.view().span()) pixel = 1;
    WritePicture(std::as_const(white).view(), picture_);
    WriteOnnx(SumsOf(1), one_);
    WriteOnnx(SumsOf(3), three_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("fixed_batch_" + std::to_string(getpid()));
  const std::string picture_ = (folder_ / "white.png").string();
  const std::string one_ = (folder_ / "one.onnx").string(), three_ = (folder_ / "three.onnx").string();
};

TEST(ModelPicture, IsOneWhateverTheBatchOfTheModel) {
  const Tensor input =
      AsInput(SumsOf(3), Tensor::Of({4, 4, 1}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}), 255);
  EXPECT_EQ(input.shape(), Shape({1, 4, 4, 1}));
  EXPECT_FLOAT_EQ(input.data()[15], 15);
}

TEST(ModelPicture, OfAnotherSizeIsNoInput) {
  EXPECT_THAT(
      [] {
        AsInput(SumsOf(1), Tensor::Zeros({4, 3, 1}), 255);
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("the model's input is (4, 4, 1)"), HasSubstr("(4, 3, 1)"))));
}

TEST_F(FixedBatch, OfAFileIsOneWherePicturesAreShown) {
  ASSERT_EQ(OpenModel(three_).file.model.graph()["picture"].type.shape[0], 3);
  EXPECT_EQ(OpenModelForPictures(three_, {}).model.file.model.graph()["picture"].type.shape[0], 1);

  const Predictions predictions = PredictPictures({.model = three_, .pictures = {.files = {picture_}}});
  EXPECT_THAT(PredictJson(predictions), HasSubstr("32"));  // 16 pixels, twice

  const ExplainedValue value = ExplainOn({.model = three_, .pictures = {.files = {picture_}}, .at = "sums:0"});
  EXPECT_EQ(value.chain.at(0).traced, 16);
}

TEST_F(FixedBatch, CostsWhatOneSampleDoes) {
  const NetworkSummary one = OpenSummary(one_).summary, three = OpenSummary(three_).summary;
  EXPECT_GT(one.multiply_adds, 0);
  EXPECT_EQ(three.multiply_adds, one.multiply_adds);
  EXPECT_EQ(three.activation_bytes, one.activation_bytes);
}

TEST(ForOnePicture, LeavesOtherModelsAsTheyAre) {
  GraphBuilder builder;
  builder.Input("rows", {{3, 4}});
  builder.Add("sums", ReduceOp{.axes = {1}}, {"rows"});
  EXPECT_EQ(ForOnePicture(Model(builder.Build(), {})).graph()["rows"].type.shape, Shape({3, 4}));
}

}  // namespace
}  // namespace convscope
