#include "convscope/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <limits>
#include <optional>

#include "convscope/base/error.h"
#include "convscope/data/dataset_arrays.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Pictures of 2 x 3 whose values count up from 0, labels 0, 1, 2, 0, ...
Dataset Counting(int64_t n) {
  Tensor images(Shape{n, 2, 3, 1}, DType::kUInt8);
  for (int64_t i = 0; i < images.size(); ++i) images.data<uint8_t>()[i] = static_cast<uint8_t>(i);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; ++i) labels.push_back(static_cast<int32_t>(i % 3));
  return Dataset({.name = "counting", .images = std::move(images), .labels = std::move(labels)});
}

void ExpectError(const std::function<void()>& run, std::initializer_list<const char*> says) {
  try {
    run();
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    for (const char* text : says) EXPECT_THAT(error.what(), HasSubstr(text));
  }
}

TEST(Dataset, KnowsItsPicturesLabelsAndClasses) {
  const Dataset data = Counting(7);
  EXPECT_EQ(data.size(), 7);
  EXPECT_EQ(data.shape(), (Shape{2, 3, 1}));
  EXPECT_THAT(data.class_names(), ElementsAre("0", "1", "2"));
  EXPECT_THAT(data.ClassCounts(), ElementsAre(3, 2, 2));
  EXPECT_EQ(data.label(4), 1);
  EXPECT_THAT(data.Pixels<uint8_t>(2).span(), ElementsAre(12, 13, 14, 15, 16, 17));
  EXPECT_THROW(data.Pixels<float>(2), Error);
}

TEST(Dataset, GivesAPictureAsABatchOfOneScaledToOne) {
  const Tensor picture = Counting(43).image(42);  // 252 to 257, which a byte holds as 252 to 255, 0, 1
  EXPECT_EQ(picture.shape(), (Shape{1, 2, 3, 1}));
  EXPECT_EQ(picture.data()[0], 252.0f / 255.0f);
  EXPECT_EQ(picture.data()[3], 1.0f);
  EXPECT_EQ(picture.data()[4], 0.0f);
  EXPECT_THROW(Counting(2).image(2), Error);
  EXPECT_THROW(Counting(2).image(-1), Error);
}

TEST(Dataset, PicturesOfFloatsAreDividedByTheirWhite) {
  const auto of = [](double white) {
    Tensor images(Shape{1, 1, 2, 1});
    images.data()[0] = 51;
    images.data()[1] = 127.5f;
    return Dataset({.name = "floats", .images = std::move(images), .labels = {0}, .white = white});
  };
  EXPECT_THAT(of(255).image(0).view().span(), ElementsAre(0.2f, 0.5f));
  EXPECT_THAT(of(0).image(0).view().span(), ElementsAre(51, 127.5f));
  EXPECT_EQ(of(0).white(), 1);
  EXPECT_EQ(Counting(1).white(), 255);
  EXPECT_THROW(CheckAlike(of(255), of(1)), Error);
  ExpectError([&] { of(-1); }, {"floats", "above 0", "-1"});
}

TEST(MakeDataset, FloatsThatGoUpTo255AreTakenForThat) {
  const auto white = [](std::vector<float> values) {
    Tensor part(Shape{static_cast<int64_t>(values.size()), 1, 1});
    std::copy(values.begin(), values.end(), part.data());
    const Tensor other = Tensor::Zeros({1, 1, 1});
    return AssumeWhite("set", std::array<const Tensor*, 2>{&other, &part}).white;
  };
  EXPECT_EQ(white({0, 128.5f, 255}), 255);
  EXPECT_EQ(white({0, 2}), 255);
  EXPECT_EQ(white({0, 0.5f, 1}), 0);  // as usual
  EXPECT_EQ(white({-1, 200}), 1);
  EXPECT_EQ(white({0, 300}), 1);
  EXPECT_EQ(white({200, std::numeric_limits<float>::quiet_NaN()}), 1);
  const Tensor bytes(Shape{1, 1, 1}, DType::kUInt8);
  EXPECT_EQ(AssumeWhite("set", std::array<const Tensor*, 1>{&bytes}).white, 0);
}

TEST(Dataset, SubsetsShareThePicturesAndOutliveTheWhole) {
  std::optional<Dataset> whole = Counting(9);
  const uint8_t* const fifth = whole->Pixels<uint8_t>(5).data();
  const std::vector<int64_t> rows = {5, 0, 5};
  const Dataset subset = whole->Subset(rows);
  whole.reset();
  EXPECT_EQ(subset.size(), 3);
  EXPECT_EQ(subset.Pixels<uint8_t>(0).data(), fifth);
  EXPECT_EQ(subset.label(0), 2);
  EXPECT_THAT(subset.ClassCounts(), ElementsAre(1, 0, 2));
  EXPECT_EQ(subset.classes(), 3);
  const Dataset again = subset.Subset(std::vector<int64_t>{1, 2});
  EXPECT_EQ(again.label(0), 0);
  EXPECT_EQ(again.Pixels<uint8_t>(1).data(), fifth);
  EXPECT_EQ(subset.First(1).size(), 1);
  EXPECT_EQ(subset.First(100).size(), 3);
  EXPECT_EQ(subset.Named("part").name(), "part");
  EXPECT_EQ(subset.name(), "counting");
}

TEST(Dataset, RefusesWhatIsNone) {
  const auto make = [](Shape shape, DType dtype, std::vector<int32_t> labels, std::vector<std::string> names) {
    return [=] {
      Dataset({.name = "set", .images = Tensor::Zeros(shape, dtype), .labels = labels, .class_names = names});
    };
  };
  ExpectError(make({2, 3, 4}, DType::kUInt8, {0, 0}, {}), {"set", "(pictures, rows, columns, channels)", "(2, 3, 4)"});
  ExpectError(make({2, 3, 4, 0}, DType::kUInt8, {0, 0}, {}), {"(2, 3, 4, 0)"});
  ExpectError(make({2, 3, 4, 1}, DType::kInt32, {0, 0}, {}), {"uint8 or float32", "int32"});
  ExpectError(make({2, 3, 4, 1}, DType::kUInt8, {0}, {}), {"one label a picture", "2 pictures and 1 labels"});
  ExpectError(make({2, 3, 4, 1}, DType::kUInt8, {0, 2}, {"a", "b"}), {"0 to 1", "label 2 of picture 1"});
  ExpectError(make({2, 3, 4, 1}, DType::kUInt8, {0, -1}, {}), {"label -1 of picture 1"});
  ExpectError(make({2, 3, 4, 1}, DType::kUInt8, {0, 65536}, {}), {"label 65536"});
  ExpectError([] { Counting(3).Subset(std::vector<int64_t>{3}); }, {"counting", "pictures 0 to 2", "3"});
  ExpectError([] { Counting(3).First(-1); }, {"0 or more"});
}

TEST(Dataset, TwoPartsMustBeAlike) {
  CheckAlike(Counting(3), Counting(4));
  ExpectError([] { CheckAlike(Counting(3), Counting(2)); }, {"3 classes", "2 classes"});
}

TEST(MakeDataset, TakesArraysAsFilesHoldThem) {
  Tensor labels(Shape{2, 1}, DType::kInt64);
  labels.data<int64_t>()[0] = 1;
  labels.data<int64_t>()[1] = 0;
  Tensor images(Shape{2, 1, 2}, DType::kInt32);
  for (int i = 0; i < 4; ++i) images.data<int32_t>()[i] = 85 * i;
  const Dataset data = MakeDataset({.name = "set", .images = std::move(images), .labels = std::move(labels)});
  EXPECT_EQ(data.dtype(), DType::kUInt8);
  EXPECT_EQ(data.shape(), (Shape{1, 2, 1}));
  EXPECT_THAT(data.Pixels<uint8_t>(1).span(), ElementsAre(170, 255));
  EXPECT_EQ(data.label(0), 1);

  Tensor doubles(Shape{1, 1, 1, 2}, DType::kFloat64);
  doubles.data<double>()[0] = -0.5;
  doubles.data<double>()[1] = 300;
  const Dataset floats = MakeDataset({.images = std::move(doubles), .labels = Tensor::Zeros({1}, DType::kUInt8)});
  EXPECT_THAT(floats.image(0).view().span(), ElementsAre(-0.5f, 300.0f));
}

TEST(MakeDataset, RefusesArraysThatAreNone) {
  const auto make = [](Tensor images, Tensor labels, std::vector<std::string> names = {}) {
    MakeDataset(
        {.name = "set", .images = std::move(images), .labels = std::move(labels), .class_names = std::move(names)});
  };
  const auto pictures = [](int64_t n) { return Tensor::Zeros({n, 2, 2}, DType::kUInt8); };
  const auto classes = [](int64_t n, int32_t value) {
    Tensor labels(Shape{n}, DType::kInt32);
    for (int64_t i = 0; i < n; ++i) labels.data<int32_t>()[i] = value;
    return labels;
  };
  ExpectError([&] { make(Tensor::Zeros({4, 9}, DType::kUInt8), classes(4, 0)); }, {"set", "(4, 9)"});
  ExpectError([&] { make(pictures(0), classes(0, 0)); }, {"(0, 2, 2)"});
  ExpectError([&] { make(pictures(3), classes(2, 0)); }, {"3 pictures and 2 labels", "same data set"});
  ExpectError([&] { make(pictures(3), Tensor::Zeros({3, 10})); }, {"(3, 10)", "not one column a class"});
  ExpectError([&] { make(pictures(3), Tensor::Zeros({3})); }, {"whole numbers", "float32"});
  ExpectError([&] { make(pictures(3), classes(3, -1)); }, {"label -1"});
  ExpectError([&] { make(pictures(3), classes(3, 2), {"a", "b"}); }, {"label must be 0 to 1", "label 2 of picture 0"});
  Tensor large = Tensor::Zeros({1, 1, 1}, DType::kInt64);
  large.data<int64_t>()[0] = 256;
  ExpectError([&] { make(std::move(large), classes(1, 0)); }, {"0 to 255", "256", "float32"});
}

}  // namespace
}  // namespace convscope
