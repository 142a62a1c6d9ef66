#include "convscope/inspect/dream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/inspect/gram_diversity.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kSide = 12, kTemplate = 6;

// +1 or -1: bars three pixels wide, as many of each.
float TemplateAt(int64_t y, int64_t x) {
  return (x / 3 + y / 3) % 2 == 0 ? 1.0f : -1.0f;
}

// A network whose one kernel is the template; "found" is its map of (7, 7) after a rectifier, "raw" before.
Model Planted(float bias = 0) {
  GraphBuilder builder;
  builder.Input("picture", {{1, kSide, kSide, 1}});
  builder.Parameter("kernel", {{kTemplate, kTemplate, 1, 1}});
  builder.Parameter("bias", {{1}});
  builder.Add("raw", ConvOp{}, {"picture", "kernel", "bias"});
  builder.Add("found", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"raw"});
  Tensor kernel({kTemplate, kTemplate, 1, 1});
  for (int64_t i = 0; i < kernel.size(); ++i) kernel.data()[i] = TemplateAt(i / kTemplate, i % kTemplate);
  return Model(builder.Build(), {{"kernel", Share(std::move(kernel))}, {"bias", Share(Tensor::Of({1}, {bias}))}});
}

// The middle of a map.
DreamGoal Goal(const std::string& tensor) {
  return {.tensor = tensor, .channel = 0, .place = {{3, 3}}};
}

// Of the patch that the middle of the map sees with the template.
double Correlation(const Tensor& picture) {
  double sum = 0, squares = 0, products = 0;
  constexpr double kCount = kTemplate * kTemplate;
  for (int64_t y = 0; y < kTemplate; ++y) {
    for (int64_t x = 0; x < kTemplate; ++x) {
      const double value = picture.data()[(y + 3) * kSide + x + 3];
      sum += value, squares += value * value, products += value * TemplateAt(y, x);
    }
  }
  const double deviation = std::sqrt(squares / kCount - sum * sum / kCount / kCount);
  return products / kCount / deviation;  // the template has mean 0 and deviation 1
}

TEST(Dream, FindsThePatternThatWasPlanted) {
  // With pixels 1/2 + d the goal is the sum of d times the template, at most 18. The correlation is the mean of that
  // over 1/2, at most, which is what the deviation of values from 0 to 1 can be: so it is at least goal / 18.
  for (const bool waves : {true, false}) {
    const Dream dream =
        MakeDream(Planted(), Goal("found"), {.steps = 300, .rate = 0.1, .jitter = 0, .zoom = 0, .waves = waves});
    EXPECT_GT(dream.goals[0], 0.9 * 18) << waves;
    EXPECT_GE(Correlation(dream.pictures), dream.goals[0] / 18 - 1e-5) << waves;
    for (const float value : dream.pictures.view().span()) {
      EXPECT_GE(value, 0);
      EXPECT_LE(value, 1);
    }
  }
}

TEST(Dream, ClimbsAllTheWayWhereThePictureIsNotMoved) {
  const Dream dream = MakeDream(Planted(), Goal("raw"), {.steps = 100, .jitter = 0, .zoom = 0, .waves = false});
  EXPECT_EQ(dream.curve.data()[0], dream.beginning[0]);
  // Of a goal that grows with each pixel by itself, no step of Adam's loses once the first noise is behind it.
  for (int64_t step = 1; step < 100; ++step) EXPECT_GT(dream.curve.data()[step], dream.curve.data()[step - 1]) << step;
  EXPECT_GT(dream.goals[0], dream.curve.data()[99]);
}

TEST(Dream, OfOnePlaceStaysInWhatThePlaceSees) {
  // A step of this rate that is moved by a pixel would show the corner of the map something else.
  const DreamGoal corner{.tensor = "raw", .channel = 0, .place = {{0, 0}}};
  const DreamOptions options{.steps = 60, .rate = 0.1};
  const Dream dream = MakeDream(Planted(), corner, options),
              none = MakeDream(Planted(), corner, {.steps = 1, .rate = 1e-12});
  EXPECT_TRUE(dream.steady);
  EXPECT_FALSE(MakeDream(Planted(), {.tensor = "raw"}, {.steps = 1}).steady);
  EXPECT_GT(dream.goals[0], 0.9 * 18);
  bool moved = false;
  for (int64_t i = 0; i < dream.pictures.size(); ++i) {
    const bool seen = i / kSide < kTemplate && i % kSide < kTemplate;
    const float change = std::abs(dream.pictures.data()[i] - none.pictures.data()[i]);
    EXPECT_TRUE(seen || change < 1e-6f) << i;
    moved = moved || (seen && change > 0.3f);
  }
  EXPECT_TRUE(moved);
}

TEST(Dream, ThatIsNotMovedEndsWithTheBestThatItSaw) {
  // Steps as long as these run past the top and back.
  const Dream dream = MakeDream(Planted(-4), Goal("found"), {.steps = 40, .rate = 30});
  for (int64_t step = 0; step < 40; ++step) EXPECT_GE(dream.goals[0], dream.curve.data()[step] - 1e-4) << step;
}

TEST(Dream, OfTheLeastGoesDown) {
  DreamGoal goal = Goal("raw");
  goal.least = true;
  const Dream dream = MakeDream(Planted(), goal, {.steps = 200, .rate = 0.1, .jitter = 0, .zoom = 0});
  // What is told is what was climbed: the negative of the value.
  EXPECT_GT(dream.goals[0], 0.8 * 18);
  EXPECT_GT(dream.curve.data()[199], dream.curve.data()[0]);
}

TEST(Dream, OfNoNumberHasNotMoved) {
  const Dream dream =
      MakeDream(Planted(std::numeric_limits<float>::quiet_NaN()), Goal("raw"), {.steps = 3, .jitter = 0, .zoom = 0});
  EXPECT_TRUE(std::isnan(dream.goals[0]));
  EXPECT_FALSE(dream.moved[0]);
}

TEST(Dream, FindsItsWayOutOfADeadRectifier) {
  // Nothing is above zero at first, so the rectifier's gradient is zero.
  const Dream dream = MakeDream(Planted(-4), Goal("found"), {.steps = 300, .rate = 0.1, .jitter = 0, .zoom = 0});
  EXPECT_EQ(dream.beginning[0], 0);
  EXPECT_GT(dream.goals[0], 0.8 * 14);
}

// What a max pool, a batch normalization and a reshape make of Planted()'s map, one after the other.
Model Pooled(float bias) {
  const Model planted = Planted(bias);
  GraphBuilder builder(planted.graph());
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"found"});
  for (const char* const name : {"scale", "offset", "mean", "variance"}) builder.Parameter(name, {{1}});
  builder.Add("norm", BatchNormalizationOp{.epsilon = 1e-12}, {"pool", "scale", "offset", "mean", "variance"});
  builder.Add("units", ReshapeOp{}, {"norm"});
  NamedTensors parameters = planted.parameters();
  parameters["scale"] = Share(Tensor::Of({1}, {2.0f}));
  parameters["offset"] = Share(Tensor::Of({1}, {3.0f}));
  parameters["mean"] = Share(Tensor::Of({1}, {0.0f}));
  parameters["variance"] = Share(Tensor::Of({1}, {1.0f}));
  return Model(builder.Build(), std::move(parameters));
}

TEST(Dream, FindsItsWayThroughAMaxPoolBehindADeadRelu) {
  const DreamOptions options{.steps = 300, .rate = 0.1, .jitter = 0, .zoom = 0};
  const Dream pooled = MakeDream(Pooled(-4), {.tensor = "pool", .channel = 0, .place = {{1, 1}}}, options);
  EXPECT_EQ(pooled.beginning[0], 0);
  EXPECT_GT(pooled.goals[0], 0.8 * 14);
  EXPECT_TRUE(pooled.moved[0]);
  // The offset of the normalization is what a dead map comes to.
  for (const DreamGoal& goal : {DreamGoal{.tensor = "norm", .channel = 0, .place = {{1, 1}}},
                                DreamGoal{.tensor = "units", .channel = 4, .place = {}}}) {
    const Dream dream = MakeDream(Pooled(-4), goal, options);
    EXPECT_EQ(dream.beginning[0], 3) << goal.tensor;
    EXPECT_GT(dream.goals[0], 3 + 2 * 0.8 * 14) << goal.tensor;
  }
}

TEST(Dream, TellsWhetherItsGoalEverMoved) {
  // The template gives 18 at most.
  const DreamOptions options{.steps = 20, .jitter = 0, .zoom = 0};
  const Dream dead = MakeDream(Pooled(-100), {.tensor = "pool", .channel = 0}, options);
  EXPECT_EQ(dead.moved, std::vector<bool>{false});
  EXPECT_EQ(MakeDream(Planted(), Goal("raw"), options).moved, std::vector<bool>{true});
}

TEST(Dream, MayBeginWithAPicture) {
  Tensor from(Shape{kSide, kSide, 1});
  for (int64_t i = 0; i < from.size(); ++i) from.data()[i] = 0.25f + 0.5f * static_cast<float>(i % 7) / 6;
  const Dream dream =
      MakeDream(Planted(), Goal("raw"), {.steps = 1, .rate = 1e-9, .jitter = 0, .zoom = 0, .from = &from});
  // Through the waves and back: sums of 144 terms of size 1 twice, and a logarithm.
  for (int64_t i = 0; i < from.size(); ++i) EXPECT_NEAR(dream.pictures.data()[i], from.data()[i], 1e-4);
}

TEST(Dream, IsTheSameBitsForASeedAtAnyNumberOfThreads) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(1);
  const Model model = network.model();
  const auto at = [&](int threads, uint64_t seed) {
    SetThreadCount(threads);
    return MakeDream(model, {.tensor = "layer2/conv", .channel = 2}, {.count = 2, .steps = 8, .seed = seed});
  };
  const Dream one = at(1, 5), three = at(3, 5), other = at(1, 6);
  SetThreadCount(0);
  EXPECT_TRUE(std::equal(one.pictures.data(), one.pictures.data() + one.pictures.size(), three.pictures.data()));
  EXPECT_FALSE(std::equal(one.pictures.data(), one.pictures.data() + one.pictures.size(), other.pictures.data()));
}

TEST(Dream, KnowsThePreprocessingOfItsModel) {
  // Twice the input's scale is twice the goal of the same noise.
  const auto beginning = [](const Preprocessing& scaling) {
    return MakeDream(Planted(), Goal("raw"), {.steps = 1, .scaling = scaling}).beginning[0];
  };
  const float plain = beginning({.divisor = 255});
  EXPECT_NEAR(beginning({.divisor = 127.5, .mean = {1}}), 2 * plain, 1e-5);  // the template takes no notice of a mean
  EXPECT_NEAR(beginning({.divisor = 255, .mean = {0.5}, .deviation = {0.25}}), 4 * plain, 1e-5);
}

TEST(Dream, FeedsBlueFirstWhereThePreprocessingSaysSo) {
  // What looks at the first channel alone is shown the last one of the picture, and moves that.
  const auto dream = [](std::vector<float> kernel, bool reversed) {
    GraphBuilder builder;
    builder.Input("picture", {{1, kSide, kSide, 3}});
    builder.Parameter("kernel", {{1, 1, 3, 1}});
    builder.Add("raw", ConvOp{}, {"picture", "kernel"});
    const Model model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 3, 1}, std::move(kernel)))}});
    return MakeDream(model, Goal("raw"), {.steps = 5, .scaling = {.reversed = reversed}}).pictures.Clone();
  };
  const Tensor plain = dream({0, 0, 1}, false), reversed = dream({1, 0, 0}, true), other = dream({1, 0, 0}, false);
  EXPECT_TRUE(std::equal(plain.data(), plain.data() + plain.size(), reversed.data()));
  EXPECT_FALSE(std::equal(plain.data(), plain.data() + plain.size(), other.data()));
}

TEST(Dream, DiversityMakesPicturesDiffer) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(2);
  const auto similarity = [&](double diversity) {
    const Dream dream = MakeDream(network.model(), {.tensor = "layer2/conv", .channel = 0},
                                  {.count = 3, .diversity = diversity, .steps = 60});
    const Graph& graph = network.graph();
    std::vector<Tensor> maps;
    for (int64_t i = 0; i < 3; ++i) {
      Tensor one(Shape{1, 28, 28, 1});
      std::copy_n(dream.pictures.data() + i * one.size(), one.size(), one.data());
      const Trace of(network.model(), {{graph.tensors()[0].name, Share(std::move(one))}});
      maps.push_back(of["layer2/conv"].Clone());
    }
    const Shape& shape = maps[0].shape();
    Tensor all(Shape{3, shape[1], shape[2], shape[3]}), gradient(all.shape());
    for (int64_t i = 0; i < 3; ++i) std::copy_n(maps[i].data(), maps[i].size(), all.data() + i * maps[i].size());
    return GramSimilarity(all, gradient);
  };
  EXPECT_LT(similarity(2), similarity(0));
}

TEST(Dream, AGoalThatThereIsNotIsRefusedWithThoseThatThereAre) {
  const auto error_of = [](const DreamGoal& goal, const DreamOptions& options = {}) -> std::string {
    try {
      MakeDream(Planted(), goal, options);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of({.tensor = "fund"}), HasSubstr("did you mean found"));
  EXPECT_THAT(error_of({.tensor = "found", .channel = 1}), HasSubstr("channels 0 to 0"));
  EXPECT_THAT(error_of({.tensor = "found", .channel = 0, .place = {{7, 0}}}), HasSubstr("rows 0 to 6"));
  EXPECT_THAT(error_of({.tensor = "found"}, {.jitter = 12}), HasSubstr("jitter"));
  EXPECT_THAT(error_of({.tensor = "found"}, {.zoom = 1}), HasSubstr("zoom"));
}

}  // namespace
}  // namespace convscope
