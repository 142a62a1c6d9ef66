#include "convscope/formats/picture_side_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "convscope/base/error.h"
#include "convscope/formats/internal/onnx_metadata.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;

template <typename Parse>
std::string Refused(Parse parse, const std::string& text) {
  try {
    parse(text, "note");
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

// Of google/vit-base-patch16-224, but for its resampling.
TEST(PreprocessorConfig, OfHeightAndWidthStretches) {
  const PictureNote note = ParsePreprocessorConfig(
      R"({"do_normalize": true, "do_rescale": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5],
          "image_std": [0.5, 0.5, 0.5], "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 160}})",
      "note");
  EXPECT_THAT(note.divisor, Optional(255.0));
  EXPECT_THAT(note.mean, Optional(ElementsAre(0.5, 0.5, 0.5)));
  EXPECT_THAT(note.deviation, Optional(ElementsAre(0.5, 0.5, 0.5)));
  EXPECT_THAT(note.fit, Optional(PictureFit::kStretch));
  EXPECT_EQ(note.rows, 224);
  EXPECT_EQ(note.columns, 160);
  EXPECT_EQ(note.source, "note");
}

// As of google/mobilenet_v2_1.0_224 and apple/mobilevit-small.
TEST(PreprocessorConfig, OfAShortestEdgeIsCutToTheMiddle) {
  const PictureNote note = ParsePreprocessorConfig(
      R"({"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "do_normalize": true,
          "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "size": {"shortest_edge": 256}})",
      "note");
  EXPECT_THAT(note.fit, Optional(PictureFit::kCover));
  EXPECT_THAT(note.crop, Optional(0.875));
  EXPECT_EQ(note.rows, 224);
  const PictureNote flipped = ParsePreprocessorConfig(
      R"({"crop_size": 256, "do_center_crop": true, "do_flip_channel_order": true, "size": 288})", "note");
  EXPECT_THAT(flipped.reversed, Optional(true));
  EXPECT_THAT(flipped.divisor, Optional(255.0));
  EXPECT_THAT(flipped.mean, Optional(ElementsAre()));
  EXPECT_THAT(flipped.crop, Optional(256.0 / 288));
}

// As of microsoft/resnet-50, and EfficientNet's offset of 1.
TEST(PreprocessorConfig, KnowsCropPctAndOffsets) {
  const PictureNote note = ParsePreprocessorConfig(
      R"({"crop_pct": 0.875, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225], "size":
          {"shortest_edge": 224}})",
      "note");
  EXPECT_THAT(note.crop, Optional(0.875));
  EXPECT_THAT(note.fit, Optional(PictureFit::kCover));
  const PictureNote offset = ParsePreprocessorConfig(
      R"({"rescale_factor": 0.00784313725490196, "rescale_offset": true, "do_normalize": false})", "note");
  EXPECT_NEAR(*offset.divisor, 127.5, 1e-9);
  EXPECT_THAT(offset.mean, Optional(ElementsAre(1)));
  const PictureNote raw = ParsePreprocessorConfig(R"({"do_rescale": false, "size": 32})", "note");
  EXPECT_THAT(raw.divisor, Optional(1.0));
  // Means of pixels from 0 to 255 are not those of a picture that was rescaled, unless it says that it is.
  const PictureNote bytes = ParsePreprocessorConfig(R"({"image_mean": [123.675, 116.28, 103.53]})", "note");
  EXPECT_TRUE(CountsTo255(bytes));
  EXPECT_FALSE(CountsTo255(ParsePreprocessorConfig(R"({"image_mean": [123.675], "do_rescale": true})", "note")));
}

TEST(PreprocessorConfig, SaysThatAnotherResamplingIsNotDone) {
  const auto passed_over = [](int filter) {
    return ParsePreprocessorConfig(R"({"size": 224, "resample": )" + std::to_string(filter) + "}", "note").passed_over;
  };
  EXPECT_THAT(passed_over(3), ElementsAre(HasSubstr("note asks for bicubic resampling")));
  EXPECT_THAT(passed_over(2), ElementsAre());
  EXPECT_THAT(ParsePreprocessorConfig(R"({"do_resize": false, "image_mean": 0.5, "resample": 3})", "note").passed_over,
              ElementsAre());
  EXPECT_THAT(ParseModelConfig(R"({"pretrained_cfg": {"interpolation": "bicubic"}})", "note").passed_over,
              ElementsAre(HasSubstr("bicubic")));
}

TEST(PreprocessorConfig, OfSoundsTellsNothingAndDamagedOnesAreRefused) {
  EXPECT_FALSE(ParsePreprocessorConfig(R"({"sampling_rate": 16000})", "note").tells_preprocessing());
  EXPECT_THAT(Refused(ParsePreprocessorConfig, "{"), HasSubstr("note"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, "[]"), HasSubstr("it is an object"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, R"({"image_mean": "x"})"), HasSubstr("image_mean"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, R"({"rescale_factor": 0})"), HasSubstr("above 0"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, R"({"size": -3})"), HasSubstr("65536"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, R"({"size": 1e30})"), HasSubstr("65536"));
  EXPECT_THAT(Refused(ParsePreprocessorConfig, std::string(100000, '[')), HasSubstr("JSON"));
}

TEST(ModelConfig, TellsNamesOfClassesAndTimmsNumbers) {
  EXPECT_THAT(ParseModelConfig(R"({"id2label": {"1": "dog", "0": "cat"}})", "note").class_names,
              ElementsAre("cat", "dog"));
  const PictureNote timm = ParseModelConfig(
      R"({"architecture": "resnet50", "label_names": ["n01440764", "n01443537"], "label_descriptions":
          {"n01440764": "tench"}, "pretrained_cfg": {"input_size": [3, 224, 192], "mean": [0.5, 0.5, 0.5], "std":
          [0.25, 0.25, 0.25], "crop_pct": 0.95, "crop_mode": "center"}})",
      "note");
  EXPECT_THAT(timm.class_names, ElementsAre("tench", "n01443537"));
  EXPECT_THAT(timm.deviation, Optional(ElementsAre(0.25, 0.25, 0.25)));
  EXPECT_EQ(timm.columns, 192);
  EXPECT_THAT(timm.crop, Optional(0.95));
  EXPECT_FALSE(ParseModelConfig(R"({"name": "something else"})", "note").tells_preprocessing());
}

TEST(OwnPictureNote, StartsFromAPresetAndRefusesOtherWords) {
  const PictureNote note = ParseOwnPictureNote(
      R"({"preset": "imagenet", "mean": 0.5, "size": [64, 48], "channels": "bgr", "fit": "pad", "class_names": ["a"]})",
      "note");
  EXPECT_THAT(note.mean, Optional(ElementsAre(0.5)));
  EXPECT_THAT(note.deviation, Optional(ElementsAre(0.229, 0.224, 0.225)));
  EXPECT_EQ(note.rows, 64);
  EXPECT_EQ(note.columns, 48);
  EXPECT_THAT(note.reversed, Optional(true));
  EXPECT_THAT(note.fit, Optional(PictureFit::kPad));
  EXPECT_THAT(Refused(ParseOwnPictureNote, R"({"std": 1})"), HasSubstr("deviation, fit"));
  EXPECT_THAT(Refused(ParseOwnPictureNote, R"({"preset": "imagnet"})"), HasSubstr("imagenet"));
  EXPECT_THAT(Refused(ParseOwnPictureNote, R"({"channels": "grb"})"), HasSubstr("rgb or bgr"));
  EXPECT_THAT(Refused(ParseOwnPictureNote, R"({"divisor": 0})"), HasSubstr("\"divisor\" is above 0"));
  for (const char* const names : {R"({"class_names": {"0": "cat"}})", R"({"class_names": "cat"})"}) {
    EXPECT_THAT(Refused(ParseOwnPictureNote, names), HasSubstr("a list of texts"));
  }
}

TEST(PictureSideFiles, AreReadWhatCountsMostLastAndAboveAFolderOnnx) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("convscope_side_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "onnx");
  const auto write = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  write("config.json", R"({"id2label": {"0": "cat"}})");
  write("preprocessor_config.json", R"({"image_mean": [0.5]})");
  write("onnx/model.convscope.json", R"({"divisor": 2})");
  const std::vector<PictureNote> notes = ReadPictureSideFiles(folder / "onnx/model.onnx");
  ASSERT_EQ(notes.size(), 3);
  EXPECT_THAT(notes[0].class_names, ElementsAre("cat"));
  EXPECT_THAT(notes[1].mean, Optional(ElementsAre(0.5)));
  EXPECT_THAT(notes[2].divisor, Optional(2.0));
  EXPECT_TRUE(ReadPictureSideFiles(folder / "onnx/other/model.onnx").empty());
  write("config.json", "no JSON");  // another program's
  EXPECT_TRUE(ReadPictureSideFiles(folder / "model.onnx")[0].class_names.empty());
  EXPECT_THAT(ReadPictureSideFiles(folder / "model.onnx")[0].passed_over, ElementsAre());
  // What cannot be understood is told; only convscope's own file is an error.
  write("config.json", R"({"id2label": {"a": "b"}})");
  EXPECT_THAT(ReadPictureSideFiles(folder / "model.onnx")[0].passed_over,
              ElementsAre(testing::AllOf(HasSubstr("cannot be understood"), HasSubstr("config.json"))));
  write("model.convscope.json", "no JSON");
  EXPECT_THROW(ReadPictureSideFiles(folder / "model.onnx"), Error);
  std::filesystem::remove_all(folder);
}

TEST(OnnxMetadata, KnowsTheWordsOfOnnxAndOfUltralytics) {
  const PictureNote onnx = internal::NoteOfMetadata(
      {{"Image.BitmapPixelFormat", "Bgr8"}, {"Image.NominalPixelRange", "NominalRange_0_255"}});
  EXPECT_THAT(onnx.reversed, Optional(true));
  EXPECT_THAT(onnx.divisor, Optional(1.0));
  const PictureNote signed_range = internal::NoteOfMetadata({{"image.nominalpixelrange", "normalized_1_1"}});
  EXPECT_THAT(signed_range.divisor, Optional(127.5));
  EXPECT_THAT(signed_range.mean, Optional(ElementsAre(1)));
  const PictureNote yolo = internal::NoteOfMetadata({{"author", "Ultralytics"},
                                                     {"task", "detect"},
                                                     {"stride", "32"},
                                                     {"imgsz", "[480, 640]"},
                                                     {"names", "{0: 'person', 1: 'bicycle'}"}});
  EXPECT_THAT(yolo.class_names, ElementsAre("person", "bicycle"));
  EXPECT_THAT(yolo.divisor, Optional(255.0));
  EXPECT_THAT(yolo.fit, Optional(PictureFit::kPad));
  EXPECT_EQ(yolo.rows, 480);
  EXPECT_EQ(yolo.columns, 640);
}

TEST(OnnxMetadata, PassesOverWhatItDoesNotUnderstand) {
  EXPECT_THAT(internal::NoteOfMetadata({{"classes", "cat,dog"}}).class_names, ElementsAre("cat", "dog"));
  const PictureNote other = internal::NoteOfMetadata({{"names", "{broken"}, {"imgsz", "many"}, {"character", "a\nb"}});
  EXPECT_FALSE(other.tells_preprocessing());
}

TEST(OnnxMetadata, AxesAreWholeNumbers) {
  EXPECT_THAT(internal::ParseAxes(R"({"x": [1, 0]})", "axes").at("x"), ElementsAre(1, 0));
  for (const char* const text :
       {R"({"x": [1.5, 0]})", R"({"x": [true, false]})", R"({"x": 1})", R"({"x": {"a": 1}})"}) {
    EXPECT_THROW(internal::ParseAxes(text, "axes"), Error) << text;
  }
}

TEST(PicturePresets, AreKnownByTheirNames) {
  EXPECT_EQ(PreprocessingText(FindPicturePreset("imagenet").preprocessing),
            "divided by 255, minus 0.485, 0.456, 0.406, divided by 0.229, 0.224, 0.225; the middle 87.5 % cut out");
  EXPECT_EQ(PreprocessingText(FindPicturePreset("imagenet-caffe").preprocessing),
            "blue first, 0 to 255 as they are, minus 103.939, 116.779, 123.68");
  EXPECT_EQ(PreprocessingText(FindPicturePreset("tf").preprocessing), "divided by 127.5, minus 1");
  try {
    FindPicturePreset("imagenet-cafe");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("imagenet-caffe"));
  }
}

}  // namespace
}  // namespace convscope
