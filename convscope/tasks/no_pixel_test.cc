// What the tasks show of values that depend on no pixel: those between the windows of a transposed convolution.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "convscope/base/error.h"
#include "convscope/figures/render.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/internal/idx_data.h"
#include "convscope/tasks/slide_film.h"
#include "convscope/tasks/top_pictures.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

class NoPixel : public testing::Test {
 protected:
  // Pictures (6, 6) to maps (12, 12), 3 at every pixel that both coordinates of are even, and the bias elsewhere.
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    GraphBuilder builder;
    builder.Input("input", {{1, 6, 6, 1}});
    builder.Parameter("kernel", {{1, 1, 1, 1}});
    builder.Parameter("bias", {{1}});
    builder.Add("spread", ConvTransposeOp{.strides = {2}}, {"input", "kernel", "bias"});
    const Model model(builder.Build(),
                      {{"kernel", Share(Tensor::Of({1, 1, 1, 1}, {-3}))}, {"bias", Share(Tensor::Of({1}, {0.25F}))}});
    WriteOnnx({.model = model, .name = "sparse", .outputs = {"spread"}, .notes = {}}, model_);
    internal::WriteIdxData(folder_ / "data", 4, 6, 6, [](int64_t i, int64_t, int64_t) { return 50 * (i + 1); });
    data_.source = (folder_ / "data").string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("no_pixel_" + std::to_string(getpid()));
  const std::string model_ = (folder_ / "sparse.onnx").string();
  OpenDataOptions data_;
};

TEST_F(NoPixel, TopTellsTheValueAndThatItDependsOnNone) {
  // Pixels are above 0 and the kernel below: the largest value is the bias alone.
  const TopOutcome outcome = FindTopPictures({.model = model_, .data = data_, .layer = "spread", .count = 2});
  const ChannelActivations& channel = outcome.top.channels.at(0);
  EXPECT_EQ(channel.most.at(0).value, 0.25F);
  EXPECT_EQ(channel.most[0].column, 1);
  const OwningFigure figure = TopFigure(outcome);
  EXPECT_THAT(figure.figure.rows.at(0).at(0).caption, HasSubstr("depends on no pixel"));
  EXPECT_NO_THROW(EncodePng(figure.figure));
  EXPECT_THAT(TopJson(outcome), HasSubstr("\"rows\": 0"));
}

TEST_F(NoPixel, AFilmHasNoWindowThere) {
  const std::filesystem::path film = folder_ / "film.gif";
  try {
    MakeSlideFilm({.model = model_,
                   .pictures = {.files = {}, .data = data_, .samples = {1}},
                   .layer = "spread",
                   .frames = 4,
                   .output = film});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a window slides where all of a map"));
  }
  EXPECT_FALSE(std::filesystem::exists(film));
}

TEST_F(NoPixel, AnExplanationIsTheBias) {
  const ExplainedValue value =
      ExplainOn({.model = model_, .pictures = {.files = {}, .data = data_, .samples = {1}}, .at = "spread:0,1,0"});
  EXPECT_EQ(value.chain.at(0).traced, 0.25);
  EXPECT_TRUE(value.chain[0].Agrees());
  EXPECT_NO_THROW(EncodePng(ExplainFigure(value).figure));
}

}  // namespace
}  // namespace convscope
