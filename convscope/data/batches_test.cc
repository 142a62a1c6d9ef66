#include "convscope/data/batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Pictures of 4 x 5 x 2 with a pattern that differs in each.
Dataset Set(int64_t n) {
  Tensor images(Shape{n, 4, 5, 2}, DType::kUInt8);
  for (int64_t i = 0; i < images.size(); ++i) images.data<uint8_t>()[i] = static_cast<uint8_t>(i * 37 + i / 40);
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < n; ++i) labels.push_back(static_cast<int32_t>(i % 4));
  return Dataset({.name = "set", .images = std::move(images), .labels = std::move(labels)});
}

// A batch whose memory is its own.
struct Kept {
  std::vector<float> images;
  std::vector<int32_t> labels;
  std::vector<int64_t> samples;
  int64_t epoch, number;
  bool operator==(const Kept&) const = default;
};

Kept Keep(const Batch& batch) {
  const auto copy = [](const auto& span) { return std::vector(span.begin(), span.end()); };
  return {{batch.images.span().begin(), batch.images.span().end()},
          {batch.labels.begin(), batch.labels.end()},
          copy(batch.samples),
          batch.epoch,
          batch.number};
}

std::vector<Kept> Take(Batches& batches, int count) {
  std::vector<Kept> kept;
  for (int i = 0; i < count; ++i) kept.push_back(Keep(batches.Next()));
  return kept;
}

const Augmentation kEverything{
    .shift = 0.3, .rotate = 20, .zoom = 0.2, .flip_horizontal = true, .flip_vertical = true, .noise = 0.1};

TEST(Batches, EachEpochHasEveryPictureOnceInAnotherOrder) {
  Batches batches(Set(10), {.batch_size = 4, .seed = 1});
  EXPECT_EQ(batches.per_epoch(), 3);
  std::vector<std::vector<int64_t>> epochs(3);
  for (int64_t step = 0; step < 9; ++step) {
    const Batch& batch = batches.Next();
    EXPECT_EQ(batch.epoch, step / 3);
    EXPECT_EQ(batch.number, step % 3);
    EXPECT_EQ(batch.last, step % 3 == 2);
    EXPECT_EQ(batch.images.shape(), (Shape{step % 3 == 2 ? 2 : 4, 4, 5, 2}));
    epochs[static_cast<size_t>(batch.epoch)].insert(epochs[static_cast<size_t>(batch.epoch)].end(),
                                                    batch.samples.begin(), batch.samples.end());
  }
  EXPECT_NE(epochs[0], epochs[1]);
  EXPECT_NE(epochs[1], epochs[2]);
  for (std::vector<int64_t>& epoch : epochs) {
    std::sort(epoch.begin(), epoch.end());
    EXPECT_THAT(epoch, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  }
}

TEST(Batches, HoldThePicturesOfTheirSamplesDividedBy255) {
  const Dataset data = Set(10);
  Batches batches(data, {.batch_size = 4, .seed = 1});
  for (int step = 0; step < 3; ++step) {
    const Batch& batch = batches.Next();
    for (size_t i = 0; i < batch.samples.size(); ++i) {
      EXPECT_EQ(batch.labels[i], data.label(batch.samples[i]));
      const auto pixels = data.Pixels<uint8_t>(batch.samples[i]).span();
      for (size_t k = 0; k < pixels.size(); ++k) {
        EXPECT_EQ(batch.images[static_cast<int64_t>(i * pixels.size() + k)], static_cast<float>(pixels[k]) / 255.0f);
      }
    }
  }
}

TEST(Batches, WithoutShuffleStandAsThePicturesDo) {
  Batches batches(Set(5), {.batch_size = 3, .shuffle = false});
  EXPECT_THAT(batches.Next().samples, ElementsAre(0, 1, 2));
  EXPECT_THAT(batches.Next().samples, ElementsAre(3, 4));
  EXPECT_THAT(batches.Next().samples, ElementsAre(0, 1, 2));
}

TEST(Batches, AreTheSameHoweverFarAheadTheyAreMade) {
  const BatchOptions options{.batch_size = 3, .seed = 5, .augmentation = kEverything};
  Batches in_line(Set(11), options, 0);
  const std::vector<Kept> expected = Take(in_line, 9);
  for (const int ahead : {1, 2, 7, 30}) {
    Batches batches(Set(11), options, ahead);
    EXPECT_EQ(Take(batches, 9), expected) << ahead;
  }
}

TEST(Batches, ContinueExactlyWhereATrainingStopped) {
  const BatchOptions options{.batch_size = 3, .seed = 5, .augmentation = kEverything};
  Batches whole(Set(11), options);
  const std::vector<Kept> expected = Take(whole, 12);
  for (int64_t start = 0; start < 12; ++start) {
    Batches resumed(Set(11), options);
    resumed.Seek(start / 4, start % 4);
    EXPECT_EQ(Take(resumed, static_cast<int>(12 - start)), std::vector<Kept>(expected.begin() + start, expected.end()));
  }
  // In the middle of its work, forward and back.
  whole.Seek(0, 2);
  EXPECT_EQ(Keep(whole.Next()), expected[2]);
  whole.Seek(2, 3);
  EXPECT_EQ(Keep(whole.Next()), expected[11]);
  whole.Seek(0, 0);
  EXPECT_EQ(Take(whole, 12), expected);
}

TEST(Batches, AugmentationDependsOnTheSampleAndTheEpochAlone) {
  const Dataset data = Set(8);
  Batches shuffled(data, {.batch_size = 3, .seed = 2, .augmentation = kEverything});
  Batches in_order(data, {.batch_size = 8, .shuffle = false, .seed = 2, .augmentation = kEverything});
  const size_t one = 40;
  for (int epoch = 0; epoch < 2; ++epoch) {
    const Kept all = Keep(in_order.Next());
    for (int i = 0; i < 3; ++i) {
      const Kept batch = Keep(shuffled.Next());
      for (size_t k = 0; k < batch.samples.size(); ++k) {
        const auto sample = static_cast<size_t>(batch.samples[k]);
        EXPECT_TRUE(std::equal(batch.images.begin() + static_cast<ptrdiff_t>(k * one),
                               batch.images.begin() + static_cast<ptrdiff_t>((k + 1) * one),
                               all.images.begin() + static_cast<ptrdiff_t>(sample * one)));
      }
    }
  }
  in_order.Seek(0, 0);
  const Kept first = Keep(in_order.Next()), second = Keep(in_order.Next());
  EXPECT_NE(first.images, second.images);
}

TEST(Batches, ScaleByMeanAndDeviationOfEachChannel) {
  Batches batches(Set(2), {.shuffle = false, .scaling = {.divisor = 1, .mean = {10, 20}, .deviation = {2, 4}}});
  const Dataset data = Set(2);
  const Batch& batch = batches.Next();
  const auto pixels = data.Pixels<uint8_t>(0).span();
  for (size_t k = 0; k < pixels.size(); k += 2) {
    EXPECT_EQ(batch.images[static_cast<int64_t>(k)], (static_cast<float>(pixels[k]) - 10) / 2);
    EXPECT_EQ(batch.images[static_cast<int64_t>(k + 1)], (static_cast<float>(pixels[k + 1]) - 20) / 4);
  }
}

TEST(Batches, ReversedChannelsAreScaledInTheOrderInWhichTheyAreFed) {
  const Preprocessing plain{.divisor = 1, .mean = {20, 10}}, reversed{.divisor = 1, .mean = {10, 20}, .reversed = true};
  Batches expected(Set(2), {.shuffle = false, .scaling = plain});
  Batches batches(Set(2), {.shuffle = false, .scaling = reversed});
  const auto a = expected.Next().images.span(), b = batches.Next().images.span();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); i += 2) {
    EXPECT_EQ(b[i], a[i + 1]);
    EXPECT_EQ(b[i + 1], a[i]);
  }
}

TEST(Batches, FloatPicturesAreTakenAsTheyAre) {
  const Dataset data({.images = Tensor::Of({1, 1, 2, 1}, {-3, 400}), .labels = {0}});
  Batches batches(data);
  EXPECT_THAT(batches.Next().images.span(), ElementsAre(-3, 400));
}

TEST(Batches, AreMadeInTheSameMemoryAgainAndAgain) {
  Batches batches(Set(20), {.batch_size = 4, .seed = 1, .augmentation = kEverything}, 2);
  std::set<const float*> places;
  for (int step = 0; step < 30; ++step) places.insert(batches.Next().images.data());
  // Two ahead and the one in use; the serial build, which has one thread whatever is asked for, makes none ahead.
  SetThreadCount(2);
  const size_t buffers = ThreadCount() == 2 ? 3 : 1;
  SetThreadCount(0);
  EXPECT_EQ(places.size(), buffers);
}

TEST(BatchFiller, FillsTheCallersMemory) {
  BatchFiller filler(Set(5), {.batch_size = 2, .shuffle = false});
  Tensor images(Shape{1, 4, 5, 2});
  std::vector<int32_t> labels(1);
  filler.Fill(0, 2, images.view(), labels);
  EXPECT_EQ(labels[0], 0);
  EXPECT_EQ(images.data()[0], Set(5).image(4).data()[0]);
}

TEST(BatchFiller, RefusesWhatCannotBe) {
  const auto refused = [](auto run, const char* says) {
    try {
      run();
      ADD_FAILURE() << says;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(says));
    }
  };
  refused([] { BatchFiller(Set(3).First(0), {}); }, "at least one picture");
  refused([] { BatchFiller(Set(3), {.batch_size = 0}); }, "1 picture or more");
  refused([] { BatchFiller(Set(3), {.scaling = {.mean = {1, 2, 3}}}); }, "one for each of the 2 channels");
  refused([] { BatchFiller(Set(3), {.scaling = {.deviation = {0}}}); }, "above 0");
  refused([] { BatchFiller(Set(3), {.scaling = {.divisor = -1}}); }, "above 0");
  refused([] { BatchFiller(Set(3), {.augmentation = {.zoom = 2}}); }, "zoom");
  refused([] { Batches(Set(3), {}, -2); }, "made ahead");
  refused([] { Batches(Set(3), {.batch_size = 2}).Seek(0, 2); }, "batches 0 to 1");
  refused([] { Batches(Set(3)).Seek(-1, 0); }, "epoch -1");
  BatchFiller filler(Set(5), {.batch_size = 2});
  Tensor images(Shape{2, 4, 5, 2});
  std::vector<int32_t> labels(2);
  refused([&] { filler.Fill(0, 2, images.view(), labels); }, "(1, 4, 5, 2)");
  refused([&] { filler.Fill(0, 3, images.view(), labels); }, "batches 0 to 2");
  std::vector<int64_t> samples(1);
  refused([&] { filler.Fill(0, 0, images.view(), labels, samples); }, "2 labels");
}

}  // namespace
}  // namespace convscope
