#include "convscope/figures/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/golden_check.h"
#include "convscope/figures/layout.h"

namespace convscope {
namespace {

using internal::Compare;
using internal::ExpectGolden;
using internal::HasDejaVuSans;
using internal::ReadPng;
using ::testing::HasSubstr;

TensorView<const float> View(const Tensor& tensor) {
  return tensor.view();
}

// The picture of a ring, and what kernels make of it.
struct Sample {
  Tensor ring{Shape{28, 28}}, signed_ring{Shape{26, 26}}, maps{Shape{6, 6, 10}};
  Tensor kernel = Tensor::Of({3, 3}, {-1, -1, -1, -1, 8, -1, -1, -1, -1}), zero = Tensor::Zeros({28, 28});
  Figure figure;

  Sample() {
    const auto at = [](int64_t i, int64_t width) {
      const double y = static_cast<double>(i / width) - 13, x = static_cast<double>(i % width) - 13;
      return std::sqrt(x * x + 1.8 * y * y) - 9;
    };
    for (int64_t i = 0; i < ring.size(); ++i) ring.data()[i] = static_cast<float>(std::exp(-at(i, 28) * at(i, 28) / 6));
    for (int64_t i = 0; i < signed_ring.size(); ++i) {
      signed_ring.data()[i] = static_cast<float>(at(i, 26) * std::exp(-at(i, 26) * at(i, 26) / 6));
    }
    for (int64_t i = 0; i < maps.size(); ++i) {
      maps.data()[i] = i % 10 == 4 ? 0.0f : static_cast<float>((i / 10 * (i % 10 + 1)) % 36);
    }
    figure = {
        .title = "A ring & its <edges>",
        .footer = "golden",
        .rows = {{{.title = "input",
                   .content = MapPlot{.values = View(ring),
                                      .scale = PhotographScale(),
                                      .frames = {{.row = 20, .column = 5, .rows = 5, .columns = 5, .label = "5 x 5"}}}},
                  {.title = "kernel", .content = MatrixPlot{.values = View(kernel)}},
                  {.title = "convolution", .caption = "valid", .content = MapPlot{.values = View(signed_ring)}},
                  {.title = "dead map", .content = MapPlot{.values = View(zero)}}},
                 {{.title = "ten maps", .content = GridPlot{.values = View(maps), .columns = 10}}}}};
  }
};

class RenderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / Concat("convscope_render_test.", getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  bool FolderIsEmpty() const { return std::filesystem::is_empty(folder_); }

  std::filesystem::path folder_;
};

TEST_F(RenderTest, AFigureLooksLikeItsGoldenPicture) {
  if (!HasDejaVuSans()) GTEST_SKIP() << "needs the font DejaVu Sans";
  const Sample sample;
  ExpectGolden("convscope/figures/testdata/ring.png", EncodePng(sample.figure, {.width = 480, .pixels_per_point = 1}));
}

// Strength over a photograph: unsigned, signed, a map of nothing, and one with a NaN.
TEST_F(RenderTest, MapsOverAPhotographLookLikeTheirGoldenPicture) {
  if (!HasDejaVuSans()) GTEST_SKIP() << "needs the font DejaVu Sans";
  Tensor photograph({24, 24, 3}), strength({24, 24}), opinion({24, 24}), broken({24, 24});
  for (int64_t y = 0; y < 24; ++y) {
    for (int64_t x = 0; x < 24; ++x) {
      const int64_t i = y * 24 + x;
      for (int64_t c = 0; c < 3; ++c) photograph.data()[3 * i + c] = (x / 4 + y / 4) % 2 == 0 ? 0.9f : 0.1f;
      strength.data()[i] = static_cast<float>(x) / 23;
      opinion.data()[i] = static_cast<float>(x - 11.5) / 11.5f;
      broken.data()[i] = y == 5 && x == 5 ? NAN : strength.data()[i];
    }
  }
  const Tensor zero = Tensor::Zeros({24, 24});
  const auto panel = [&](const char* title, const Tensor& values) {
    return Panel{.title = title, .content = MapPlot{.values = View(values), .photograph = View(photograph)}};
  };
  ExpectGolden("convscope/figures/testdata/overlay.png",
               EncodePng({.rows = {{panel("strength", strength), panel("for and against", opinion),
                                    panel("nothing", zero), panel("broken", broken)}}},
                         {.width = 480, .pixels_per_point = 1}));
}

// A grid with names of rows and columns, a map of one value, a matrix with more names than room, and points of more
// groups than colours.
TEST_F(RenderTest, TablesAndPointsLookLikeTheirGoldenPicture) {
  if (!HasDejaVuSans()) GTEST_SKIP() << "needs the font DejaVu Sans";
  const Sample sample;
  Tensor table({6, 6, 6}), quarter({6, 6}), counts({40, 40});
  for (int64_t i = 0; i < table.size(); ++i) table.data()[i] = static_cast<float>((i / 6 * (i % 6 + 1)) % 37) - 18;
  for (float& value : quarter.view().span()) value = 0.25f;
  for (int64_t i = 0; i < counts.size(); ++i) counts.data()[i] = i / 40 == i % 40 ? 9.0f : static_cast<float>(i % 3);
  MatrixPlot matrix{.values = View(counts)};
  ScatterPlot points;
  for (int g = 0; g < 12; ++g) {
    points.group_names.push_back(Concat("group ", g));
    matrix.row_names.push_back(Concat(g));
    for (int i = 0; i < 9; ++i) {
      points.x.push_back(g % 4 * 5 + i % 3);
      points.y.push_back(g / 4 * 5 + i / 3);
      points.groups.push_back(g);
      points.marked.push_back(i == g % 9);
    }
  }
  for (int i = 12; i < 40; ++i) matrix.row_names.push_back(Concat(i));
  matrix.column_names = matrix.row_names;
  points.marked_name = "misclassified";
  const GridPlot grid{.values = View(table),
                      .columns = 3,
                      .labels = {"4", "", "7", "", "", "12"},
                      .row_names = {"T-shirt/top", "Ankle boot"},
                      .column_names = {"step 0", "step 20", "step 40"},
                      .framed = {true, false, false, false, true, false}};
  ExpectGolden("convscope/figures/testdata/tables.png",
               EncodePng({.rows = {{{.title = "table", .content = grid},
                                    {.title = "one value", .content = MapPlot{.values = View(quarter)}}},
                                   {{.title = "counts", .content = matrix, .most_height = 200},
                                    {.title = "points", .content = points, .most_height = 200}}}},
                         {.width = 640, .pixels_per_point = 1}));
}

TEST_F(RenderTest, APhotographUnderAMapHasItsSize) {
  const Tensor map = Tensor::Zeros({4, 5}), small = Tensor::Zeros({4, 4});
  EXPECT_THROW(EncodePng({.rows = {{{.content = MapPlot{.values = View(map), .photograph = View(small)}}}}}), Error);
}

TEST_F(RenderTest, TheGoldenComparisonSeesAMissingColourBar) {
  const Sample sample;
  const std::string whole = EncodePng(sample.figure, {.width = 480, .pixels_per_point = 1});
  const Raster a = ReadPng(whole);
  Raster b = a;
  const Scene scene = LayOut(sample.figure, {.width = 480, .pixels_per_point = 1});
  for (const SceneImage& image : scene.images) {
    if (image.role != SceneImage::Role::kColorBar) continue;
    for (int y = static_cast<int>(image.box.y); y < image.box.bottom(); ++y) {
      for (int x = static_cast<int>(image.box.x); x < image.box.right(); ++x)
        b.pixels[y * b.width + x] = {255, 255, 255};
    }
    break;
  }
  EXPECT_GT(Compare(a, b).block, 24);
}

TEST_F(RenderTest, PixelsOfASmallMapAreSharpSquares) {
  const Tensor board = Tensor::Of({2, 2}, {0, 1, 1, 0});
  const Figure figure{.rows = {{{.content = MapPlot{.values = View(board), .scale = PhotographScale()}}}}};
  const Raster page = ReadPng(EncodePng(figure));
  const Box box = LayOut(figure).images[0].box;
  // No grey between black and white, but at the border line.
  for (int y = static_cast<int>(2 * box.y) + 2; y < static_cast<int>(2 * box.bottom()) - 2; ++y) {
    for (int x = static_cast<int>(2 * box.x) + 2; x < static_cast<int>(2 * box.right()) - 2; ++x) {
      const bool right = x + 0.5 > 2 * (box.x + box.width / 2), below = y + 0.5 > 2 * (box.y + box.height / 2);
      const uint8_t level = right != below ? 255 : 0;
      ASSERT_EQ(page.pixels[y * page.width + x], (Rgb8{level, level, level})) << x << " " << y;
    }
  }
}

TEST_F(RenderTest, ThePageIsWhiteAndAsLargeAsLaidOut) {
  const Sample sample;
  const Scene scene = LayOut(sample.figure, {.width = 480, .pixels_per_point = 3});
  const Raster page = ReadPng(EncodePng(sample.figure, {.width = 480, .pixels_per_point = 3}));
  EXPECT_EQ(page.width, std::lround(3 * scene.width));
  EXPECT_EQ(page.height, std::lround(3 * scene.height));
  EXPECT_EQ(page.pixels.front(), (Rgb8{255, 255, 255}));
  EXPECT_EQ(page.pixels.back(), (Rgb8{255, 255, 255}));
}

TEST_F(RenderTest, TheSameFigureGivesTheSameBytesOnAnyNumberOfThreads) {
  const Sample sample;
  for (const auto encode : {EncodePng, EncodeSvg, EncodePdf}) {
    SetThreadCount(1);
    const std::string one = encode(sample.figure, {});
    SetThreadCount(3);
    EXPECT_EQ(one, encode(sample.figure, {}));
  }
  SetThreadCount(0);
}

TEST_F(RenderTest, PdfHasNoDate) {
  const Sample sample;
  EXPECT_EQ(EncodePdf(sample.figure).find("CreationDate"), std::string::npos);
}

TEST_F(RenderTest, TextOfAnSvgIsTextAndIsEscaped) {
  const Sample sample;
  const std::string svg = EncodeSvg(sample.figure);
  EXPECT_THAT(svg, HasSubstr(">A ring &amp; its &lt;edges&gt;</text>"));
  EXPECT_THAT(svg, HasSubstr(">convolution</text>"));
  EXPECT_THAT(svg, HasSubstr(">-1</text>"));
}

TEST_F(RenderTest, TheEndingChoosesTheFormat) {
  const Sample sample;
  const std::vector<std::pair<std::string, std::string>> starts = {
      {"a.png", "\x89PNG"}, {"b.svg", "<?xml"}, {"c.pdf", "%PDF-"}, {"D.PNG", "\x89PNG"}};
  for (const auto& [name, start] : starts) {
    Save(sample.figure, folder_ / name);
    EXPECT_TRUE(ReadFile(folder_ / name, 1 << 24).starts_with(start)) << name;
  }
}

TEST_F(RenderTest, AnotherEndingIsAnErrorThatNamesTheThree) {
  const Sample sample;
  for (const char* name : {"a.bmp", "a", "png"}) {
    try {
      Save(sample.figure, folder_ / name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(".png, .svg or .pdf"));
    }
    EXPECT_THROW(CheckFigurePath(name), Error);
  }
  EXPECT_NO_THROW(CheckFigurePath("a.svg"));
  EXPECT_TRUE(FolderIsEmpty());
}

TEST_F(RenderTest, AFailingWriteLeavesNothing) {
  const Sample sample;
  EXPECT_THROW(Save(sample.figure, folder_ / "no such folder" / "a.png"), Error);
  EXPECT_TRUE(FolderIsEmpty());
  const Tensor four = Tensor::Zeros({2, 2, 4});
  EXPECT_THROW(Save({.rows = {{{.content = MapPlot{.values = View(four)}}}}}, folder_ / "a.png"), Error);
  EXPECT_TRUE(FolderIsEmpty());
  // A folder cannot be replaced by a file; what was there stays.
  std::filesystem::create_directories(folder_ / "taken.png" / "inside");
  EXPECT_THROW(Save(sample.figure, folder_ / "taken.png"), Error);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "taken.png" / "inside"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(RenderTest, APageTooLargeForAPictureIsAnError) {
  const Sample sample;
  try {
    EncodePng({.rows = std::vector(300, sample.figure.rows[0])}, {.pixels_per_point = 8});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("32767"));
  }
}

}  // namespace
}  // namespace convscope
