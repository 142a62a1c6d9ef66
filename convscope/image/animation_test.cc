#include "convscope/image/animation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/image/internal/vips_library.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Three frames of 4 x 6, each of one colour and one pixel of another.
Animation Small() {
  Animation animation{.width = 6, .height = 4, .pixels = {}, .milliseconds = {100, 50, 400}};
  const uint8_t colours[3][3] = {{255, 0, 0}, {0, 128, 0}, {10, 20, 200}};
  for (const auto& colour : colours) {
    for (int pixel = 0; pixel < 24; ++pixel) {
      for (const uint8_t value : colour) animation.pixels.push_back(pixel == 7 ? 255 : value);
    }
  }
  return animation;
}

class AnimationTest : public ::testing::Test {
 protected:
  AnimationTest()
      : folder_(std::filesystem::path(::testing::TempDir()) / ("convscope_animation_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~AnimationTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

TEST_F(AnimationTest, ComesBackFrameByFrame) {
  const Animation animation = Small();
  for (const char* name : {"small.gif", "small.webp"}) {
    SCOPED_TRACE(name);
    const std::string path = (folder_ / name).string();
    WriteAnimation(animation, path);
    const internal::VipsOwned<VipsImage> read(vips_image_new_from_file(path.c_str(), "n", -1, nullptr));
    ASSERT_NE(read, nullptr);
    EXPECT_EQ(vips_image_get_width(read.get()), 6);
    EXPECT_EQ(vips_image_get_height(read.get()), 3 * 4);
    EXPECT_EQ(vips_image_get_page_height(read.get()), 4);
    int* delays = nullptr;
    int count = 0;
    ASSERT_EQ(vips_image_get_array_int(read.get(), "delay", &delays, &count), 0);
    EXPECT_THAT(std::vector<int>(delays, delays + count), ElementsAre(100, 50, 400));
    size_t size = 0;
    const std::unique_ptr<void, internal::GFree> bytes(vips_image_write_to_memory(read.get(), &size));
    const int bands = vips_image_get_bands(read.get());
    const auto* pixels = static_cast<const uint8_t*>(bytes.get());
    for (int i = 0; i < 3 * 24; ++i) {
      // The quantiser of a GIF computes its palette in linear light and rounds it.
      const int most = std::string(name).ends_with(".gif") ? 1 : 0;
      for (int c = 0; c < 3; ++c) {
        ASSERT_LE(std::abs(pixels[i * bands + c] - animation.pixels[3 * i + c]), most) << "pixel " << i;
      }
    }
  }
}

TEST_F(AnimationTest, OfTheSameFramesHasTheSameBytes) {
  WriteAnimation(Small(), folder_ / "a.gif");
  WriteAnimation(Small(), folder_ / "b.gif");
  EXPECT_EQ(ReadFile(folder_ / "a.gif", 1 << 20), ReadFile(folder_ / "b.gif", 1 << 20));
}

TEST_F(AnimationTest, ThatCannotBeIsRefusedAndLeavesNoFile) {
  const auto complaint = [&](const Animation& animation, const char* name) -> std::string {
    try {
      WriteAnimation(animation, folder_ / name);
    } catch (const Error& error) {
      EXPECT_TRUE(std::filesystem::is_empty(folder_));
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(complaint(Small(), "small.png"), HasSubstr(".gif or .webp"));
  Animation none = Small();
  none.milliseconds.clear();
  EXPECT_THAT(complaint(none, "a.gif"), HasSubstr("0 frames"));
  Animation short_of_pixels = Small();
  short_of_pixels.pixels.pop_back();
  EXPECT_THAT(complaint(short_of_pixels, "a.gif"), HasSubstr("215 values"));
  Animation hasty = Small();
  hasty.milliseconds[1] = 5;
  EXPECT_THAT(complaint(hasty, "a.gif"), HasSubstr("10 ms"));
  EXPECT_NE(complaint(Small(), "missing/a.gif"), "");
}

}  // namespace
}  // namespace convscope
