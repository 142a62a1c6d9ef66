// Attributions against PyTorch (scripts/make_attribution_fixture.py), and against what they must be by construction.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/inspect/attribution/attributor.h"
#include "convscope/inspect/attribution/cam.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using Method = AttributionMethod;

std::vector<float> Values(const Tensor& tensor) {
  return {tensor.data(), tensor.data() + tensor.size()};
}

// The numbers of the fixture, in the order that the script states.
class Fixture {
 public:
  explicit Fixture(const std::string& name)
      : bytes_(ReadFile(internal::SourceFile("convscope/inspect/testdata/" + name), 1 << 20)) {}

  Tensor Next(const Shape& shape) {
    Tensor tensor(shape);
    for (float& value : tensor.view().span()) {
      double number = 0;
      std::memcpy(&number, bytes_.data() + read_, sizeof(number));
      read_ += sizeof(number);
      value = static_cast<float>(number);
    }
    return tensor;
  }
  bool AtEnd() const { return read_ == bytes_.size(); }

 private:
  std::string bytes_;
  size_t read_ = 0;
};

struct TorchNetwork {
  Fixture fixture{"attribution.bin"};
  Model model;
  Tensor picture, baseline;  // (1, 12, 10, 2)

  TorchNetwork()
      : model(Read(fixture)), picture(fixture.Next({1, 12, 10, 2})), baseline(fixture.Next({1, 12, 10, 2})) {}

  static Model Read(Fixture& fixture) {
    Network network =
        Sequential({12, 10, 2}, {Conv2D{.filters = 5, .kernel_size = 3, .padding = Padding::Same(), .name = "conv1"},
                                 BatchNormalization{.epsilon = 1e-3, .name = "bn"},
                                 ActivationLayer{.activation = "relu", .name = "relu1"}, MaxPooling2D{.name = "pool1"},
                                 Conv2D{.filters = 6, .kernel_size = 3, .padding = Padding::Same(), .name = "conv2"},
                                 ActivationLayer{.activation = "relu", .name = "relu2"},
                                 MaxPooling2D{.padding = Padding::Same(), .name = "pool2"}, Flatten{},
                                 Dense{.units = 8, .activation = "relu", .name = "dense1"},
                                 Dense{.units = 4, .activation = "softmax", .name = "dense2"}});
    NamedTensors weights;
    const std::pair<const char*, Shape> parameters[] = {{"conv1/kernel", {3, 3, 2, 5}},
                                                        {"conv1/bias", {5}},
                                                        {"bn/gamma", {5}},
                                                        {"bn/beta", {5}},
                                                        {"bn/moving_mean", {5}},
                                                        {"bn/moving_variance", {5}},
                                                        {"conv2/kernel", {3, 3, 5, 6}},
                                                        {"conv2/bias", {6}},
                                                        {"dense1/kernel", {54, 8}},
                                                        {"dense1/bias", {8}},
                                                        {"dense2/kernel", {8, 4}},
                                                        {"dense2/bias", {4}}};
    for (const auto& [name, shape] : parameters) weights[name] = Share(fixture.Next(shape));
    network.SetWeights(weights);
    return network.model();
  }
};

// A block that adds what went in, and a depthwise convolution.
struct TorchBranches {
  Fixture fixture{"attribution_branches.bin"};
  Model model;
  Tensor picture, baseline;  // (1, 12, 10, 2)

  TorchBranches()
      : model(Read(fixture)), picture(fixture.Next({1, 12, 10, 2})), baseline(fixture.Next({1, 12, 10, 2})) {}

  static Model Read(Fixture& fixture) {
    NetworkBuilder builder("branches");
    std::vector<std::pair<std::string, Shape>> parameters;
    const auto normalized = [&](const std::string& name, const std::string& x) {
      for (const char* parameter : {"/gamma", "/beta", "/moving_mean", "/moving_variance"}) {
        parameters.emplace_back(name + parameter, Shape{4});
      }
      return builder.Call(BatchNormalization{.epsilon = 1e-3, .name = name}, x);
    };
    const auto convolved = [&](const std::string& name, const std::string& x, int64_t channels) {
      parameters.emplace_back(name + "/kernel", Shape{3, 3, channels, 4});
      const std::string y = builder.Call(
          Conv2D{.filters = 4, .kernel_size = 3, .padding = Padding::Same(), .use_bias = false, .name = name}, x);
      return normalized(name + "/bn", y);
    };
    const auto rectified = [&](const std::string& name, const std::string& x) {
      return builder.Call(ActivationLayer{.activation = "relu", .name = name}, x);
    };
    const std::string stem = rectified("stem/relu", convolved("stem", builder.Input({12, 10, 2}), 2));
    std::string x = convolved("block/2", rectified("block/relu", convolved("block/1", stem, 4)), 4);
    x = rectified("block", builder.Call(Add{.name = "block/add"}, {x, stem}));
    parameters.emplace_back("depthwise/kernel", Shape{3, 3, 1, 4});
    x = builder.Call(
        DepthwiseConv2D{
            .kernel_size = 3, .strides = 2, .padding = Padding::Same(), .use_bias = false, .name = "depthwise"},
        x);
    x = rectified("depthwise/relu", normalized("depthwise/bn", x));
    parameters.emplace_back("pointwise/kernel", Shape{1, 1, 4, 6});
    parameters.emplace_back("pointwise/bias", Shape{6});
    x = rectified("maps", builder.Call(Conv2D{.filters = 6, .kernel_size = 1, .name = "pointwise"}, x));
    parameters.emplace_back("dense/kernel", Shape{6, 4});
    parameters.emplace_back("dense/bias", Shape{4});
    x = builder.Call(GlobalAveragePooling2D{.name = "mean"}, x);
    Network network = builder.Build({builder.Call(Dense{.units = 4, .activation = "softmax", .name = "dense"}, x)});
    NamedTensors weights;
    for (const auto& [name, shape] : parameters) weights[name] = Share(fixture.Next(shape));
    network.SetWeights(weights);
    return network.model();
  }
};

// A value passes five layers of the chain forward and five back, each a sum of at most 54 terms; with branches, sums of
// 18, 36, 36, 2, 9, 4, 30 and 6 terms and as many back. So no more than 540 roundings of the largest value on its way.
void ExpectSame(const Tensor& ours, const Tensor& theirs) {
  ASSERT_EQ(ours.size(), theirs.size());
  float largest = 0;
  for (const float value : theirs.view().span()) largest = std::max(largest, std::fabs(value));
  ASSERT_GT(largest, 0);
  const float tolerance = 540 * std::ldexp(1.0f, -24) * largest;
  for (int64_t i = 0; i < ours.size(); ++i) EXPECT_NEAR(ours.data()[i], theirs.data()[i], tolerance) << "at " << i;
}

// `of_cams`: the layer of the class activation maps, 6 x 5.
void ExpectEveryMethodEqualsPyTorch(auto network, const std::string& of_cams) {
  Fixture& torch = network.fixture;
  Attributor attributor(network.model, {.layer = of_cams});
  const std::vector<float> logits = attributor.Logits(network.picture);
  ExpectSame(Tensor::Of({4}, logits), torch.Next({4}));
  const AttributionSettings settings{.integration_baseline = Share(network.baseline.Clone()),
                                     .occlusion_baseline = Share(network.baseline.Clone()),
                                     .smooth_grad = {},
                                     .integration = {.steps = 16, .most_steps = 16},
                                     .occlusion = OcclusionOptions{.window = 4, .stride = 2}};
  const Shape input{1, 12, 10, 2}, layer{6, 5}, picture{12, 10};
  for (const int64_t c : {2, 0}) {
    const auto ours = [&](Method method) { return attributor(method, network.picture, c, settings); };
    for (const Method method : {Method::kSaliency, Method::kInputXGradient, Method::kGuidedBackpropagation,
                                Method::kDeconvolution, Method::kIntegratedGradients}) {
      SCOPED_TRACE(FactsOf(method).name);
      ExpectSame(ours(method).raw, torch.Next(input));
    }
    for (const Method method :
         {Method::kGradCam, Method::kGradCamPlusPlus, Method::kLayerCam, Method::kScoreCam, Method::kEigenCam}) {
      SCOPED_TRACE(FactsOf(method).name);
      ExpectSame(ours(method).raw, torch.Next(layer));
    }
    ExpectSame(ours(Method::kGradCam).map, torch.Next(picture));
    const Attribution occlusion = ours(Method::kOcclusion);
    ExpectSame(occlusion.raw, torch.Next({5, 4}));
    ExpectSame(occlusion.map, torch.Next(picture));
  }
  EXPECT_TRUE(torch.AtEnd());
}

TEST(Attribution, EqualsPyTorchByEveryMethod) {
  ExpectEveryMethodEqualsPyTorch(TorchNetwork(), "relu2");
}

TEST(Attribution, EqualsPyTorchThroughASumOfBranchesAndADepthwiseConvolution) {
  ExpectEveryMethodEqualsPyTorch(TorchBranches(), "maps");
}

// Every result of a method, for the class that is predicted.
std::vector<float> Everything(const Model& model, const Tensor& picture, int64_t batch) {
  Attributor attributor(model, {.batch = batch});
  std::vector<float> values;
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    const Attribution result = attributor(facts.method, picture, kPredictedClass,
                                          {.smooth_grad = {.samples = 7, .seed = 3}, .integration = {}});
    for (const Tensor* tensor : {&result.raw, &result.map}) {
      values.insert(values.end(), tensor->data(), tensor->data() + tensor->size());
    }
  }
  return values;
}

TEST(Attribution, HasTheSameBitsAtAnyNumberOfThreads) {
  const TorchNetwork network;
  const int threads = ThreadCount();
  SetThreadCount(1);
  const std::vector<float> one = Everything(network.model, network.picture, 4);
  SetThreadCount(2);
  const std::vector<float> two = Everything(network.model, network.picture, 4);
  SetThreadCount(threads);
  EXPECT_EQ(one, two);
}

TEST(Attribution, DoesNotDependOnTheBatch) {
  const TorchNetwork network;
  const std::vector<float> one = Everything(network.model, network.picture, 1);
  for (const int64_t batch : {2, 5, 32}) {
    const std::vector<float> many = Everything(network.model, network.picture, batch);
    ASSERT_EQ(one.size(), many.size());
    // Another batch may take another algorithm, whose sums are in another order.
    for (size_t i = 0; i < one.size(); ++i) EXPECT_NEAR(one[i], many[i], 540 * std::ldexp(4.0f, -24)) << batch;
  }
}

TEST(Attribution, OfThePredictedClassIsThatOfItsNumber) {
  const TorchNetwork network;
  Attributor attributor(network.model);
  const int64_t predicted = PredictedClass(attributor.Logits(network.picture));
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    const Attribution chosen = attributor(facts.method, network.picture, predicted);
    const Attribution found = attributor(facts.method, network.picture);
    EXPECT_EQ(Values(chosen.raw), Values(found.raw)) << facts.name;
    EXPECT_EQ(found.class_index, facts.knows_class ? predicted : kPredictedClass);
  }
}

TEST(Attribution, OfSeveralClassesHasTheBitsOfEachAlone) {
  const TorchNetwork network;
  Attributor attributor(network.model, {.batch = 4});
  const AttributionSettings settings{.smooth_grad = {.samples = 3}, .integration = {}};
  const std::vector<int64_t> classes = {2, 0, 2, kPredictedClass};
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    const std::vector<Attribution> together = attributor.ForClasses(facts.method, network.picture, classes, settings);
    ASSERT_EQ(together.size(), classes.size()) << facts.name;
    for (size_t i = 0; i < classes.size(); ++i) {
      const Attribution alone = attributor(facts.method, network.picture, classes[i], settings);
      EXPECT_EQ(Values(together[i].raw), Values(alone.raw)) << facts.name << ", class " << classes[i];
      EXPECT_EQ(Values(together[i].map), Values(alone.map)) << facts.name << ", class " << classes[i];
      EXPECT_EQ(together[i].class_index, alone.class_index) << facts.name;
    }
    EXPECT_TRUE(attributor.ForClasses(facts.method, network.picture, {}, settings).empty());
  }
}

TEST(Attribution, ChangedPicturesAreRunOnceForAllClasses) {
  const TorchNetwork network;
  Attributor attributor(network.model, {.batch = 2});
  for (const Method method : {Method::kOcclusion, Method::kScoreCam}) {
    const auto batches = [&](const std::vector<int64_t>& classes) {
      int reports = 0;  // one before each batch
      const Progress count = [&](std::string_view, double) { ++reports; };
      attributor.ForClasses(method, network.picture, classes, {.progress = count});
      return reports;
    };
    EXPECT_GT(batches({1}), 1);
    EXPECT_EQ(batches({0, 1, 2, 3}), batches({1})) << FactsOf(method).name;
  }
}

TEST(Attribution, IntegratedGradientsAreCompleteOrSayThatTheyAreNot) {
  const TorchNetwork network;
  for (int64_t c = 0; c < 4; ++c) {
    Attributor attributor(network.model);
    const Attribution result =
        attributor(Method::kIntegratedGradients, network.picture, c, {.integration = {.steps = 1}});
    const IntegratedGradients& facts = *result.integration;
    EXPECT_TRUE(facts.complete()) << facts.gap;
    const double change = facts.score - facts.baseline_score;
    double sum = 0;
    for (const float value : result.map.view().span()) sum += static_cast<double>(value);
    EXPECT_NEAR(sum, change, facts.allowed + 1e-5);
    // The scores are those of the picture and of zeroes, up to rounding: where gradients need what is before a
    // normalization, a run cannot fold it.
    EXPECT_NEAR(facts.score, attributor.Logits(network.picture)[static_cast<size_t>(c)], 1e-5);
    EXPECT_NEAR(facts.baseline_score, attributor.Logits(Tensor::Zeros(network.picture.shape()))[static_cast<size_t>(c)],
                1e-5);
    // One step alone is not enough for a network with kinks, and says so.
    const Attribution coarse =
        attributor(Method::kIntegratedGradients, network.picture, c, {.integration = {.steps = 1, .most_steps = 1}});
    EXPECT_EQ(coarse.integration->steps, 1);
    EXPECT_GE(coarse.integration->gap, facts.gap);
  }
}

TEST(Attribution, DoublingTheStepsKeepsThePointsComputedBefore) {
  const TorchNetwork network;
  const AttributionTarget target = FindAttributionTarget(network.model.graph());
  SampleRun run(network.model, target, {.batch = 3, .gradient_of = target.input});
  const auto integrate = [&](int64_t steps) {
    IntegratedGradients result =
        IntegrateGradients(run, network.picture, network.baseline, 1, {.steps = steps, .most_steps = steps});
    return Values(result.attribution);
  };
  const IntegratedGradients doubled =
      IntegrateGradients(run, network.picture, network.baseline, 1, {.steps = 2, .most_steps = 64});
  EXPECT_GT(doubled.steps, 2);
  // As many steps from the start: the same points in another order.
  const std::vector<float> same = integrate(doubled.steps);
  for (size_t i = 0; i < same.size(); ++i) EXPECT_NEAR(same[i], doubled.attribution.data()[i], 1e-6);
}

TEST(Attribution, SmoothGradWithoutNoiseIsTheGradientAndItsNoiseIsSeeded) {
  const TorchNetwork network;
  Attributor attributor(network.model, {.batch = 4});
  const auto smooth = [&](double noise, uint64_t seed) {
    return Values(attributor(Method::kSmoothGrad, network.picture, 1,
                             {.smooth_grad = {.samples = 6, .noise = noise, .seed = seed}, .integration = {}})
                      .raw);
  };
  const std::vector<float> plain = Values(attributor(Method::kSaliency, network.picture, 1).raw);
  const std::vector<float> quiet = smooth(0, 1);
  for (size_t i = 0; i < plain.size(); ++i) EXPECT_NEAR(plain[i], quiet[i], 1e-5);
  EXPECT_EQ(smooth(0.2, 1), smooth(0.2, 1));
  EXPECT_NE(smooth(0.2, 1), smooth(0.2, 2));
}

// Two classes: class 1 for light in the upper left corner of a picture (8, 8, 1), class 0 for light in the lower right.
Model Planted() {
  Network network = Sequential({8, 8, 1}, {Conv2D{.filters = 2,
                                                  .kernel_size = 3,
                                                  .padding = Padding::Same(),
                                                  .activation = "relu",
                                                  .use_bias = false,
                                                  .name = "conv"},
                                           Flatten{}, Dense{.units = 2, .activation = "softmax", .name = "classes"}});
  Tensor kernel = Tensor::Zeros({3, 3, 1, 2});
  for (int64_t filter = 0; filter < 2; ++filter) kernel.data()[4 * 2 + filter] = 1;  // both pass the picture on
  Tensor classes = Tensor::Zeros({8 * 8 * 2, 2});
  for (int64_t y = 0; y < 8; ++y) {
    for (int64_t x = 0; x < 8; ++x) {
      if (y < 3 && x < 3) classes.data()[((y * 8 + x) * 2 + 0) * 2 + 1] = 1;
      if (y > 4 && x > 4) classes.data()[((y * 8 + x) * 2 + 1) * 2 + 0] = 1;
    }
  }
  network.SetWeights({{"conv/kernel", Share(std::move(kernel))},
                      {"classes/kernel", Share(std::move(classes))},
                      {"classes/bias", Share(Tensor::Zeros({2}))}});
  return network.model();
}

// Light in both corners, as a digit on black, and somewhat less between them.
Tensor TwoCorners() {
  Tensor picture = Tensor::Zeros({1, 8, 8, 1});
  for (int64_t y = 0; y < 8; ++y) {
    for (int64_t x = 0; x < 8; ++x) picture.data()[y * 8 + x] = (y < 3 && x < 3) || (y > 4 && x > 4) ? 1.0f : 0.25f;
  }
  return picture;
}

TEST(Attribution, PointsToTheCornerWhereTheEvidenceWasPlanted) {
  Attributor attributor(Planted());
  const Tensor picture = TwoCorners();
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    // Those that weigh whole maps cannot tell apart places of one map; see the next test.
    if (facts.of_layer && facts.method != Method::kLayerCam) continue;
    const Attribution result =
        attributor(facts.method, picture, 1, {.occlusion = OcclusionOptions{.window = 2, .stride = 1}});
    double upper_left = 0, rest = 0;
    for (int64_t y = 0; y < 8; ++y) {
      for (int64_t x = 0; x < 8; ++x) {
        const double value = std::max(0.0, static_cast<double>(result.map.data()[y * 8 + x]));
        (y < 4 && x < 4 ? upper_left : rest) += value;
      }
    }
    EXPECT_GT(upper_left, 10 * rest) << facts.name;
  }
}

// Grad-CAM weighs whole maps, so each corner has a map of its own here: filter 0 answers to light, filter 1 to dark.
TEST(Attribution, GradCamTakesTheMapThatTheClassIsMadeOf) {
  Network network =
      Sequential({8, 8, 1}, {Conv2D{.filters = 2, .kernel_size = 1, .activation = "relu", .name = "conv"},
                             GlobalAveragePooling2D{}, Dense{.units = 2, .activation = "softmax", .name = "classes"}});
  network.SetWeights({{"conv/kernel", Share(Tensor::Of({1, 1, 1, 2}, {1, -1}))},
                      {"conv/bias", Share(Tensor::Of({2}, {-0.5f, 0.5f}))},
                      {"classes/kernel", Share(Tensor::Of({2, 2}, {1, -1, -1, 1}))},
                      {"classes/bias", Share(Tensor::Zeros({2}))}});
  Attributor attributor(network.model());
  EXPECT_EQ(attributor.layer(), "conv");
  Tensor picture(Shape{1, 8, 8, 1});
  std::fill_n(picture.data(), picture.size(), 0.5f);  // neither light nor dark
  picture.data()[0] = 1;                              // light in the upper left corner: class 0
  picture.data()[63] = 0;                             // dark in the lower right: class 1
  for (const Method method : {Method::kGradCam, Method::kGradCamPlusPlus, Method::kLayerCam}) {
    for (const int64_t c : {0, 1}) {
      const Tensor map = attributor(method, picture, c).map;
      const int64_t brightest = std::max_element(map.data(), map.data() + 64) - map.data();
      EXPECT_EQ(brightest, c == 0 ? 0 : 63) << FactsOf(method).name;
    }
  }
}

TEST(Attribution, OneScoreTellsTwoClassesApart) {
  Network network = Sequential({2, 2, 1}, {Flatten{}, Dense{.units = 1, .activation = "sigmoid", .name = "score"}});
  network.SetWeights(
      {{"score/kernel", Share(Tensor::Of({4, 1}, {1, -2, 3, 0}))}, {"score/bias", Share(Tensor::Of({1}, {-1}))}});
  Attributor attributor(network.model());
  EXPECT_EQ(attributor.target().classes, 2);
  EXPECT_FALSE(attributor.target().softmax);
  const Tensor picture = Tensor::Of({1, 2, 2, 1}, {1, 1, 1, 1});
  EXPECT_THAT(Values(attributor(Method::kSaliency, picture, 1).raw), ::testing::ElementsAre(1, -2, 3, 0));
  EXPECT_THAT(Values(attributor(Method::kSaliency, picture, 0).raw), ::testing::ElementsAre(-1, 2, -3, 0));
  EXPECT_EQ(attributor(Method::kSaliency, picture).class_index, 1);
  const std::vector<float> logits = attributor.Logits(picture);
  EXPECT_NEAR(ProbabilityOf(attributor.target(), logits, 1), 1 / (1 + std::exp(-1.0)), 1e-9);
  EXPECT_NEAR(ProbabilityOf(attributor.target(), logits, 0), 1 / (1 + std::exp(1.0)), 1e-9);
}

// Three maps of a picture, the mean of each, and the softmax of these before they are a list or after.
Model MeansOfMaps(bool list_first) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 3, 3, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 3}});
  builder.Add("maps", ConvOp{}, {"picture", "kernel"});
  builder.Add("means", GlobalPoolOp{.keep_axes = true}, {"maps"});
  std::string last = "means";
  const auto list = [&] {
    builder.Add("list", ReshapeOp{.shape = {0, 3}}, {last});
    last = "list";
  };
  if (list_first) list();
  builder.Add("classes", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {last});
  last = "classes";
  if (!list_first) list();
  return Model(builder.Build(), {{"kernel", Share(Tensor::Of({1, 1, 1, 3}, {1, -2, 3}))}});
}

TEST(Attribution, IsOfTheLogitsWhereTheSoftmaxIsMadeAListAfterwards) {
  const Tensor picture = Tensor::Of({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const Model before = MeansOfMaps(true), after = MeansOfMaps(false);
  Attributor one(before), other(after);
  EXPECT_EQ(other.target().scores.logits, "means");
  EXPECT_EQ(other.Logits(picture), one.Logits(picture));
  const Attribution a = one(Method::kSaliency, picture, 1), b = other(Method::kSaliency, picture, 1);
  EXPECT_EQ(Values(a.raw), Values(b.raw));
  EXPECT_FLOAT_EQ(b.raw.data()[0], -2.0f / 9);
}

TEST(Attribution, ALayerWithoutPlacesIsRefusedWithThoseThatHaveThem) {
  const TorchNetwork network;
  try {
    Attributor(network.model, {.layer = "dense1"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("dense1"), HasSubstr("relu1"), HasSubstr("pool2")));
  }
  EXPECT_THROW(Attributor(network.model, {.layer = "rellu2"}), Error);
  EXPECT_EQ(Attributor(network.model).layer(), "pool2");

  Network flat = Sequential({2, 2, 1}, {Flatten{}, Dense{.units = 3, .activation = "softmax"}});
  flat.Initialize(1);
  Attributor without(flat.model());
  const Tensor picture = Tensor::Of({1, 2, 2, 1}, {1, 0, 0, 1});
  EXPECT_EQ(without(Method::kOcclusion, picture, 0, {.occlusion = OcclusionOptions{.window = 1}}).map.size(), 4);
  try {
    without(Method::kGradCam, picture);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("choose a method of the gradients, or occlusion"));
  }
}

TEST(Attribution, ClassesAndPicturesThatThereAreNotAreRefused) {
  const TorchNetwork network;
  Attributor attributor(network.model);
  try {
    attributor(Method::kGradCam, network.picture, 4);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("classes 0 to 3"));
  }
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    EXPECT_THROW(attributor(facts.method, Tensor::Zeros({1, 12, 12, 2}), 0), Error) << facts.name;
  }
  EXPECT_THROW(attributor(Method::kOcclusion, network.picture, 0, {.occlusion = OcclusionOptions{.window = 11}}),
               Error);
  EXPECT_THROW(AttributionMethodOf("gradcam"), Error);
  EXPECT_EQ(AttributionMethodOf("grad-cam++"), Method::kGradCamPlusPlus);
}

TEST(Attribution, OcclusionReachesTheBorderWithWindowsThatAreCutOff) {
  // The score is the sum of the pixels, so what is hidden is what the score drops by.
  Network network = Sequential({5, 5, 1}, {Flatten{}, Dense{.units = 2, .name = "sum"}});
  Tensor ones(Shape{25, 2});
  std::fill_n(ones.data(), ones.size(), 1.0f);
  network.SetWeights({{"sum/kernel", Share(std::move(ones))}, {"sum/bias", Share(Tensor::Zeros({2}))}});
  Attributor attributor(network.model());
  Tensor picture(Shape{1, 5, 5, 1});
  std::fill_n(picture.data(), 25, 1.0f);
  const Attribution result =
      attributor(Method::kOcclusion, picture, 0, {.occlusion = OcclusionOptions{.window = 3, .stride = 3}});
  // Windows of rows 0 to 2 and 3 to 4.
  EXPECT_THAT(Values(result.raw), ::testing::ElementsAre(9, 6, 6, 4));
  EXPECT_FLOAT_EQ(result.map.data()[0], 9);
  EXPECT_FLOAT_EQ(result.map.data()[24], 4);
}

TEST(Attribution, NanStaysNanAndADeadNetworkIsAllZero) {
  TorchNetwork network;
  Tensor broken = network.picture.Clone();
  broken.data()[100] = NAN;
  Attributor attributor(network.model);
  for (const Method method : {Method::kGradCam, Method::kLayerCam, Method::kScoreCam, Method::kEigenCam,
                              Method::kInputXGradient, Method::kIntegratedGradients, Method::kOcclusion}) {
    const Tensor map = attributor(method, broken, 1).map;
    EXPECT_TRUE(std::any_of(map.data(), map.data() + map.size(), [](float v) { return std::isnan(v); }))
        << FactsOf(method).name;
  }
  NamedTensors dead;
  for (const auto& [name, tensor] : network.model.parameters()) dead[name] = Share(Tensor::Zeros(tensor->shape()));
  Attributor nothing(Model(network.model.graph(), dead));
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    const Tensor map = nothing(facts.method, network.picture, 1).map;
    EXPECT_TRUE(std::all_of(map.data(), map.data() + map.size(), [](float v) { return v == 0; })) << facts.name;
  }
}

TEST(Attribution, NanPredictNoClassAndAreNamedWhereThePredictedOneIsMeant) {
  const TorchNetwork network;
  Tensor broken = network.picture.Clone();
  std::fill_n(broken.data(), broken.size(), NAN);
  Attributor attributor(network.model);
  ASSERT_TRUE(std::isnan(attributor.Logits(broken)[0]));
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    if (!facts.knows_class) {
      EXPECT_NO_THROW(attributor(facts.method, broken)) << facts.name;
      continue;
    }
    try {
      attributor(facts.method, broken);
      ADD_FAILURE() << facts.name;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("4 of 4 scores that are NaN"), HasSubstr("choose a class")));
    }
    EXPECT_NO_THROW(attributor(facts.method, broken, 2, {.integration = {.steps = 2, .most_steps = 2}})) << facts.name;
  }
}

TEST(Attribution, AProgressThatThrowsStopsTheWork) {
  const TorchNetwork network;
  Attributor attributor(network.model, {.batch = 2});
  int reports = 0;
  const Progress progress = [&](std::string_view, double) {
    if (++reports == 3) throw std::runtime_error("enough");
  };
  EXPECT_THROW(attributor(Method::kOcclusion, network.picture, 0, {.progress = progress}), std::runtime_error);
  EXPECT_EQ(reports, 3);
}

TEST(Attribution, MapsOfAnySizeAreBroughtToThePicture) {
  const Tensor map = Tensor::Of({1, 2}, {0, 4});
  EXPECT_THAT(Values(MapAtSize(map.view(), 1, 4)), ::testing::ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(Values(MapAtSize(map.view(), 2, 2)), ::testing::ElementsAre(0, 4, 0, 4));
  EXPECT_THAT(Values(MapAtSize(map.view(), 1, 1)), ::testing::ElementsAre(2));
}

}  // namespace
}  // namespace convscope
