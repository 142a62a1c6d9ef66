#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/image/picture.h"

namespace convscope {
namespace {

using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<float> Values(const Picture& picture) {
  const auto span = picture.pixels.view().span();
  return {span.begin(), span.end()};
}

class WritePictureTest : public ::testing::Test {
 protected:
  WritePictureTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ("convscope_write_" + std::to_string(getpid()) + "_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~WritePictureTest() override { std::filesystem::remove_all(folder_); }

  static std::string Complaint(const Tensor& pixels, const std::filesystem::path& path,
                               const WriteOptions& options = {}) {
    try {
      WritePicture(pixels.view(), path, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }
  int64_t FilesInFolder() const {
    return std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator());
  }

  const std::filesystem::path folder_;
};

TEST_F(WritePictureTest, LosslessFormatsGiveBackWhatWasWritten) {
  for (const int64_t channels : {1, 3}) {
    for (const int bits : {8, 16}) {
      const double most = bits == 8 ? 255 : 65535;
      Tensor pixels(Shape{5, 4, channels});
      for (int64_t i = 0; i < pixels.size(); ++i) {
        pixels.data()[i] = static_cast<float>(std::floor(i * most / static_cast<double>(pixels.size() - 1)) / most);
      }
      for (const char* name : {"a.png", "a.tif", "a.TIFF"}) {
        EXPECT_EQ(WritePicture(pixels.view(), folder_ / name, {.bits = bits}), 0);
        const Picture back = ReadPicture(folder_ / name);
        EXPECT_EQ(back.bits, bits);
        EXPECT_EQ(back.pixels.shape(), pixels.shape());
        EXPECT_THAT(Values(back), Pointwise(FloatNear(1e-7f), pixels.view().span())) << name << bits;
      }
    }
  }
}

TEST_F(WritePictureTest, LossyFormatsComeNear) {
  Tensor pixels(Shape{32, 32, 3});
  std::fill_n(pixels.data(), pixels.size(), 0.4f);
  for (const char* name : {"a.jpg", "a.jpeg", "a.webp"}) {
    WritePicture(pixels.view(), folder_ / name);
    EXPECT_THAT(Values(ReadPicture(folder_ / name)), Pointwise(FloatNear(0.02f), pixels.view().span())) << name;
  }
}

TEST_F(WritePictureTest, ValuesAreRoundedAndThoseOutsideAreClippedAndCounted) {
  const Tensor pixels = Tensor::Of({1, 8, 1}, {-0.1f, 0, 0.4999f / 255, 0.5001f / 255, 1, 1.5f, NAN, INFINITY});
  EXPECT_EQ(WritePicture(pixels.view(), folder_ / "a.png"), 4);
  EXPECT_EQ(Values(ReadPicture(folder_ / "a.png", {.scale = 1})), (std::vector<float>{0, 0, 0, 1, 255, 255, 0, 255}));
}

TEST_F(WritePictureTest, WhatCannotBeWrittenIsSaidAndNothingIsLeft) {
  const Tensor pixels = Tensor::Zeros({2, 2, 3});
  EXPECT_THAT(Complaint(pixels, folder_ / "a.bmp"), HasSubstr("must end in .png, .jpg"));
  EXPECT_THAT(Complaint(pixels, folder_ / "a"), HasSubstr("received no ending"));
  EXPECT_THAT(Complaint(pixels, folder_ / "a.jpg", {.bits = 16}), HasSubstr("or 16 in PNG and TIFF; received 16"));
  EXPECT_THAT(Complaint(pixels, folder_ / "a.jpg", {.quality = 0}), HasSubstr("quality must be 1 to 100"));
  EXPECT_THAT(Complaint(Tensor::Zeros({2, 2, 2}), folder_ / "a.png"), HasSubstr("received (2, 2, 2)"));
  EXPECT_THAT(Complaint(Tensor::Zeros({2, 2}), folder_ / "a.png"), HasSubstr("received (2, 2)"));
  EXPECT_THAT(Complaint(Tensor::Zeros({0, 2, 1}), folder_ / "a.png"), HasSubstr("received (0, 2, 1)"));
  EXPECT_THAT(Complaint(Tensor::Zeros({1, 20000, 1}), folder_ / "a.webp"), HasSubstr("the limits of its format"));
  EXPECT_THAT(Complaint(pixels, folder_ / "none" / "a.png"), HasSubstr("a.png: "));
  EXPECT_EQ(FilesInFolder(), 0);
}

// A limit on the size of files stands for a full disk.
TEST_F(WritePictureTest, AFullDiskLeavesTheOldFile) {
  const auto path = folder_ / "a.tif";
  WritePicture(Tensor::Zeros({1, 1, 1}).view(), path);
  const std::string before = ReadFile(path, 1 << 20);
  rlimit old_limit;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small = {.rlim_cur = 4096, .rlim_max = old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string said = Complaint(Tensor::Zeros({100, 100, 1}), path);
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(said, HasSubstr("a.tif: "));
  EXPECT_EQ(ReadFile(path, 1 << 20), before);
  EXPECT_EQ(FilesInFolder(), 1);
}

}  // namespace
}  // namespace convscope
