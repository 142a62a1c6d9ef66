#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>
#include <vips/vips.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/parallel.h"
#include "convscope/image/internal/vips_library.h"
#include "convscope/image/picture.h"

namespace convscope {
namespace {

using internal::GFree;
using internal::VipsOwned;
using ::testing::AllOf;
using ::testing::Each;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::Pointwise;

using Colour = ReadOptions::Colour;

// The bytes of a file in hexadecimal digits.
std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::vector<float> Values(const Picture& picture) {
  const auto span = picture.pixels.view().span();
  return {span.begin(), span.end()};
}

class ReadPictureTest : public ::testing::Test {
 protected:
  ReadPictureTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ("convscope_picture_" + std::to_string(getpid()) + "_" +
                 ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
    internal::StartVips();
  }
  ~ReadPictureTest() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path Write(const std::string& name, std::string_view bytes) {
    WriteFileAtomically(folder_ / name, {&bytes, 1});
    return folder_ / name;
  }

  // An h x w picture of the given values, all bands of a pixel together, for libvips to save.
  template <typename T>
  VipsOwned<VipsImage> Image(int h, int w, const std::vector<T>& values, VipsInterpretation interpretation) {
    constexpr VipsBandFormat kFormat = sizeof(T) == 1   ? VIPS_FORMAT_UCHAR
                                       : sizeof(T) == 2 ? VIPS_FORMAT_USHORT
                                                        : VIPS_FORMAT_FLOAT;
    const VipsOwned<VipsImage> plain(vips_image_new_from_memory_copy(
        values.data(), values.size() * sizeof(T), w, h, static_cast<int>(values.size()) / (h * w), kFormat));
    VipsImage* image = nullptr;
    EXPECT_EQ(vips_copy(plain.get(), &image, "interpretation", interpretation, nullptr), 0);
    return VipsOwned<VipsImage>(image);
  }

  // Saved by libvips with the options of its file names, as in "a.jpg[Q=90]".
  std::filesystem::path Save(VipsImage* image, const std::string& name) {
    EXPECT_EQ(vips_image_write_to_file(image, (folder_ / name).c_str(), nullptr), 0) << internal::TakeVipsError();
    return folder_ / name.substr(0, name.find('['));
  }

  // The text of the error that reading `path` causes.
  static std::string Complaint(const std::filesystem::path& path, const ReadOptions& options = {}) {
    try {
      ReadPicture(path, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  const std::filesystem::path folder_;
};

TEST_F(ReadPictureTest, DividesGreyBytesByTheScale) {
  const auto path = Save(Image<uint8_t>(2, 3, {0, 1, 2, 128, 254, 255}, VIPS_INTERPRETATION_B_W).get(), "a.png");
  const Picture picture = ReadPicture(path);
  EXPECT_EQ(picture.pixels.shape(), (Shape{2, 3, 1}));
  EXPECT_EQ(Values(picture), (std::vector<float>{0, 1 / 255.0f, 2 / 255.0f, 128 / 255.0f, 254 / 255.0f, 1}));
  EXPECT_EQ(picture.source, path.string());
  EXPECT_EQ(picture.format, "png");
  EXPECT_EQ(picture.bits, 8);
  EXPECT_EQ(Values(ReadPicture(path, {.scale = 256})),
            (std::vector<float>{0, 1 / 256.0f, 2 / 256.0f, 0.5f, 254 / 256.0f, 255 / 256.0f}));
  EXPECT_EQ(Values(ReadPicture(path, {.scale = 1})), (std::vector<float>{0, 1, 2, 128, 254, 255}));
}

TEST_F(ReadPictureTest, KeepsColourOrMakesGreyOfItByBt601) {
  const auto path = Save(Image<uint8_t>(1, 2, {255, 0, 0, 10, 20, 30}, VIPS_INTERPRETATION_sRGB).get(), "a.png");
  const Picture colour = ReadPicture(path);
  EXPECT_EQ(colour.pixels.shape(), (Shape{1, 2, 3}));
  EXPECT_EQ(Values(colour), (std::vector<float>{1, 0, 0, 10 / 255.0f, 20 / 255.0f, 30 / 255.0f}));
  const Picture grey = ReadPicture(path, {.colour = Colour::kGrey});
  EXPECT_EQ(grey.pixels.shape(), (Shape{1, 2, 1}));
  EXPECT_FLOAT_EQ(Values(grey)[0], 0.299f);
  EXPECT_FLOAT_EQ(Values(grey)[1], (0.299f * 10 + 0.587f * 20 + 0.114f * 30) / 255);
}

TEST_F(ReadPictureTest, RepeatsGreyWhereRgbIsAskedFor) {
  const auto path = Save(Image<uint8_t>(1, 2, {51, 255}, VIPS_INTERPRETATION_B_W).get(), "a.png");
  EXPECT_EQ(Values(ReadPicture(path, {.colour = Colour::kRgb})), (std::vector<float>{0.2f, 0.2f, 0.2f, 1, 1, 1}));
}

TEST_F(ReadPictureTest, SixteenBitsCoverTheSameRange) {
  const auto image = Image<uint16_t>(1, 3, {0, 257, 65535}, VIPS_INTERPRETATION_GREY16);
  for (const char* name : {"a.png", "a.tif"}) {
    const auto path = Save(image.get(), name);
    EXPECT_EQ(Values(ReadPicture(path)), (std::vector<float>{0, 257 / 65535.0f, 1})) << name;
    EXPECT_EQ(Values(ReadPicture(path, {.scale = 256})), (std::vector<float>{0, 1 / 256.0f, 255 / 256.0f})) << name;
    EXPECT_EQ(ReadPicture(path).bits, 16);
  }
}

TEST_F(ReadPictureTest, FloatingPointIsKept) {
  const auto path = Save(Image<float>(1, 3, {-2.5f, 0.1f, 700}, VIPS_INTERPRETATION_B_W).get(), "a.tif");
  EXPECT_EQ(Values(ReadPicture(path)), (std::vector<float>{-2.5f, 0.1f, 700}));
  EXPECT_EQ(ReadPicture(path).bits, 32);
}

TEST_F(ReadPictureTest, TransparencyShowsWhite) {
  // Opaque, half and wholly transparent.
  const auto rgb = Save(
      Image<uint8_t>(1, 3, {0, 51, 255, 255, 0, 51, 255, 51, 9, 9, 9, 0}, VIPS_INTERPRETATION_sRGB).get(), "a.png");
  EXPECT_THAT(Values(ReadPicture(rgb)),
              Pointwise(FloatNear(1e-6f), std::vector<float>{0, 0.2f, 1, 0.8f, 0.84f, 1, 1, 1, 1}));
  const auto grey = Save(Image<uint16_t>(1, 2, {0, 13107, 0, 65535}, VIPS_INTERPRETATION_GREY16).get(), "b.png");
  EXPECT_THAT(Values(ReadPicture(grey)), Pointwise(FloatNear(1e-6f), std::vector<float>{0.8f, 0}));
  EXPECT_THAT(Values(ReadPicture(grey, {.scale = 1})), Pointwise(FloatNear(1e-3f), std::vector<float>{204, 0}));
}

TEST_F(ReadPictureTest, PalettesAreResolved) {
  // 3 x 1 pixels: red, green, and a blue that is transparent.
  const auto path =
      Write("a.png", FromHex("89504e470d0a1a0a0000000d49484452000000030000000108030000002c3ee486"
                             "00000009504c5445ff000000ff000000ff2d4acd8a0000000374524e53ffff00d7"
                             "ca0d410000000c49444154789c6360606402000008000436e0b0a60000000049454e44ae426082"));
  EXPECT_EQ(Values(ReadPicture(path)), (std::vector<float>{1, 0, 0, 0, 1, 0, 1, 1, 1}));
}

TEST_F(ReadPictureTest, CmykAndLabBecomeRgb) {
  // No ink is white; all of it is near black; cyan ink takes the red.
  const auto cmyk = Save(
      Image<uint8_t>(1, 3, {0, 0, 0, 0, 255, 255, 255, 255, 255, 0, 0, 0}, VIPS_INTERPRETATION_CMYK).get(), "a.tif");
  const Picture inks = ReadPicture(cmyk);
  ASSERT_EQ(inks.pixels.shape(), (Shape{1, 3, 3}));
  const std::vector<float> values = Values(inks);
  for (int c = 0; c < 3; ++c) EXPECT_GT(values[c], 0.95f);
  for (int c = 3; c < 6; ++c) EXPECT_LT(values[c], 0.25f);
  EXPECT_LT(values[6], values[8] - 0.3f);

  const auto lab = Save(Image<float>(1, 2, {100, 0, 0, 0, 0, 0}, VIPS_INTERPRETATION_LAB).get(), "b.tif");
  EXPECT_THAT(Values(ReadPicture(lab)), Pointwise(FloatNear(0.005f), std::vector<float>{1, 1, 1, 0, 0, 0}));
}

// Four quarters a b over c d, stored with each orientation; what is seen is spelled out from EXIF's definition.
TEST_F(ReadPictureTest, StandsUprightAsExifSays) {
  constexpr int kH = 16, kW = 32;
  std::vector<uint8_t> pixels;
  for (int y = 0; y < kH; ++y) {
    for (int x = 0; x < kW; ++x) pixels.push_back(static_cast<uint8_t>(50 * (2 * (y / (kH / 2)) + x / (kW / 2))));
  }
  const char* seen[] = {"abcd", "badc", "dcba", "cdab", "acbd", "cadb", "dbca", "bdac"};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const auto image = Image<uint8_t>(kH, kW, pixels, VIPS_INTERPRETATION_B_W);
    vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
    const auto path = Save(image.get(), "a.jpg[Q=100]");
    for (const Colour colour : {Colour::kKeep, Colour::kRgb}) {
      const Picture picture = ReadPicture(path, {.colour = colour});
      const int64_t h = orientation < 5 ? kH : kW;
      const int64_t w = orientation < 5 ? kW : kH;
      const int64_t c = colour == Colour::kKeep ? 1 : 3;
      ASSERT_EQ(picture.pixels.shape(), (Shape{h, w, c}));
      std::string quarters;
      for (const int64_t y : {h / 4, 3 * h / 4}) {
        for (const int64_t x : {w / 4, 3 * w / 4}) {
          quarters += static_cast<char>('a' + std::lround(picture.pixels.data()[(y * w + x) * c] * 255 / 50));
        }
      }
      EXPECT_EQ(quarters, seen[orientation - 1]) << orientation;
    }
  }
}

TEST_F(ReadPictureTest, TallPicturesAreTheSameAtAnyNumberOfThreads) {
  std::vector<uint16_t> pixels(700 * 5 * 3);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<uint16_t>(i * 37);
  const auto image = Image<uint16_t>(700, 5, pixels, VIPS_INTERPRETATION_RGB16);
  for (const char* name : {"a.png", "b.png[interlace]", "a.tif", "b.tif[tile,tile-width=128,tile-height=128]"}) {
    const auto path = Save(image.get(), name);
    for (const int threads : {1, 3}) {
      SetThreadCount(threads);
      const std::vector<float> values = Values(ReadPicture(path));
      ASSERT_EQ(values.size(), pixels.size());
      for (size_t i = 0; i < pixels.size(); ++i) ASSERT_EQ(values[i], pixels[i] / 65535.0f) << name << i;
    }
  }
  SetThreadCount(0);
}

TEST_F(ReadPictureTest, LossyFormatsComeBackNearlyAsTheyWere) {
  const auto image = Image<uint8_t>(16, 16, std::vector<uint8_t>(16 * 16 * 3, 100), VIPS_INTERPRETATION_sRGB);
  for (const auto& [name, format] : {std::pair{"a.jpg", "jpeg"}, {"a.webp", "webp"}, {"a.gif", "gif"}}) {
    const Picture picture = ReadPicture(Save(image.get(), name));
    EXPECT_EQ(picture.format, format);
    EXPECT_EQ(picture.pixels.shape()[0], 16);
    EXPECT_EQ(picture.pixels.shape()[1], 16);
    EXPECT_THAT(Values(picture), Each(FloatNear(100 / 255.0f, 0.02f))) << name;
  }
}

TEST_F(ReadPictureTest, AGifIsItsFirstFrame) {
  std::vector<uint8_t> frames(3 * 8 * 8 * 2);
  for (size_t i = 0; i < frames.size(); ++i) frames[i] = i < frames.size() / 2 ? 0 : 255;
  const auto image = Image<uint8_t>(16, 8, frames, VIPS_INTERPRETATION_sRGB);
  vips_image_set_int(image.get(), VIPS_META_PAGE_HEIGHT, 8);
  const Picture picture = ReadPicture(Save(image.get(), "a.gif"), {.colour = Colour::kGrey});
  EXPECT_EQ(picture.pixels.shape(), (Shape{8, 8, 1}));
  EXPECT_THAT(Values(picture), Each(0.0f));
}

TEST_F(ReadPictureTest, HeifOpensWhereLibvipsHasIt) {
  const auto image = Image<uint8_t>(64, 64, std::vector<uint8_t>(64 * 64 * 3, 100), VIPS_INTERPRETATION_sRGB);
  internal::LoadHeif();
  if (vips_image_write_to_file(image.get(), (folder_ / "a.avif").c_str(), nullptr) != 0) {
    GTEST_SKIP() << "libvips cannot write HEIF here: " << internal::TakeVipsError();
  }
  const Picture picture = ReadPicture(folder_ / "a.avif");
  EXPECT_EQ(picture.format, "heif");
  EXPECT_EQ(picture.pixels.shape(), (Shape{64, 64, 3}));
  EXPECT_THAT(Values(picture), Each(FloatNear(100 / 255.0f, 0.02f)));
}

TEST_F(ReadPictureTest, HeifIsLoadedByTheFirstFileThatNeedsIt) {
  try {
    const Picture picture = ReadPicture(internal::SourceFile("convscope/image/testdata/grey.avif"));
    EXPECT_EQ(picture.format, "heif");
    EXPECT_THAT(Values(picture), Each(FloatNear(100 / 255.0f, 0.02f)));
  } catch (const Error&) {
    if (internal::LoadHeif()) throw;
    GTEST_SKIP() << "libvips cannot read HEIF here";
  }
}

TEST_F(ReadPictureTest, StartingLibvipsLeavesTheEnvironmentAsItWas) {
  internal::StartVips();
  EXPECT_EQ(std::getenv("VIPSHOME"), nullptr);
}

TEST_F(ReadPictureTest, ReadsStandardInput) {
  const auto path = Save(Image<uint8_t>(1, 2, {0, 255}, VIPS_INTERPRETATION_B_W).get(), "a.png");
  const int kept = dup(STDIN_FILENO);
  ASSERT_NE(std::freopen(path.c_str(), "rb", stdin), nullptr);
  const Picture picture = ReadPicture("-");
  dup2(kept, STDIN_FILENO);
  close(kept);
  EXPECT_EQ(picture.source, "standard input");
  EXPECT_EQ(Values(picture), (std::vector<float>{0, 1}));
}

TEST_F(ReadPictureTest, ReportsProgressAndPassesOnWhatItThrows) {
  const auto path = Save(Image<uint8_t>(500, 4, std::vector<uint8_t>(2000, 7), VIPS_INTERPRETATION_B_W).get(), "a.png");
  std::vector<double> done;
  ReadPicture(path, {.progress = [&](std::string_view what, double part) {
                EXPECT_EQ(what, "reading " + path.string());
                done.push_back(part);
              }});
  ASSERT_GT(done.size(), 2u);
  EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
  EXPECT_EQ(done.front(), 0);
  EXPECT_EQ(done.back(), 1);
  EXPECT_THROW(ReadPicture(path, {.progress = [](std::string_view, double) { throw std::runtime_error("stop"); }}),
               std::runtime_error);
}

TEST_F(ReadPictureTest, WhatIsNotAPictureFileIsSaidPlainly) {
  EXPECT_THAT(Complaint(folder_ / "none.png"),
              AllOf(HasSubstr("none.png: "), HasSubstr("No such file"), HasSubstr("check its name")));
  EXPECT_THAT(Complaint(folder_), HasSubstr("a picture must be a file; received a folder"));
  EXPECT_THAT(Complaint(Write("empty.jpg", "")), HasSubstr("received an empty file"));
  EXPECT_THAT(Complaint(Write("a.png", "hello, world")), HasSubstr("received a file that begins with \"hello, w\""));
  EXPECT_THAT(Complaint(Write("b.png", std::string_view("\x89PNG\r\n\x1a\n", 8))), HasSubstr("b.png: "));
}

TEST_F(ReadPictureTest, LoadersThatAreNotNamedStayShut) {
  const auto image = Image<uint8_t>(1, 2, {0, 255}, VIPS_INTERPRETATION_B_W);
  for (const auto& path :
       {Save(image.get(), "a.v"), Save(image.get(), "a.csv"), Save(image.get(), "a.mat"),
        Write("a.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='4' height='4'></svg>"),
        Write("a.pdf", "%PDF-1.4\n"), Write("a.ppm", "P6 1 1 255\nabc"), Write("svg.png", "<svg width='1'></svg>")}) {
    EXPECT_THAT(Complaint(path), HasSubstr("must be a whole JPEG, PNG, WebP, TIFF, GIF or HEIF file")) << path;
  }
}

TEST_F(ReadPictureTest, SizeIsCheckedFromTheHeader) {
  // A PNG of 200000 x 200000 pixels with ten bytes of them.
  const auto huge = Write("huge.png", FromHex("89504e470d0a1a0a0000000d4948445200030d4000030d40080200000076591f5d00"
                                              "00000b49444154789c6360800100000a00017f80745e0000000049454e44ae426082"));
  EXPECT_THAT(Complaint(huge), AllOf(HasSubstr("at most 268435456 pixels"), HasSubstr("received 200000 x 200000")));
  const auto small = Save(Image<uint8_t>(3, 4, std::vector<uint8_t>(12), VIPS_INTERPRETATION_B_W).get(), "a.png");
  EXPECT_THAT(Complaint(small, {.pixel_limit = 11}), HasSubstr("at most 11 pixels; received 4 x 3"));
  EXPECT_EQ(Complaint(small, {.pixel_limit = 12}), "no error");
}

TEST_F(ReadPictureTest, PixelsOfOtherTypesAreRefused) {
  const auto complex = Image<float>(1, 5, std::vector<float>(5 * 5), VIPS_INTERPRETATION_MULTIBAND);
  EXPECT_THAT(Complaint(Save(complex.get(), "five.tif")), HasSubstr("1 to 4 channels"));
  VipsImage* wide = nullptr;
  ASSERT_EQ(vips_cast(Image<uint8_t>(1, 2, {1, 2}, VIPS_INTERPRETATION_B_W).get(), &wide, VIPS_FORMAT_INT, nullptr), 0);
  EXPECT_THAT(Complaint(Save(VipsOwned<VipsImage>(wide).get(), "int.tif")), HasSubstr("of type int"));
}

TEST_F(ReadPictureTest, TheScaleMustBeAboveZero) {
  for (const double scale : {0.0, -1.0, std::nan("")}) {
    EXPECT_THAT(Complaint("a.png", {.scale = scale}), HasSubstr("the scale must be above 0"));
  }
}

// A file with noise, so that its bytes are spread evenly over its rows.
VipsOwned<VipsImage> Noise() {
  VipsImage* noise = nullptr;
  VipsImage* bytes = nullptr;
  EXPECT_EQ(vips_gaussnoise(&noise, 60, 300, "mean", 128.0, "sigma", 40.0, "seed", 1, nullptr), 0);
  EXPECT_EQ(vips_cast(noise, &bytes, VIPS_FORMAT_UCHAR, nullptr), 0);
  g_object_unref(noise);
  return VipsOwned<VipsImage>(bytes);
}

TEST_F(ReadPictureTest, ATruncatedPictureIsAnErrorInOneLineWithNothingPrinted) {
  const auto image = Noise();
  ::testing::internal::CaptureStderr();
  for (const char* name : {"a.jpg", "a.png", "b.png[interlace]", "a.webp", "a.gif", "a.tif"}) {
    const std::string bytes = ReadFile(Save(image.get(), name), 1 << 22);
    // Without its end mark alone (12 bytes at most) a file still has all of its pixels, so cuts begin before it.
    for (const size_t cut : {size_t{20}, size_t{30}, size_t{100}, bytes.size() / 10, bytes.size() / 2,
                             bytes.size() - 40, bytes.size() - 12, bytes.size() - 3}) {
      for (const int threads : {1, 4}) {
        SetThreadCount(threads);
        const std::string said = Complaint(Write("cut", std::string_view(bytes).substr(0, bytes.size() - cut)));
        EXPECT_THAT(said, AllOf(HasSubstr("cut: a picture"), HasSubstr("whole"))) << name << " less " << cut;
        EXPECT_EQ(said.find('\n'), std::string::npos);
      }
    }
  }
  SetThreadCount(0);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(ReadPictureTest, AnyDamagedFileIsAPictureOrAnError) {
  const auto image = Noise();
  ::testing::internal::CaptureStderr();
  for (const char* name : {"a.jpg", "a.png", "a.webp", "a.gif", "a.tif"}) {
    const std::string bytes = ReadFile(Save(image.get(), name), 1 << 22);
    for (size_t i = 0; i < bytes.size(); i += i < 64 ? 1 : bytes.size() / 50) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(~damaged[i]);
      try {
        EXPECT_THAT(ReadPicture(Write("damaged", damaged), {.pixel_limit = 1 << 20}).pixels.size(), Le(3 << 20));
      } catch (const Error&) {
      }
    }
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace convscope
