#include "convscope/image/picture_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/parallel.h"

namespace convscope {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;

std::string ErrorOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class PictureFolderTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("picture_folder_test_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // A picture all of whose values are `value` / 255.
  void Write(const std::string& name, int value, Shape shape = {4, 6, 1}) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    Tensor pixels(shape);
    for (float& v : pixels.view().span()) v = static_cast<float>(value) / 255.0f;
    WritePicture(pixels.view(), folder_ / name);
  }
  void WriteText(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    WriteFileAtomically(folder_ / name, {&text, 1});
  }

  std::filesystem::path folder_;
};

TEST_F(PictureFolderTest, OneFolderIsOneClass) {
  for (int i = 0; i < 10; ++i) Write("dog/" + std::to_string(i) + ".png", 100 + i);
  for (int i = 0; i < 5; ++i) Write("cat/" + std::to_string(i) + ".PNG.png", i);
  Write("cat/deeper/x.tif", 200);
  WriteText("cat/notes.txt", "no picture");
  WriteText("cat/.hidden.png", "no picture");
  WriteText(".git/a.png", "no class");
  WriteText("readme.md", "");
  EXPECT_TRUE(HoldsPictureFolders(folder_));
  const auto [train, test] = ReadPictureFolder(folder_, {.name = "pets", .test_fraction = 0.5});
  EXPECT_EQ(train.name(), "pets/train");
  EXPECT_THAT(train.class_names(), ElementsAre("cat", "dog"));
  EXPECT_EQ(train.shape(), (Shape{4, 6, 1}));
  EXPECT_EQ(train.dtype(), DType::kUInt8);
  EXPECT_THAT(train.ClassCounts(), ElementsAre(3, 5));
  EXPECT_THAT(test.ClassCounts(), ElementsAre(3, 5));
  const auto [all, none] = ReadPictureFolder(folder_, {.test_fraction = 0});
  EXPECT_EQ(none.size(), 0);
  EXPECT_THAT(all.Pixels<uint8_t>(3).span(), Each(3));
  EXPECT_THAT(all.Pixels<uint8_t>(5).span(), Each(200));  // cat/deeper/x.tif
  EXPECT_THAT(all.Pixels<uint8_t>(15).span(), Each(109));
}

TEST_F(PictureFolderTest, AFolderThatIsSplitStaysAsItIs) {
  for (const char* part : {"train", "val"}) {
    for (const char* name : {"a", "b", "c"}) Write(std::string(part) + "/" + name + "/1.png", 7);
  }
  Write("train/a/2.png", 8);
  std::filesystem::remove_all(folder_ / "val/b");
  const auto [train, test] = ReadPictureFolder(folder_);
  EXPECT_THAT(train.ClassCounts(), ElementsAre(2, 1, 1));
  EXPECT_THAT(test.ClassCounts(), ElementsAre(1, 0, 1));
  Write("val/d/1.png", 7);
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }), AllOf(HasSubstr("val/d"), HasSubstr("among those")));
}

TEST_F(PictureFolderTest, SizesThatDifferAreAnErrorUnlessOneIsChosen) {
  Write("a/1.png", 10, {4, 6, 1});
  Write("a/2.png", 20, {8, 5, 1});
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }),
              AllOf(HasSubstr("2.png"), HasSubstr("one size (width x height); received 5 x 8, but 6 x 4 in"),
                    HasSubstr("--size")));
  const auto [train, test] = ReadPictureFolder(folder_, {.height = 3, .width = 2, .test_fraction = 0});
  EXPECT_EQ(train.shape(), (Shape{3, 2, 1}));
  EXPECT_THAT(train.Pixels<uint8_t>(0).span(), Each(10));
  EXPECT_THAT(train.Pixels<uint8_t>(1).span(), Each(20));
}

TEST_F(PictureFolderTest, GreyAndColourTogetherAreAnErrorUnlessOneIsChosen) {
  Write("a/1.png", 10, {4, 6, 1});
  Write("a/2.png", 20, {4, 6, 3});
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }),
              AllOf(HasSubstr("2.png"), HasSubstr("colour, but grey in"), HasSubstr("--rgb")));
  EXPECT_EQ(ReadPictureFolder(folder_, {.colour = ReadOptions::Colour::kRgb}).train.channels(), 3);
  EXPECT_EQ(ReadPictureFolder(folder_, {.colour = ReadOptions::Colour::kGrey}).train.channels(), 1);
}

TEST_F(PictureFolderTest, PicturesAreFittedAsAsked) {
  Write("a/1.png", 200, {4, 8, 1});
  const auto corner = [&](PictureFit fit) {
    return ReadPictureFolder(folder_, {.height = 8, .width = 8, .fit = fit, .test_fraction = 0})
        .train.Pixels<uint8_t>(0)[0];
  };
  EXPECT_EQ(corner(PictureFit::kCover), 200);
  EXPECT_EQ(corner(PictureFit::kStretch), 200);
  EXPECT_EQ(corner(PictureFit::kPad), 0);  // black above and below
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_, {.height = 8, .width = 8, .crop = 2}); }), HasSubstr("1/16"));
}

TEST_F(PictureFolderTest, OnePictureThatIsNoneIsNamed) {
  for (int i = 0; i < 8; ++i) Write("a/" + std::to_string(i) + ".png", i);
  WriteText("a/5.png", "no picture at all");
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }), HasSubstr("5.png: a picture must be"));
}

TEST_F(PictureFolderTest, FoldersWithoutPicturesAreErrors) {
  EXPECT_FALSE(HoldsPictureFolders(folder_));
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }), HasSubstr("must be readable"));
  std::filesystem::create_directories(folder_);
  EXPECT_FALSE(HoldsPictureFolders(folder_));
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }), HasSubstr("a folder for each class"));
  Write("a/1.png", 1);
  std::filesystem::create_directories(folder_ / "b");
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_); }), AllOf(HasSubstr("/b: "), HasSubstr("must hold pictures")));
}

TEST_F(PictureFolderTest, LimitsAndSizesAreLookedAt) {
  for (int i = 0; i < 3; ++i) Write("a/" + std::to_string(i) + ".png", i);
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_, {.limit_bytes = 71}); }),
              AllOf(HasSubstr("at most 71 bytes"), HasSubstr("3 pictures of 24 bytes")));
  EXPECT_THAT(ErrorOf([&] { ReadPictureFolder(folder_, {.height = 3}); }), HasSubstr("3 x 0"));
}

TEST_F(PictureFolderTest, TheOrderDoesNotDependOnTheThreads) {
  for (int i = 0; i < 40; ++i) Write("a/" + std::to_string(i) + ".png", i * 5);
  SetThreadCount(4);
  const Dataset data = ReadPictureFolder(folder_, {.test_fraction = 0}).train;
  SetThreadCount(0);
  std::vector<std::string> names;
  for (int i = 0; i < 40; ++i) names.push_back(std::to_string(i) + ".png");
  std::sort(names.begin(), names.end());
  for (int64_t i = 0; i < 40; ++i) {
    EXPECT_EQ(data.Pixels<uint8_t>(i)[0], 5 * std::stoi(names[static_cast<size_t>(i)])) << i;
  }
}

}  // namespace
}  // namespace convscope
