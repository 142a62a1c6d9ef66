#include "convscope/inspect/class_means.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Tensor Noise(Shape shape, const char* purpose) {
  Tensor tensor(shape);
  Random random(1, purpose);
  for (float& value : tensor.view().span()) value = random.Uniform(-1, 1);
  return tensor;
}

Model SmallNetwork() {
  GraphBuilder builder;
  builder.Input("picture", {{1, 9, 7, 1}});
  builder.Parameter("conv/kernel", {{3, 3, 1, 5}});
  builder.Add("conv", ConvOp{}, {"picture", "conv/kernel"});
  builder.Add("relu", ActivationOp{{.kind = ActivationKind::kRelu}}, {"conv"});
  builder.Add("flat", ReshapeOp{}, {"relu"});
  return Model(builder.Build(), {{"conv/kernel", Share(Noise({3, 3, 1, 5}, "kernel"))}});
}

// 75 pictures of classes 0, 1, 2 and none of 3: more than a batch, and the last has fewer.
Dataset Pictures() {
  std::vector<int32_t> labels;
  for (int32_t i = 0; i < 75; ++i) labels.push_back(i * 7 % 10 % 3);
  return Dataset({.name = "noise",
                  .images = Noise({75, 9, 7, 1}, "pictures"),
                  .labels = labels,
                  .class_names = {"a", "b", "c", "d"}});
}

const std::vector<std::string> kLayers = {"conv", "relu", "flat"};

TEST(ClassMeans, AreTheMeansOfTheTracesOfTheirPictures) {
  const Model model = SmallNetwork();
  const Dataset data = Pictures();
  const ClassMeans means = MeansOfClasses(model, data, kLayers);
  EXPECT_EQ(means.pictures, data.ClassCounts());
  for (const LayerClassMeans& layer : means.layers) {
    const int64_t elements = layer.maps.size() / 4, channels = layer.shape.channels, places = elements / channels;
    for (int32_t c = 0; c < 3; ++c) {
      std::vector<double> sum(static_cast<size_t>(elements)), of_channel(static_cast<size_t>(channels));
      std::vector<std::vector<double>> each;  // picture's channel means
      for (int64_t i = 0; i < data.size(); ++i) {
        if (data.label(i) != c) continue;
        const Trace trace(model, {{"picture", Share(data.image(i))}});
        const Tensor& maps = trace[layer.tensor];
        std::vector<double> own(static_cast<size_t>(channels));
        for (int64_t e = 0; e < elements; ++e) {
          sum[static_cast<size_t>(e)] += maps.data()[e];
          own[static_cast<size_t>(e % channels)] += maps.data()[e] / static_cast<double>(places);
        }
        each.push_back(std::move(own));
      }
      const auto count = static_cast<double>(each.size());
      // Trace and Run agree to the rounding of a sum of nine products of values below 1.
      constexpr double kTolerance = 9 * 9 * 6e-8;
      for (int64_t e = 0; e < elements; ++e) {
        EXPECT_NEAR(layer.maps.data()[c * elements + e], sum[static_cast<size_t>(e)] / count, kTolerance);
      }
      for (size_t k = 0; k < static_cast<size_t>(channels); ++k) {
        double mean = 0, squares = 0;
        for (const auto& own : each) mean += own[k] / count;
        for (const auto& own : each) squares += (own[k] - mean) * (own[k] - mean);
        const size_t at = static_cast<size_t>(c) * static_cast<size_t>(channels) + k;
        EXPECT_NEAR(layer.mean[at], mean, kTolerance);
        EXPECT_NEAR(layer.variance[at], squares / (count - 1), 4 * kTolerance);
      }
    }
  }
}

TEST(ClassMeans, OfAClassWithoutPicturesAreNoNumbers) {
  const ClassMeans means = MeansOfClasses(SmallNetwork(), Pictures(), {"relu"});
  const LayerClassMeans& layer = means.layers[0];
  EXPECT_EQ(means.pictures[3], 0);
  EXPECT_TRUE(std::isnan(layer.maps.data()[layer.maps.size() - 1]));
  EXPECT_TRUE(std::isnan(layer.mean.back()));
}

TEST(ClassMeans, OfSomeClassesTakeRoomForThemAlone) {
  const ClassMeans all = MeansOfClasses(SmallNetwork(), Pictures(), kLayers);
  const ClassMeans some = MeansOfClasses(SmallNetwork(), Pictures(), kLayers, {.classes = {2, 0}});
  EXPECT_THAT(some.pictures, ElementsAre(all.pictures[2], all.pictures[0]));
  for (size_t l = 0; l < kLayers.size(); ++l) {
    const LayerClassMeans &one = some.layers[l], &of_all = all.layers[l];
    const int64_t size = of_all.maps.size() / 4, channels = of_all.shape.channels;
    ASSERT_EQ(one.maps.size(), 2 * size);
    ASSERT_EQ(std::ssize(one.mean), 2 * channels);
    for (const auto& [place, label] : {std::pair(0, 2), {1, 0}}) {
      // Batches of other pictures may round otherwise: sums of nine products of values below 1.
      constexpr double kTolerance = 9 * 9 * 6e-8;
      for (int64_t i = 0; i < size; ++i) {
        EXPECT_NEAR(one.maps.data()[place * size + i], of_all.maps.data()[label * size + i], kTolerance);
      }
      for (int64_t c = 0; c < channels; ++c) {
        const auto here = static_cast<size_t>(place * channels + c), there = static_cast<size_t>(label * channels + c);
        EXPECT_NEAR(one.mean[here], of_all.mean[there], kTolerance);
        EXPECT_NEAR(one.variance[here], of_all.variance[there], kTolerance);
      }
    }
  }
  EXPECT_THROW(MeansOfClasses(SmallNetwork(), Pictures(), kLayers, {.classes = {4}}), Error);
}

TEST(ClassMeans, HaveTheSameBitsAtAnyNumberOfThreads) {
  std::vector<ClassMeans> runs;
  for (const int threads : {1, 3}) {
    SetThreadCount(threads);
    runs.push_back(MeansOfClasses(SmallNetwork(), Pictures(), kLayers));
  }
  SetThreadCount(0);
  for (size_t l = 0; l < kLayers.size(); ++l) {
    const LayerClassMeans &one = runs[0].layers[l], &three = runs[1].layers[l];
    EXPECT_EQ(std::memcmp(one.maps.bytes(), three.maps.bytes(), static_cast<size_t>(one.maps.SizeInBytes())), 0);
    EXPECT_EQ(std::memcmp(one.variance.data(), three.variance.data(), 8 * one.variance.size()), 0);
  }
}

TEST(ClassMeans, RefuseDataOfAnotherSize) {
  const Dataset data({.name = "small", .images = Tensor::Zeros({2, 4, 4, 1}), .labels = {0, 1}});
  try {
    MeansOfClasses(SmallNetwork(), data, kLayers);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("(4, 4, 1)"));
  }
}

// Two classes of ten pictures each, one layer of three channels.
ClassMeans Planted(std::vector<double> mean, std::vector<double> variance) {
  ClassMeans means{.pictures = {10, 10}, .layers = {}};
  means.layers.push_back({.tensor = "layer",
                          .shape = {.channels = 3},
                          .maps = Tensor(),
                          .mean = std::move(mean),
                          .variance = std::move(variance)});
  return means;
}

TEST(RankChannels, PutsTheLargestDifferenceInDeviationsFirst) {
  const auto ranked = RankChannels(Planted({1, 5, 0, 3, 1, 0}, {4, 1, 9, 4, 7, 9}), 0, 1);
  ASSERT_EQ(ranked.size(), 3);
  EXPECT_EQ(ranked[0].channel, 1);  // (5 - 1) / sqrt((1 + 7) / 2)
  EXPECT_DOUBLE_EQ(ranked[0].d_prime, 2);
  EXPECT_EQ(ranked[1].channel, 0);  // (1 - 3) / 2
  EXPECT_DOUBLE_EQ(ranked[1].d_prime, -1);
  EXPECT_EQ(ranked[2].d_prime, 0);
}

TEST(RankChannels, WhatNeverVariesSeparatesWhollyOrNotAtAllAndNoNumberComesLast) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto ranked = RankChannels(Planted({nan, 2, 1, 0, 2, 3}, {1, 0, 0, 1, 0, 0}), 0, 1);
  EXPECT_EQ(ranked[0].channel, 2);
  EXPECT_TRUE(std::isinf(ranked[0].d_prime));
  EXPECT_EQ(ranked[1].d_prime, 0);
  EXPECT_EQ(ranked[2].channel, 0);
}

TEST(RankChannels, NamesTheClassesThatThereAre) {
  try {
    RankChannels(Planted({1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}), 0, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("0 to 1"));
  }
  ClassMeans means = Planted({1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1});
  means.pictures[1] = 1;
  try {
    RankChannels(means, 0, 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("choose another class"));
  }
}

TEST(MeanPicturesOfClasses, OfMoreThanThereIsRoomForAreRefused) {
  // 100 sums of three million numbers, of which there is one picture.
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back(std::to_string(i));
  const Dataset data({.name = "large",
                      .images = Tensor::Zeros({1, 1000, 1000, 3}, DType::kUInt8),
                      .labels = {7},
                      .class_names = names});
  EXPECT_THAT([&] { MeanPictures(data); },
              ::testing::ThrowsMessage<Error>(::testing::AllOf(HasSubstr("100 classes"), HasSubstr("2048 MiB"))));
}

}  // namespace
}  // namespace convscope
