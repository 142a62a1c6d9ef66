#include "convscope/tasks/predict_pictures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <filesystem>
#include <initializer_list>

#include "convscope/base/file.h"
#include "convscope/formats/onnx.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {
namespace {

class PredictPicturesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(::testing::TempDir()) / ("predict_" + std::to_string(getpid()));
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& bytes) const {
    WriteFileAtomically(folder_ / name, std::array<std::string_view, 1>{bytes});
  }

  // The four files of a data set of one picture, 1 x 2, of class 0, in both parts.
  void WriteData(const std::string& images) const {
    for (const char* const part : {"train", "t10k"}) {
      Write(std::string(part) + "-images-idx3-ubyte", images);
      Write(std::string(part) + "-labels-idx1-ubyte", std::string("\0\0\x08\x01\0\0\0\x01\0", 9));
    }
  }

  // Its scores are the pixels as they reach the network.
  std::string ModelDividingBy(double divisor) const {
    GraphBuilder builder;
    builder.Input("picture", {{1, 1, 2, 1}});
    builder.Add("scores", ReshapeOp{}, {"picture"});
    const std::filesystem::path path = folder_ / "model.onnx";
    WriteOnnx({.model = Model(builder.Build(), {}),
               .name = "pixels",
               .preprocessing = Preprocessing{.divisor = divisor},
               .outputs = {"scores"}},
              path);
    return path.string();
  }

  // Of class 0 and 1.
  std::array<double, 2> ScoresOfThePicture(double divisor) const {
    const Predictions said =
        PredictPictures({.model = ModelDividingBy(divisor),
                         .pictures = {.data = OpenDataOptions{.source = folder_.string()}, .samples = {0}}});
    std::array<double, 2> scores{};
    for (const ClassScore& score : said.pictures[0].top) scores[static_cast<size_t>(score.number)] = score.score;
    return scores;
  }

  std::filesystem::path folder_;
};

constexpr std::string_view kLengths("\0\0\0\x01\0\0\0\x01\0\0\0\x02", 12);

TEST_F(PredictPicturesTest, FloatPicturesAreDividedAsInTraining) {
  std::string images("\0\0\x0d\x03", 4);
  images += kLengths;
  for (const float value : {0.5f, 2.0f}) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (const int shift : {24, 16, 8, 0}) images += static_cast<char>(bits >> shift & 255);
  }
  WriteData(images);
  EXPECT_THAT(ScoresOfThePicture(4), ::testing::ElementsAre(0.125, 0.5));
  EXPECT_THAT(ScoresOfThePicture(0), ::testing::ElementsAre(0.5, 2));  // 0: floats as they are
}

TEST_F(PredictPicturesTest, EightBitPicturesAreDividedAsInTraining) {
  WriteData(std::string("\0\0\x08\x03", 4) + std::string(kLengths) + std::string("\x33\xff", 2));
  EXPECT_THAT(ScoresOfThePicture(0), ::testing::ElementsAre(::testing::DoubleNear(0.2, 1e-7), 1));
  EXPECT_THAT(ScoresOfThePicture(51),
              ::testing::ElementsAre(::testing::DoubleNear(1, 1e-6), ::testing::DoubleNear(5, 1e-6)));
}

TEST_F(PredictPicturesTest, EqualScoresPredictNothing) {
  WriteData(std::string("\0\0\x08\x03", 4) + std::string(kLengths) + std::string("\x33\x33", 2));
  const Predictions said = PredictPictures(
      {.model = ModelDividingBy(0), .pictures = {.data = OpenDataOptions{.source = folder_.string()}, .samples = {0}}});
  EXPECT_THAT(PredictText(said), ::testing::HasSubstr("predicts nothing: 2 of 2 classes share the highest score"));
  EXPECT_EQ(said.pictures[0].top.size(), 2u);
  EXPECT_THAT(PredictFigure(said).rows[0][1].title, ::testing::HasSubstr("nothing"));
  // A narrow picture's title is not broken before its number.
  EXPECT_THAT(PredictFigure(said).rows[0][0].title, ::testing::EndsWith(" test\u00a00"));
}

}  // namespace
}  // namespace convscope
