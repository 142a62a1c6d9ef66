#include "convscope/figures/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// Waves around zero, from -1 to 1 or, without sign, from 0 to 1.
Tensor Waves(Shape shape, bool with_sign = true) {
  Tensor tensor(shape);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    const float wave = std::sin(static_cast<float>(i) * 0.37f);
    tensor.data()[i] = with_sign ? wave : std::fabs(wave);
  }
  return tensor;
}

TensorView<const float> View(const Tensor& tensor) {
  return tensor.view();
}

int Count(const Scene& scene, SceneImage::Role role) {
  return static_cast<int>(
      std::count_if(scene.images.begin(), scene.images.end(), [&](const SceneImage& i) { return i.role == role; }));
}

// All texts of a role, in their order, one a line.
std::string TextsOf(const Scene& scene, SceneText::Role role) {
  std::string texts;
  for (const SceneText& text : scene.texts) {
    if (text.role == role) texts += text.text + "\n";
  }
  return texts;
}

bool Overlap(const Box& a, const Box& b) {
  constexpr double kTouch = 1e-6;
  return a.x < b.right() - kTouch && b.x < a.right() - kTouch && a.y < b.bottom() - kTouch && b.y < a.bottom() - kTouch;
}

// The rules that every page keeps.
void ExpectTidy(const Scene& scene, const std::string& what) {
  SCOPED_TRACE(what);
  const auto expect_inside = [&](const Box& box, const std::string& name) {
    EXPECT_GE(box.x, 0) << name;
    EXPECT_GE(box.y, 0) << name;
    EXPECT_LE(box.right(), scene.width) << name;
    EXPECT_LE(box.bottom(), scene.height) << name;
  };
  for (size_t i = 0; i < scene.texts.size(); ++i) {
    const SceneText& text = scene.texts[i];
    expect_inside(text.box, text.text);
    EXPECT_GE(text.style.size, text.role == SceneText::Role::kCell ? 7 : 9) << text.text;
    for (size_t j = i + 1; j < scene.texts.size(); ++j) {
      EXPECT_FALSE(Overlap(text.box, scene.texts[j].box)) << text.text << " | " << scene.texts[j].text;
    }
    if (text.role == SceneText::Role::kCell || text.role == SceneText::Role::kFrameLabel) continue;
    for (const SceneImage& image : scene.images) EXPECT_FALSE(Overlap(text.box, image.box)) << text.text;
  }
  for (size_t i = 0; i < scene.images.size(); ++i) {
    const SceneImage& image = scene.images[i];
    expect_inside(image.box, Concat("image ", i));
    EXPECT_GT(image.box.width, 0);
    EXPECT_GT(image.box.height, 0);
    EXPECT_EQ(image.raster.pixels.size(), static_cast<size_t>(image.raster.width) * image.raster.height);
    for (size_t j = i + 1; j < scene.images.size(); ++j) {
      EXPECT_FALSE(Overlap(image.box, scene.images[j].box)) << i << " | " << j;
    }
  }
}

const char kLongTitle[] =
    "everything that this panel shows, its kernel, its stride, its padding, the activation that follows it, and "
    "a_name_of_a_tensor_without_any_blank_in_it/that_goes_on/and_on/pre_activation";

TEST(LayoutTest, TextsNeitherOverlapNorLeaveThePageWhateverTheFigure) {
  const Tensor photo = Waves({30, 45}, false), color = Waves({30, 45, 3}), one = Waves({1, 1});
  const Tensor tall = Waves({3000, 10}), wide = Waves({10, 3000}), maps = Waves({13, 13, 64}),
               many = Waves({2, 2, 300});
  const Tensor kernel = Waves({3, 3}), large_kernel = Waves({15, 15}), larger_kernel = Waves({40, 33});
  Tensor zero = Tensor::Zeros({28, 28}), broken = Waves({28, 28});
  broken.data()[5] = std::numeric_limits<float>::quiet_NaN();

  const std::vector<std::pair<std::string, Panel>> panels = {
      {"photo", {.title = "photo", .content = MapPlot{.values = View(photo), .scale = PhotographScale()}}},
      {"color", {.title = "colour", .caption = kLongTitle, .content = MapPlot{.values = View(color)}}},
      {"one", {.title = kLongTitle, .content = MapPlot{.values = View(one)}}},
      {"tall", {.title = "tall", .content = MapPlot{.values = View(tall)}}},
      {"wide", {.title = kLongTitle, .content = MapPlot{.values = View(wide)}}},
      {"zero", {.title = "zero", .content = MapPlot{.values = View(zero)}}},
      {"broken", {.content = MapPlot{.values = View(broken)}}},
      {"kernel", {.title = "kernel", .content = MatrixPlot{.values = View(kernel)}}},
      {"large kernel", {.title = "kernel", .content = MatrixPlot{.values = View(large_kernel)}}},
      {"larger kernel", {.title = "kernel", .content = MatrixPlot{.values = View(larger_kernel)}}},
      {"grid", {.title = "64 maps", .content = GridPlot{.values = View(maps)}}},
      {"grid per map",
       {.title = "64 maps", .content = GridPlot{.values = View(maps), .scaling = GridPlot::Scaling::kPerMap}}},
      {"grid of many", {.title = "300 maps", .content = GridPlot{.values = View(many), .columns = 300}}},
      {"framed",
       {.title = "frames",
        .content = MapPlot{.values = View(photo),
                           .frames = {{.row = 2, .column = 3, .rows = 5, .columns = 5, .label = "a"},
                                      {.row = 2, .column = 9, .rows = 5, .columns = 5, .label = "b, beside it"},
                                      {.row = 25, .column = 40, .rows = 5, .columns = 5, .label = "c, in the corner"},
                                      {.rows = 30, .columns = 45, .label = "all of it"}}}}},
  };
  for (const double width : {240.0, 720.0, 1200.0}) {
    for (const auto& [name, panel] : panels) {
      const std::string what = Concat(name, " at ", width);
      ExpectTidy(LayOut({.title = kLongTitle, .footer = kLongTitle, .rows = {{panel}}}, {.width = width}), what);
      ExpectTidy(LayOut({.rows = {std::vector<Panel>(7, panel)}}, {.width = width}), "seven of " + what);
    }
    std::vector<Panel> row;
    for (const auto& [name, panel] : panels) row.push_back(panel);
    ExpectTidy(LayOut({.title = "all", .rows = {row, {}, row}}, {.width = width}), Concat("all at ", width));
  }
}

TEST(LayoutTest, ThePageIsNotWiderThanAskedAndShrinksToASmallFigure) {
  const Tensor kernel = Waves({3, 3}), photo = Waves({300, 451}, false);
  const Panel panel{.title = "photo", .content = MapPlot{.values = View(photo)}};
  EXPECT_LE(LayOut({.rows = {std::vector<Panel>(7, panel)}}, {.width = 500}).width, 500);
  EXPECT_LT(LayOut({.rows = {{{.title = "k", .content = MatrixPlot{.values = View(kernel)}}}}}).width, 400);
}

TEST(LayoutTest, EveryMapButAPhotographHasAColourBar) {
  const Tensor photo = Waves({30, 45}, false), color = Waves({30, 45, 3}, false), maps = Waves({5, 5, 6});
  const auto bars = [](const Panel& panel) { return Count(LayOut({.rows = {{panel}}}), SceneImage::Role::kColorBar); };
  EXPECT_EQ(bars({.content = MapPlot{.values = View(photo), .scale = PhotographScale()}}), 0);
  EXPECT_EQ(bars({.content = MapPlot{.values = View(color)}}), 0);
  EXPECT_EQ(bars({.content = MapPlot{.values = View(photo)}}), 1);
  EXPECT_EQ(bars({.content = MapPlot{.values = View(photo), .scale = Scale{ColorMap::kGray, 0, 2}}}), 1);
  EXPECT_EQ(bars({.content = MatrixPlot{.values = View(photo)}}), 1);
  EXPECT_EQ(bars({.content = GridPlot{.values = View(maps)}}), 1);
  EXPECT_EQ(bars({.content = GridPlot{.values = View(maps), .scaling = GridPlot::Scaling::kPerMap}}), 0);
}

TEST(LayoutTest, ColourBarsAreLabelledAtTheirEndsAndAtZero) {
  const Tensor map = Tensor::Of({1, 3}, {-1, 0, 8}), plain = Tensor::Of({1, 2}, {0, 0.0625f});
  EXPECT_EQ(TextsOf(LayOut({.rows = {{{.content = MapPlot{.values = View(map)}}}}}), SceneText::Role::kTick),
            "-8\n0\n8\n");
  EXPECT_EQ(TextsOf(LayOut({.rows = {{{.content = MapPlot{.values = View(plain)}}}}}), SceneText::Role::kTick),
            "0\n0.0625\n");
}

TEST(LayoutTest, ValuesBeyondAGivenScaleAreSaid) {
  const Tensor map = Tensor::Of({1, 3}, {-1, 0, 8});
  const Scale scale{ColorMap::kDiverging, -2, 2};
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(map), .scale = scale}}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kTick), "-2\n0\n≥ 2\n");
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("beyond"));
}

TEST(LayoutTest, ZeroIsNeutralInASignedMap) {
  const Tensor map = Tensor::Of({1, 3}, {-1, 0, 8});
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(map)}}}}});
  EXPECT_EQ(scene.images[0].raster.pixels[1], Color(ColorMap::kDiverging, 0.5f));
}

TEST(LayoutTest, AnAllZeroMapIsDrawnAsZeroAndLabelled) {
  const Tensor zero = Tensor::Zeros({4, 4});
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(zero)}}}}});
  for (const Rgb8 pixel : scene.images[0].raster.pixels) EXPECT_EQ(pixel, Color(ColorMap::kDiverging, 0.5f));
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kCaption), "all zero\n");
}

TEST(LayoutTest, AMapOfOneValueClaimsNoOtherOne) {
  const auto ticks = [](const Tensor& map, std::optional<Scale> scale = {}) {
    const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(map), .scale = scale}}}}});
    return TextsOf(scene, SceneText::Role::kTick);
  };
  const Tensor zero = Tensor::Zeros({4, 4}), quarter = Tensor::Of({1, 2}, {0.25f, 0.25f});
  EXPECT_EQ(ticks(zero), "all 0\n");
  EXPECT_EQ(ticks(quarter), "all 0.25\n");
  EXPECT_EQ(ticks(Tensor::Of({1, 2}, {-3, -3})), "all -3\n");
  // On a scale of several maps its ends are those of the others.
  EXPECT_EQ(ticks(quarter, Scale{ColorMap::kViridis, 0, 4}), "0\n4\n");
  // The bar has the map's colour.
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(quarter)}}}}});
  ASSERT_EQ(scene.images[1].role, SceneImage::Role::kColorBar);
  for (const Rgb8 pixel : scene.images[1].raster.pixels) EXPECT_EQ(pixel, scene.images[0].raster.pixels[0]);
  // Where there is no value there is no bar.
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor broken = Tensor::Of({1, 2}, {nan, nan});
  EXPECT_EQ(Count(LayOut({.rows = {{{.content = MapPlot{.values = View(broken)}}}}}), SceneImage::Role::kColorBar), 0);
}

TEST(LayoutTest, AGridMayBeATableWithNames) {
  const Tensor maps = Waves({5, 5, 6});
  const GridPlot plot{.values = View(maps),
                      .columns = 3,
                      .labels = {"a", "b\nlower", "", "", "", ""},
                      .row_names = {"first row", "second"},
                      .column_names = {"step 1", "step 2", "step 3"},
                      .framed = {true, false, false, false, true, false}};
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kNumber), "a\nb\nlower\n\n\n\n\n");
  const std::string names = TextsOf(scene, SceneText::Role::kTick);
  for (const char* name : {"first row\n", "second\n", "step 1\n", "step 2\n", "step 3\n"}) {
    EXPECT_THAT(names, HasSubstr(name));
  }
  const auto frames = std::count_if(scene.rectangles.begin(), scene.rectangles.end(),
                                    [](const SceneRectangle& one) { return one.stroke_width > 1; });
  EXPECT_EQ(frames, 2);
  ExpectTidy(scene, "a table");
  // In a page that is too narrow for its names, they are broken or cut.
  ExpectTidy(LayOut({.rows = {{{.content = plot}}}}, {.width = 200}), "a narrow table");
  // More columns than have room are columns all the same.
  const Tensor many = Waves({5, 5, 60});
  GridPlot wide{.values = View(many), .columns = 20, .labels = std::vector<std::string>(60, "1000")};
  wide.row_names = {"first row", "second", "third"};
  const Scene narrow = LayOut({.rows = {{{.content = wide}}}}, {.width = 300});
  EXPECT_EQ(narrow.images[19].box.y, narrow.images[0].box.y);
  EXPECT_GT(narrow.images[20].box.y, narrow.images[0].box.y);
  GridPlot wrong = plot;
  wrong.row_names = {"one"};
  EXPECT_THROW(LayOut({.rows = {{{.content = wrong}}}}), Error);
  wrong = plot;
  wrong.framed = {true};
  EXPECT_THROW(LayOut({.rows = {{{.content = wrong}}}}), Error);
}

TEST(LayoutTest, NamesBesideAMatrixAreLeftOutWhereTheyHaveNoRoom) {
  const Tensor matrix = Tensor::Zeros({100, 100});
  MatrixPlot plot{.values = View(matrix)};
  for (int i = 0; i < 100; ++i) {
    plot.row_names.push_back(Concat(i));
    plot.column_names.push_back(Concat(i));
  }
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  ExpectTidy(scene, "a matrix of 100 classes");
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kTick), ::testing::Not(HasSubstr("0\n1\n")));
}

TEST(LayoutTest, ClippedAndBrokenValuesAreCounted) {
  const Tensor color = Tensor::Of({1, 2, 3}, {0, 1, 2, -1, 0.5f, 0.5f});
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(color)}}}}});
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("2 of 6 values"));
  const Tensor broken = Tensor::Of({1, 2}, {1, std::numeric_limits<float>::quiet_NaN()});
  const Scene marked = LayOut({.rows = {{{.content = MapPlot{.values = View(broken)}}}}});
  EXPECT_EQ(marked.images[0].raster.pixels[1], kNotFiniteColor);
  EXPECT_THAT(TextsOf(marked, SceneText::Role::kCaption), HasSubstr("1 of 2 values"));
}

TEST(LayoutTest, SmallMapsKeepTheirPixelsAndTheirShape) {
  const Tensor map = Waves({28, 14});
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(map)}}}}});
  const SceneImage& image = scene.images[0];
  EXPECT_EQ(image.raster.width, 14);
  EXPECT_EQ(image.raster.height, 28);
  EXPECT_NEAR(image.box.width * 2, image.box.height, 1);  // a pixel of the device on either side
}

TEST(LayoutTest, LargeMapsAreAveragedToThePixelsOfTheDevice) {
  const Tensor map = Waves({2000, 2000});
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(map)}}}}}, {.pixels_per_point = 2});
  EXPECT_EQ(scene.images[0].raster.width, std::lround(2 * scene.images[0].box.width));
}

TEST(LayoutTest, PanelsOfARowStandAtOneHeight) {
  const Tensor photo = Waves({300, 451}, false), kernel = Waves({3, 3}), map = Waves({298, 449});
  const Scene scene = LayOut({.rows = {{{.title = "input", .content = MapPlot{.values = View(photo)}},
                                        {.title = kLongTitle, .content = MatrixPlot{.values = View(kernel)}},
                                        {.title = "out", .content = MapPlot{.values = View(map)}}}}});
  std::vector<Box> boxes;
  for (const SceneImage& image : scene.images) {
    if (image.role != SceneImage::Role::kColorBar) boxes.push_back(image.box);
  }
  ASSERT_EQ(boxes.size(), 3u);
  for (const Box& box : boxes) {
    EXPECT_EQ(box.y, boxes[0].y);
    EXPECT_EQ(box.height, boxes[0].height);
  }
}

// Thirteen maps, of which five fit side by side: not 4, 4 and 5.
TEST(LayoutTest, LinesOfARowAreEvenAndTheLastIsNoLonger) {
  const Tensor map = Waves({28, 28});
  const Panel panel{.title = "map", .content = MapPlot{.values = View(map)}};
  const Scene scene = LayOut({.rows = {std::vector<Panel>(13, panel)}});
  std::vector<int> in_line;
  double y = -1;
  for (const SceneImage& image : scene.images) {
    if (image.role == SceneImage::Role::kColorBar) continue;
    if (image.box.y != y) in_line.push_back(0);
    y = image.box.y;
    ++in_line.back();
  }
  EXPECT_EQ(in_line, (std::vector<int>{5, 4, 4}));
}

TEST(LayoutTest, PaddingOfAMatrixIsHatchedAndNoValue) {
  const Tensor window = Tensor::Of({2, 2}, {0, 0, 0, 5});
  MatrixPlot plot{.values = View(window)};
  plot.padding = {true, true, false, false};
  plot.padding_text = "-";
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kCell), "-\n-\n0\n5\n");
  const Box matrix = scene.images[0].box;
  int stripes = 0;
  for (const ScenePath& path : scene.paths) {
    if (path.role != ScenePath::Role::kGuide) continue;
    ++stripes;
    for (const ScenePoint& point : path.points) {
      EXPECT_GE(point.x, matrix.x - 1e-9);
      EXPECT_LE(point.x, matrix.right() + 1e-9);
      EXPECT_GE(point.y, matrix.y - 1e-9);
      EXPECT_LE(point.y, matrix.y + matrix.height / 2 + 1e-9);  // the upper row
    }
  }
  EXPECT_GE(stripes, 8);
  plot.padding.pop_back();
  EXPECT_THROW(LayOut({.rows = {{{.content = plot}}}}), Error);
}

// Numbers far below 1 beside one another: "-0.000012" has no room in a cell, "-1.2" of 1e-5 has.
TEST(LayoutTest, SmallNumbersInSmallCellsAreWrittenInUnitsOfAPowerOfTen) {
  Tensor products({8, 8});
  for (int64_t i = 0; i < 64; ++i) products.data()[i] = static_cast<float>(i % 49 - 24) * 1.0123e-3f;
  products.data()[3] = -1.5e-6f;
  const Scene scene = LayOut({.rows = {{{.content = MatrixPlot{.values = View(products)}}}}, .panel_height = 200});
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("written in units of 1e-3"));
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCell), testing::StartsWith("-24.3\n-23.3\n-22.3\n0.0\n"));
}

TEST(LayoutTest, AWideMatrixStandsBesideItsPhotographWithItsNumbers) {
  const Tensor photo = Waves({300, 451}, false), row = Tensor::Of({1, 9}, std::vector<float>(9, 0.1111f));
  const Scene scene = LayOut({.rows = {{{.content = MapPlot{.values = View(photo), .scale = PhotographScale()}},
                                        {.content = MatrixPlot{.values = View(row)}},
                                        {.content = MapPlot{.values = View(photo), .scale = PhotographScale()}}}}});
  for (const SceneImage& image : scene.images) {
    if (image.role == SceneImage::Role::kColorBar) continue;
    EXPECT_EQ(image.box.y, scene.images[0].box.y);
  }
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCell), HasSubstr("0.1111"));
}

TEST(LayoutTest, AColourBarIsAsWideAsItsPanel) {
  const Tensor wide = Waves({300, 900}), grid = Waves({30, 60, 6});
  for (const Panel& panel :
       {Panel{.content = MapPlot{.values = View(wide)}}, Panel{.content = GridPlot{.values = View(grid)}}}) {
    const Scene scene = LayOut({.rows = {{panel}}});
    double right = 0;
    for (const SceneImage& image : scene.images) {
      if (image.role == SceneImage::Role::kColorBar) {
        EXPECT_NEAR(image.box.right(), right, 1);
      } else {
        right = std::max(right, image.box.right());
      }
    }
    EXPECT_GT(right, 300);
  }
}

TEST(LayoutTest, MatrixValuesAreWrittenReadably) {
  const Tensor kernel = Tensor::Of({3, 3}, {-1, -1, -1, -1, 8, -1, -1, -1, -1});
  const Scene scene = LayOut({.rows = {{{.content = MatrixPlot{.values = View(kernel)}}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kCell), "-1\n-1\n-1\n-1\n8\n-1\n-1\n-1\n-1\n");
  const Scale scale = ScaleFor(RangeOf(View(kernel)));
  int64_t i = 0;
  for (const SceneText& text : scene.texts) {
    if (text.role != SceneText::Role::kCell) continue;
    EXPECT_GE(Contrast(text.color, scale.ColorOf(kernel.data()[i++])), 4.5);
  }
}

TEST(LayoutTest, FifteenByFifteenValuesAreWrittenAndFortyByFortySaidToBeLeftOut) {
  const Tensor medium = Tensor::Of({15, 15}, std::vector<float>(225, -1)), large = Waves({30, 30});
  const Scene written = LayOut({.rows = {{{.content = MatrixPlot{.values = View(medium)}}}}});
  EXPECT_EQ(std::count_if(written.texts.begin(), written.texts.end(),
                          [](const SceneText& text) { return text.role == SceneText::Role::kCell; }),
            225);
  const Scene left_out = LayOut({.rows = {{{.content = MatrixPlot{.values = View(large)}}}}}, {.width = 300});
  EXPECT_EQ(TextsOf(left_out, SceneText::Role::kCell), "");
  EXPECT_THAT(TextsOf(left_out, SceneText::Role::kCaption), HasSubstr("cells too small"));
}

TEST(LayoutTest, GridsNumberTheirMapsAndSayHowTheyAreScaled) {
  Tensor maps = Waves({3, 3, 64}, false);
  for (int64_t pixel = 0; pixel < 9; ++pixel) maps.data()[pixel * 64 + 5] = 0;
  const Scene shared = LayOut({.rows = {{{.content = GridPlot{.values = View(maps)}}}}});
  EXPECT_EQ(Count(shared, SceneImage::Role::kMap), 64);
  std::string numbers;
  for (int f = 0; f < 64; ++f) numbers += Concat(f, f == 5 ? " = 0\n" : "\n");
  EXPECT_EQ(TextsOf(shared, SceneText::Role::kNumber), numbers);
  EXPECT_THAT(TextsOf(shared, SceneText::Role::kCaption), HasSubstr("one scale for all 64 maps"));
  EXPECT_THAT(TextsOf(shared, SceneText::Role::kCaption), HasSubstr("map 5 all zero"));
  // Eight to a row.
  EXPECT_EQ(shared.images[7].box.y, shared.images[0].box.y);
  EXPECT_GT(shared.images[8].box.y, shared.images[0].box.y);

  const GridPlot per_map{.values = View(maps), .scaling = GridPlot::Scaling::kPerMap};
  EXPECT_THAT(TextsOf(LayOut({.rows = {{{.content = per_map}}}}), SceneText::Role::kCaption),
              HasSubstr("each map on its own scale"));
}

TEST(LayoutTest, MapsOfAGridShareAScaleOrHaveTheirOwn) {
  const Tensor maps = Tensor::Of({1, 2, 2}, {0, 0, 1, 4});  // 0 and 1 in the first map, 0 and 4 in the second
  const auto last_pixel = [&](GridPlot::Scaling scaling, size_t map) {
    const GridPlot plot{.values = View(maps), .scaling = scaling, .scale = {ColorMap::kViridis, 0, 16}};
    return LayOut({.rows = {{{.content = plot}}}}).images[map].raster.pixels[1];
  };
  EXPECT_EQ(last_pixel(GridPlot::Scaling::kShared, 0), Color(ColorMap::kViridis, 0.25f));
  EXPECT_EQ(last_pixel(GridPlot::Scaling::kShared, 1), Color(ColorMap::kViridis, 1));
  EXPECT_EQ(last_pixel(GridPlot::Scaling::kPerMap, 0), Color(ColorMap::kViridis, 1));
  EXPECT_EQ(last_pixel(GridPlot::Scaling::kPerMap, 1), Color(ColorMap::kViridis, 1));
  EXPECT_EQ(last_pixel(GridPlot::Scaling::kGiven, 1), Color(ColorMap::kViridis, 0.25f));
  GridPlot given{.values = View(maps), .scaling = GridPlot::Scaling::kPerMap};
  given.scales = {{ColorMap::kViridis, 0, 2}, {ColorMap::kViridis, 0, 16}};
  const Scene scene = LayOut({.rows = {{{.content = given}}}});
  EXPECT_EQ(scene.images[0].raster.pixels[1], Color(ColorMap::kViridis, 0.5f));
  EXPECT_EQ(scene.images[1].raster.pixels[1], Color(ColorMap::kViridis, 0.25f));
  given.scales.pop_back();
  EXPECT_THROW(LayOut({.rows = {{{.content = given}}}}), Error);
}

TEST(LayoutTest, MapsOfAColumnWithoutLabelsAreCalledByTheirRows) {
  Tensor maps = Waves({3, 3, 3}, false);
  for (int64_t pixel = 0; pixel < 9; ++pixel) maps.data()[pixel * 3 + 1] = 0;
  const Scene scene = LayOut(
      {.rows = {{{.content = GridPlot{.values = View(maps), .columns = 1, .labels = std::vector<std::string>(3)}}}}});
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("map row 2 all zero"));
}

TEST(LayoutTest, GridsCallTheirMapsByTheLabelsGiven) {
  Tensor maps = Waves({20, 20, 3}, false);
  for (int64_t pixel = 0; pixel < 400; ++pixel) maps.data()[pixel * 3 + 1] = 0;
  const GridPlot plot{.values = View(maps), .labels = {"red", "green", "blue"}};
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kNumber), "red\ngreen = 0\nblue\n");
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("map green all zero"));
}

TEST(LayoutTest, GridsOfColourPicturesShowTheirColours) {
  // Two pictures of one colour each.
  Tensor maps({8, 8, 6});
  for (int64_t i = 0; i < maps.size(); ++i) maps.data()[i] = std::array{1.0f, 0.5f, 0.0f, 0.0f, 0.0f, 2.0f}[i % 6];
  const GridPlot plot{.values = View(maps), .colour = true, .labels = {"orange", "blue"}};
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  ASSERT_EQ(Count(scene, SceneImage::Role::kMap), 2);
  EXPECT_EQ(Count(scene, SceneImage::Role::kColorBar), 0);
  EXPECT_EQ(scene.images[0].raster.pixels[0], (Rgb8{255, 128, 0}));
  EXPECT_EQ(scene.images[1].raster.pixels[0], (Rgb8{0, 0, 255}));
  EXPECT_THAT(TextsOf(scene, SceneText::Role::kCaption), HasSubstr("64 of 384 values outside 0 to 1 clipped"));
}

TEST(LayoutTest, GridsOfPhotographsHaveNoColourBar) {
  const Tensor maps = Waves({8, 8, 3}, false);
  const GridPlot plot{.values = View(maps), .scaling = GridPlot::Scaling::kGiven, .scale = PhotographScale()};
  EXPECT_EQ(Count(LayOut({.rows = {{{.content = plot}}}}), SceneImage::Role::kColorBar), 0);
}

TEST(LayoutTest, ABlackPhotographIsNoDeadMap) {
  const Tensor black = Tensor::Zeros({8, 8, 2});
  const GridPlot plot{.values = View(black), .scaling = GridPlot::Scaling::kGiven, .scale = PhotographScale()};
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kNumber), "0\n1\n");
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kCaption), "");
}

TEST(LayoutTest, FramesStandAroundTheirPixels) {
  const Tensor map = Waves({28, 28}, false);
  const MapPlot plot{.values = View(map),
                     .scale = PhotographScale(),
                     .frames = {{.row = 20, .column = 5, .rows = 5, .columns = 5, .label = "5 x 5"}}};
  const Scene scene = LayOut({.rows = {{{.content = plot}}}});
  const auto frame = std::find_if(scene.rectangles.begin(), scene.rectangles.end(),
                                  [](const SceneRectangle& r) { return r.role == SceneRectangle::Role::kFrame; });
  ASSERT_NE(frame, scene.rectangles.end());
  const Box& box = scene.images[0].box;
  const double pixel = box.width / 28, half = frame->stroke_width / 2;
  EXPECT_NEAR(frame->box.x + half, box.x + 5 * pixel, 1e-9);
  EXPECT_NEAR(frame->box.y + half, box.y + 20 * pixel, 1e-9);
  EXPECT_NEAR(frame->box.right() - half, box.x + 10 * pixel, 1e-9);
  EXPECT_NEAR(frame->box.bottom() - half, box.y + 25 * pixel, 1e-9);
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kFrameLabel), "5 x 5\n");
}

TEST(LayoutTest, ALabelWithoutRoomIsWrittenInTheCaption) {
  const Tensor map = Waves({4, 4}, false);
  const MapPlot plot{.values = View(map), .frames = {{.rows = 4, .columns = 4, .label = "all of it"}}};
  EXPECT_THAT(TextsOf(LayOut({.rows = {{{.content = plot}}}}), SceneText::Role::kCaption), HasSubstr("red frame: all"));
}

TEST(LayoutTest, TooLongATitleKeepsItsBeginningAndItsEnd) {
  const Tensor map = Waves({4, 4}, false);
  std::string title;
  for (int i = 0; i < 50; ++i) title += "über allem ";
  title = "first " + title + "channel 7";
  const Scene scene = LayOut({.rows = {{{.title = title, .content = MapPlot{.values = View(map)}}}}});
  const std::string drawn = TextsOf(scene, SceneText::Role::kPanelTitle);
  EXPECT_EQ(std::count(drawn.begin(), drawn.end(), '\n'), 3);
  EXPECT_TRUE(drawn.starts_with("first ")) << drawn;
  EXPECT_TRUE(drawn.ends_with("nel 7\n")) << drawn;
  EXPECT_THAT(drawn, HasSubstr("…"));
}

TEST(LayoutTest, ATitleOfOneWordIsBrokenAfterCommasAndNotInNumbers) {
  const Tensor map = Waves({4, 4}, false);
  const Panel panel{.title = "gabor:theta=22.5,size=11,wavelength=5", .content = MapPlot{.values = View(map)}};
  const Scene scene = LayOut({.rows = {std::vector<Panel>(7, panel)}, .panel_height = 90});
  EXPECT_TRUE(TextsOf(scene, SceneText::Role::kPanelTitle).starts_with("gabor:\ntheta=22.5,\n"));
}

TEST(LayoutTest, AGridOfWideMapsEndsWhereThePageDoes) {
  const Tensor maps = Waves({8, 2998, 6});
  const Scene scene = LayOut({.rows = {{{.content = GridPlot{.values = View(maps)}}}}}, {.width = 720});
  constexpr double kMargin = 18, kSnapped = 3;  // points: a pixel a column
  for (const SceneImage& image : scene.images) EXPECT_LE(image.box.right(), 720 - kMargin + kSnapped);
}

TEST(LayoutTest, TitlesWithBrokenCharactersAreDrawnWithoutThem) {
  const Tensor map = Waves({4, 4}, false);
  const Scene scene = LayOut({.rows = {{{.title = "a\xff\tb", .content = MapPlot{.values = View(map)}}}}});
  EXPECT_EQ(TextsOf(scene, SceneText::Role::kPanelTitle), "a\xef\xbf\xbd b\n");
}

std::string ErrorOf(const Figure& figure, const LayoutOptions& options = {}) {
  try {
    LayOut(figure, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(LayoutTest, WhatCannotBeDrawnIsAnErrorThatNamesThePanel) {
  const Tensor four = Waves({2, 2, 4}), none = Tensor::Zeros({0, 3}), map = Waves({4, 4});
  EXPECT_THAT(
      ErrorOf({.rows = {{{.title = "conv", .content = MapPlot{.values = View(four)}}}}}),
      HasSubstr("panel \"conv\": a map must have the shape (H, W), (H, W, 1) or (H, W, 3), each length at least "
                "1; received shape (2, 2, 4)"));
  EXPECT_THAT(ErrorOf({.rows = {{{.content = MapPlot{.values = View(none)}}}}}), HasSubstr("panel 0 of row 0"));
  EXPECT_THAT(ErrorOf({.rows = {{{.content = MatrixPlot{.values = View(four)}}}}}), HasSubstr("(R, S)"));
  EXPECT_THAT(ErrorOf({.rows = {{{.content = GridPlot{.values = View(map)}}}}}), HasSubstr("(H, W, F)"));
  EXPECT_THAT(ErrorOf({.rows = {{{.content = GridPlot{.values = View(four), .labels = {"one", "two"}}}}}}),
              HasSubstr("received 2 labels"));
  EXPECT_THAT(ErrorOf({.rows = {{{.content = MapPlot{.values = View(map), .frames = {{.row = 3, .rows = 2}}}}}}}),
              HasSubstr("received 2 x 1 at row 3, column 0 of a map 4 x 4"));
  EXPECT_THAT(ErrorOf({}), HasSubstr("a figure must have a panel"));
  const Figure figure{.rows = {{{.content = MapPlot{.values = View(map)}}}}};
  EXPECT_THAT(ErrorOf(figure, {.width = 20}), HasSubstr("received 20"));
  EXPECT_THAT(ErrorOf(figure, {.pixels_per_point = std::nan("")}), HasSubstr("received nan"));
}

}  // namespace
}  // namespace convscope
