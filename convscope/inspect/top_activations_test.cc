#include "convscope/inspect/top_activations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

Dataset Noise(int64_t count, Shape shape) {
  Tensor images(Shape{count, shape[0], shape[1], shape[2]});
  Random random(3, "pictures");
  for (float& value : images.view().span()) value = random.Uniform();
  return Dataset({.name = "noise", .images = std::move(images), .labels = std::vector<int32_t>(count, 0)});
}

// The layer "shown" holds the pictures (1, columns, 1) themselves.
Model Identity(int64_t columns) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, columns, 1}});
  builder.Add("shown", ActivationOp{MakeActivation(ActivationKind::kLinear)}, {"picture"});
  return Model(builder.Build(), {});
}

Dataset Pictures(int64_t columns, std::initializer_list<float> values) {
  const auto count = static_cast<int64_t>(values.size()) / columns;
  return Dataset({.name = "values",
                  .images = Tensor::Of(Shape{count, 1, columns, 1}, values),
                  .labels = std::vector<int32_t>(static_cast<size_t>(count), 0)});
}

TEST(TopActivations, AreThoseOfEveryPictureLookedAtAlone) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(1);
  const Model model = network.model();
  const std::string layer = MapLayer(model.graph(), "");
  const std::string input = model.graph().tensors()[0].name;
  const Dataset data = Noise(23, {28, 28, 1});
  const TopActivations top = FindTopActivations(model, layer, data, {.count = 4, .least = true, .batch_size = 5});
  ASSERT_EQ(static_cast<int64_t>(top.channels.size()), top.shape.channels);
  std::vector<Trace> traces;
  for (int64_t i = 0; i < data.size(); ++i) traces.emplace_back(model, NamedTensors{{input, Share(data.image(i))}});
  for (const ChannelActivations& channel : top.channels) {
    // The extreme value of each picture, and all of them in order.
    std::vector<std::pair<float, int64_t>> high, low;
    for (int64_t i = 0; i < data.size(); ++i) {
      const Tensor map = OneMap(MapsOf(traces[static_cast<size_t>(i)][layer], layer), channel.channel, layer);
      const auto [least, most] = std::minmax_element(map.data(), map.data() + map.size());
      high.emplace_back(-*most, i);
      low.emplace_back(*least, i);
    }
    std::sort(high.begin(), high.end());
    std::sort(low.begin(), low.end());
    ASSERT_EQ(channel.most.size(), 4u);
    ASSERT_EQ(channel.least.size(), 4u);
    for (size_t i = 0; i < 4; ++i) {
      const TopValue &most = channel.most[i], &least = channel.least[i];
      // A batch may sum in another order than one picture: 25 x 4 + 1 terms of size 1 at most, in two layers.
      EXPECT_NEAR(most.value, -high[i].first, 1e-4);
      EXPECT_NEAR(least.value, low[i].first, 1e-4);
      const Tensor map = OneMap(MapsOf(traces[static_cast<size_t>(most.sample)][layer], layer), channel.channel, layer);
      EXPECT_NEAR(map.data()[most.row * top.shape.columns + most.column], most.value, 1e-4);
      const Tensor lowest =
          OneMap(MapsOf(traces[static_cast<size_t>(least.sample)][layer], layer), channel.channel, layer);
      EXPECT_NEAR(lowest.data()[least.row * top.shape.columns + least.column], least.value, 1e-4);
    }
  }
}

TEST(TopActivations, OfEqualValuesTheFirstPictureAndTheFirstPlaceWin) {
  const Dataset data = Pictures(3, {1, 2, 2, 0, 0, 2, 2, 2, 2, 3, 0, 0});
  const TopActivations top = FindTopActivations(Identity(3), "shown", data, {.count = 3, .least = true});
  EXPECT_THAT(top.channels[0].most,
              ::testing::ElementsAre(TopValue{3, 3, 0, 0}, TopValue{2, 0, 0, 1}, TopValue{2, 1, 0, 2}));
  EXPECT_THAT(top.channels[0].least,
              ::testing::ElementsAre(TopValue{0, 1, 0, 0}, TopValue{0, 3, 0, 1}, TopValue{1, 0, 0, 0}));
}

TEST(TopActivations, InfinitiesAreValuesAndNanIsCounted) {
  const Dataset data = Pictures(2, {kNan, kNan, -kInfinity, kNan, -kInfinity, -kInfinity, 1, kInfinity});
  const TopActivations top = FindTopActivations(Identity(2), "shown", data, {.count = 9, .least = true});
  const ChannelActivations& channel = top.channels[0];
  EXPECT_EQ(channel.not_numbers, 2);
  EXPECT_THAT(channel.most, ::testing::ElementsAre(TopValue{kInfinity, 3, 0, 1}, TopValue{-kInfinity, 1, 0, 0},
                                                   TopValue{-kInfinity, 2, 0, 0}));
  EXPECT_THAT(channel.least, ::testing::ElementsAre(TopValue{-kInfinity, 1, 0, 0}, TopValue{-kInfinity, 2, 0, 0},
                                                    TopValue{1, 3, 0, 0}));
}

TEST(TopActivations, AreTheSameBitsAtAnyNumberOfThreads) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(1);
  const Model model = network.model();
  const Dataset data = Noise(40, {28, 28, 1});
  const auto at = [&](int threads) {
    SetThreadCount(threads);
    return FindTopActivations(model, MapLayer(model.graph(), ""), data, {.count = 5, .least = true, .batch_size = 16});
  };
  const TopActivations one = at(1), three = at(3);
  SetThreadCount(0);
  for (size_t c = 0; c < one.channels.size(); ++c) {
    EXPECT_EQ(one.channels[c].most, three.channels[c].most);
    EXPECT_EQ(one.channels[c].least, three.channels[c].least);
  }
}

TEST(TopActivations, UnitsHaveOnePlace) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 2, 1}});
  builder.Add("flat", ReshapeOp{}, {"picture"});
  builder.Parameter("kernel", {{2, 2}});
  builder.Add("dense", DenseOp{}, {"flat", "kernel"});
  const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({2, 2}, {1, 0, 0, -1}))}});
  const TopActivations top =
      FindTopActivations(model, "dense", Pictures(2, {1, 2, 3, 1}), {.count = 1, .channels = {1}});
  ASSERT_EQ(top.channels.size(), 1u);
  EXPECT_EQ(top.channels[0].channel, 1);
  EXPECT_THAT(top.channels[0].most, ::testing::ElementsAre(TopValue{-1, 1, 0, 0}));
}

TEST(TopActivations, WhatThereIsNotIsRefusedWithWhatThereIs) {
  const Dataset data = Pictures(2, {1, 2});
  try {
    FindTopActivations(Identity(2), "shown", data, {.channels = {1}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("channels 0 to 0"));
  }
  try {
    FindTopActivations(Identity(3), "shown", data);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a model for (1, 1, 3, 1)"));
  }
  try {
    MapLayer(Identity(3).graph(), "show");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean shown"));
  }
}

}  // namespace
}  // namespace convscope
