#include "convscope/tasks/show_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/figures/layout.h"
#include "convscope/tasks/list_data.h"

namespace convscope {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string ErrorOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// Pictures 3 x 2 all of whose values are their place; labels as given.
Dataset Set(const std::string& name, std::vector<int32_t> labels, int64_t channels = 1) {
  const auto count = static_cast<int64_t>(labels.size());
  Tensor images(Shape{count, 3, 2, channels}, DType::kUInt8);
  for (int64_t i = 0; i < images.size(); ++i) {
    images.data<uint8_t>()[i] = static_cast<uint8_t>(i / (6 * channels));
  }
  return Dataset({.name = name,
                  .images = std::move(images),
                  .labels = std::move(labels),
                  .class_names = {"zero", "one", "two", "three"}});
}

OpenedData Opened(int64_t channels = 1) {
  return {.data = {Set("set/train", {1, 0, 1, 3, 0, 3}, channels), Set("set/test", {3, 2}, channels)},
          .name = "set",
          .location = "somewhere",
          .origin = "files",
          .licence = "MIT; somebody"};
}

std::vector<std::string> TextsOf(const Figure& figure) {
  std::vector<std::string> texts;
  for (const SceneText& text : LayOut(figure).texts) texts.push_back(text.text);
  return texts;
}

float FirstValue(const Figure& figure, size_t row, size_t column) {
  return std::get<MapPlot>(figure.rows[row][column].content).values[0];
}

TEST(MakeDataSheet, ShowsTheFirstPictureOfEachClassWithItsCounts) {
  const OpenedData opened = Opened();
  const OwningFigure sheet = MakeDataSheet(opened, {.columns = 2});
  ASSERT_EQ(sheet.figure.rows.size(), 2u);
  ASSERT_EQ(sheet.figure.rows[0].size(), 2u);
  EXPECT_EQ(sheet.figure.rows[0][0].title, "0 zero");
  EXPECT_EQ(sheet.figure.rows[0][0].caption, "picture 1\n2 train, 0 test");
  EXPECT_EQ(FirstValue(sheet.figure, 0, 0), 1 / 255.0f);
  EXPECT_EQ(FirstValue(sheet.figure, 0, 1), 0);
  EXPECT_EQ(sheet.figure.rows[1][0].title, "3 three");
  EXPECT_EQ(FirstValue(sheet.figure, 1, 0), 3 / 255.0f);
  EXPECT_EQ(sheet.figure.title, "set/train: the first picture of each class");
  EXPECT_THAT(sheet.figure.footer, AllOf(HasSubstr("none: two"), HasSubstr("licence: MIT; somebody"),
                                         HasSubstr("6 training and 2 test pictures, 3 x 2, grey, uint8")));
}

TEST(MakeDataSheet, LooksAmongTheFirstAloneAndInThePartAskedFor) {
  const OpenedData opened = Opened();
  const OwningFigure sheet = MakeDataSheet(opened, {.first = 2});
  EXPECT_EQ(sheet.figure.rows[0].size(), 2u);
  EXPECT_THAT(sheet.figure.footer, HasSubstr("none among the first 2: two, three"));
  EXPECT_THAT(sheet.figure.title, HasSubstr("among the first 2"));
  const OwningFigure test = MakeDataSheet(opened, {.test = true});
  EXPECT_EQ(test.figure.rows[0][0].title, "2 two");
  EXPECT_EQ(FirstValue(test.figure, 0, 0), 1 / 255.0f);
}

TEST(MakeDataSheet, ShowsOneRowAClass) {
  const OpenedData opened = Opened(3);
  const OwningFigure sheet = MakeDataSheet(opened, {.rows = true, .columns = 3});
  ASSERT_EQ(sheet.figure.rows.size(), 3u);
  const auto& strip = std::get<MapPlot>(sheet.figure.rows[0][0].content).values;
  EXPECT_EQ(strip.shape(), (Shape{3, 3 * 3 - 1, 3}));  // three pictures of 2 columns with white between them
  EXPECT_EQ(strip[0], 1 / 255.0f);
  EXPECT_EQ(strip[2 * 3], 1.0f);
  EXPECT_EQ(strip[3 * 3], 4 / 255.0f);
  EXPECT_EQ(strip[6 * 3], 1.0f);  // there is no third picture
  EXPECT_EQ(sheet.figure.rows[0][0].title, "0 zero: 2 train, 0 test");
}

TEST(MakeDataSheet, ALongRowIsBrokenAndNotStretched) {
  const OpenedData opened = Opened();
  const OwningFigure sheet = MakeDataSheet(opened, {.rows = true, .columns = 30});
  const auto& strip = std::get<MapPlot>(sheet.figure.rows[0][0].content).values;
  EXPECT_EQ(strip.shape(), (Shape{2 * 4 - 1, 15 * 3 - 1, 1}));  // two lines of fifteen
  for (const std::string& text : TextsOf(sheet.figure)) EXPECT_THAT(text, Not(HasSubstr("aspect")));
  const Scene scene = LayOut(sheet.figure);
  EXPECT_NEAR(scene.images[0].box.width / scene.images[0].box.height, 44.0 / 7, 0.1);
}

TEST(MakeDataSheet, FloatsWhoseWhiteIs255AreAPhotograph) {
  OpenedData opened = Opened();
  opened.data.train = Dataset({.images = Tensor::Of({1, 1, 2, 1}, {51, 255}), .labels = {0}, .white = 255});
  const OwningFigure sheet = MakeDataSheet(opened);
  EXPECT_EQ(FirstValue(sheet.figure, 0, 0), 0.2f);
  EXPECT_EQ(std::get<MapPlot>(sheet.figure.rows[0][0].content).scale, PhotographScale());
}

TEST(MakeDataSheet, CanBeDrawnWhateverTheChannels) {
  for (const int64_t channels : {1, 2, 3, 4}) {
    const OpenedData opened = Opened(channels);
    const OwningFigure sheet = MakeDataSheet(opened);
    EXPECT_THAT(TextsOf(sheet.figure), testing::Contains("1 one"));
    EXPECT_EQ(sheet.figure.footer.find("channel 0 is drawn") != std::string::npos, channels == 2 || channels == 4);
  }
}

TEST(MakeDataSheet, FloatsBeyondAPhotographsShareOneScale) {
  OpenedData opened = Opened();
  opened.data.train = Dataset({.images = Tensor::Of({2, 1, 2, 1}, {-3, 0, 1, 6}), .labels = {0, 1}});
  const OwningFigure sheet = MakeDataSheet(opened);
  for (const Panel& panel : sheet.figure.rows[0]) {
    const auto scale = std::get<MapPlot>(panel.content).scale;
    ASSERT_TRUE(scale);
    EXPECT_EQ(scale->high, 6);
  }
}

TEST(MakeDataSheet, RefusesOptionsOutOfRangeAndNoPictures) {
  const OpenedData opened = Opened();
  EXPECT_THAT(ErrorOf([&] { MakeDataSheet(opened, {.first = -1}); }), HasSubstr("--first"));
  EXPECT_THAT(ErrorOf([&] { MakeDataSheet(opened, {.columns = 101}); }), HasSubstr("--columns"));
  OpenedData none = Opened();
  none.data.test = none.data.test.First(0);
  EXPECT_THAT(ErrorOf([&] { MakeDataSheet(none, {.test = true}); }), HasSubstr("at least one picture"));
}

TEST(DataText, CountsTheClasses) {
  const std::string text = DataText(Opened());
  EXPECT_THAT(text, AllOf(HasSubstr("set (files: somewhere): 6 training and 2 test pictures"),
                          HasSubstr("  0  zero          2         0\n"), HasSubstr("  3  three         2         1\n"),
                          HasSubstr("licence: MIT; somebody")));
}

TEST(DataJson, CountsTheClasses) {
  const auto json = nlohmann::json::parse(DataJson(Opened()));
  EXPECT_EQ(json["shape"], (std::vector<int>{3, 2, 1}));
  EXPECT_EQ(json["train"], 6);
  EXPECT_EQ(json["classes"][3]["test"], 1);
  EXPECT_EQ(json["classes"][3]["first_train"], 3);
  EXPECT_TRUE(json["classes"][2]["first_train"].is_null());
  EXPECT_EQ(json["classes"][2]["first_test"], 1);
}

const DataPlaces kBundledAlone{.bundled = internal::SourceFile("data"), .cache = "/nowhere"};

TEST(OpenData, OpensANameAndSaysWhereItWas) {
  const OpenedData opened = OpenData({.source = "fashion-mnist-small", .places = kBundledAlone});
  EXPECT_EQ(opened.origin, "bundled");
  EXPECT_THAT(opened.licence, HasSubstr("MIT"));
  EXPECT_EQ(opened.data.train.size(), 10000);
}

TEST(OpenData, OpensAFolderOfPicturesAndAFolderOfFiles) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "open_data_test";
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directories(folder / name);
    for (const char* file : {"1.png", "2.png"}) WritePicture(Tensor::Zeros({5, 7, 3}).view(), folder / name / file);
  }
  const OpenedData opened = OpenData({.source = folder.string() + "/", .size = {4, 4}, .test_fraction = 0.5});
  EXPECT_EQ(opened.name, "open_data_test");
  EXPECT_EQ(opened.data.train.shape(), (Shape{4, 4, 3}));
  EXPECT_EQ(opened.data.test.size(), 2);
  std::filesystem::remove_all(folder);

  const OpenedData files = OpenData({.source = internal::SourceFile("data/fashion-mnist-small")});
  EXPECT_EQ(files.data.test.size(), 2000);
  EXPECT_EQ(files.origin, "files");
}

TEST(OpenData, RefusesWhatIsNone) {
  EXPECT_THAT(ErrorOf([] { OpenData({.source = "fashon-mnist", .places = kBundledAlone}); }),
              AllOf(HasSubstr("neither such a name nor such a path"), HasSubstr("did you mean fashion-mnist")));
  EXPECT_THAT(ErrorOf([] { OpenData({.source = internal::SourceFile("LICENSE")}); }), HasSubstr("something else"));
  EXPECT_THAT(ErrorOf([] { OpenData({.source = "mnist", .places = kBundledAlone}); }),
              HasSubstr("convscope data fetch mnist"));
  EXPECT_THAT(ErrorOf([] {
                OpenData({.source = "fashion-mnist-small", .places = kBundledAlone, .size = {32, 32}});
              }),
              HasSubstr("folders of pictures alone"));
}

TEST(ParsePictureSize, ReadsOneOrTwoNumbers) {
  EXPECT_EQ(ParsePictureSize("64", "--size"), (std::array<int64_t, 2>{64, 64}));
  EXPECT_EQ(ParsePictureSize("64,48", "--size"), (std::array<int64_t, 2>{64, 48}));
  for (const char* text : {"", "0", "64,0", "1,2,3", "a", "64,", "99999"}) {
    EXPECT_THAT(ErrorOf([&] { ParsePictureSize(text, "--size"); }), HasSubstr("--size")) << text;
  }
}

TEST(DataList, TellsWhatIsHereAndTheLicences) {
  const std::string text = DataListText(kBundledAlone);
  EXPECT_THAT(text, AllOf(HasSubstr("fashion-mnist-small  bundled: "), HasSubstr("not here, 170 MB to fetch"),
                          HasSubstr("licence: CC BY-SA 4.0"), Not(HasSubstr("cached"))));
  const auto json = nlohmann::json::parse(DataListJson(kBundledAlone));
  EXPECT_EQ(json["datasets"].size(), 5u);
  for (const auto& dataset : json["datasets"]) {
    EXPECT_EQ(dataset["place"].is_null(), dataset["name"] != "fashion-mnist-small");
  }
}

TEST(FetchData, RefusesAnUnknownNameBeforeAnythingIsFetched) {
  EXPECT_THAT(ErrorOf([] { FetchData({"mnist", "mnits"}, kBundledAlone); }), HasSubstr("did you mean mnist"));
  EXPECT_THAT(FetchedText(FetchData({"fashion-mnist-small"}, kBundledAlone)), HasSubstr("nothing to fetch"));
}

}  // namespace
}  // namespace convscope
