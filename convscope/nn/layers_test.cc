#include "convscope/nn/layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "convscope/base/random.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

// A network of one layer called on one input.
Network Single(const LayerPtr& layer, const Shape& sample) {
  return Sequential(sample, {layer});
}

Tensor Noise(const Shape& shape, const char* purpose) {
  Tensor tensor(shape);
  Random random(1, purpose);
  for (float& value : tensor.view().span()) value = random.Uniform(-1, 1);
  return tensor;
}

// (1, C, H, W) of (1, H, W, C).
Tensor ChannelsFirst(const Tensor& tensor) {
  const Shape& s = tensor.shape();
  Tensor turned({1, s[3], s[1], s[2]});
  for (int64_t y = 0; y < s[1]; ++y) {
    for (int64_t x = 0; x < s[2]; ++x) {
      for (int64_t c = 0; c < s[3]; ++c) {
        turned.data()[(c * s[1] + y) * s[2] + x] = tensor.data()[(y * s[2] + x) * s[3] + c];
      }
    }
  }
  return turned;
}

struct Case {
  LayerPtr layer;
  Shape sample;
  Shape output;  // without the batch
};

// Output shapes as Keras has them.
std::vector<Case> Cases() {
  return {
      {Conv1D{.filters = 4, .kernel_size = 3, .strides = 2}, {9, 2}, {4, 4}},
      {Conv1D{.filters = 4, .kernel_size = 3, .padding = Padding::Explicit(4, 0), .dilation_rate = 2}, {9, 2}, {9, 4}},
      {Conv2D{.filters = 4, .kernel_size = {3, 2}, .strides = {2, 1}, .activation = "tanh"}, {7, 6, 2}, {3, 5, 4}},
      {Conv2D{.filters = 4, .kernel_size = 3, .padding = Padding::Same(), .dilation_rate = 2, .groups = 2},
       {7, 6, 2},
       {7, 6, 4}},
      {Conv3D{.filters = 2, .kernel_size = {2, 3, 1}}, {4, 5, 3, 2}, {3, 3, 3, 2}},
      {DepthwiseConv2D{.kernel_size = 3, .depth_multiplier = 2}, {5, 6, 3}, {3, 4, 6}},
      {SeparableConv2D{.filters = 5, .kernel_size = 3, .depth_multiplier = 2}, {5, 6, 3}, {3, 4, 5}},
      {Conv2DTranspose{.filters = 2, .kernel_size = 3, .strides = 2}, {4, 5, 3}, {9, 11, 2}},
      {Conv2DTranspose{.filters = 2, .kernel_size = 3, .strides = 2, .padding = Padding::Same()},
       {4, 5, 3},
       {8, 10, 2}},
      {Dense{.units = 3, .activation = "sigmoid"}, {4}, {3}},
      {Dense{.units = 3}, {4, 5}, {4, 3}},
      {MaxPooling1D{}, {9, 2}, {4, 2}},
      {MaxPooling2D{.pool_size = {2, 3}, .strides = 1}, {5, 6, 2}, {4, 4, 2}},
      {MaxPooling2D{.padding = Padding::Same()}, {5, 6, 2}, {3, 3, 2}},
      {MaxPooling3D{}, {4, 5, 3, 2}, {2, 2, 1, 2}},
      {AveragePooling1D{.pool_size = 3}, {9, 2}, {3, 2}},
      {AveragePooling2D{}, {5, 6, 2}, {2, 3, 2}},
      {AveragePooling3D{}, {4, 5, 3, 2}, {2, 2, 1, 2}},
      {GlobalMaxPooling1D{}, {9, 2}, {2}},
      {GlobalMaxPooling2D{}, {5, 6, 2}, {2}},
      {GlobalMaxPooling3D{.keepdims = true}, {4, 5, 3, 2}, {1, 1, 1, 2}},
      {GlobalAveragePooling1D{.keepdims = true}, {9, 2}, {1, 2}},
      {GlobalAveragePooling2D{}, {5, 6, 2}, {2}},
      {GlobalAveragePooling3D{}, {4, 5, 3, 2}, {2}},
      {Flatten{}, {4, 5, 3}, {60}},
      {Flatten{}, {4}, {4}},
      {Reshape{.target_shape = {6, -1}}, {4, 3}, {6, 2}},
      {Permute{.dims = {2, 3, 1}}, {4, 5, 3}, {5, 3, 4}},
      {ZeroPadding2D{}, {4, 5, 3}, {6, 7, 3}},
      {ZeroPadding2D{.padding = {{1, 2}, {3, 4}}}, {4, 5, 3}, {7, 12, 3}},
      {Cropping2D{.cropping = {1, 2}}, {4, 5, 3}, {2, 1, 3}},
      {UpSampling2D{}, {4, 5, 3}, {8, 10, 3}},
      {UpSampling2D{.size = {1, 3}, .interpolation = Interpolation::kBilinear}, {4, 5, 3}, {4, 15, 3}},
      {Dropout{}, {4, 5}, {4, 5}},
      {SpatialDropout2D{}, {4, 5, 3}, {4, 5, 3}},
      {BatchNormalization{}, {4, 5, 3}, {4, 5, 3}},
      {BatchNormalization{.axis = 1, .center = false}, {4, 5, 3}, {4, 5, 3}},
      {BatchNormalization{.scale = false}, {4}, {4}},
      {LayerNormalization{}, {4, 5}, {4, 5}},
      {LayerNormalization{.axis = {-2, -1}, .scale = false}, {2, 4, 5}, {2, 4, 5}},
      {LocalResponseNormalization{.alpha = 0.5}, {3, 3, 7}, {3, 3, 7}},
      {Normalization{.mean = {0.5}, .variance = {4, 9, 1}}, {4, 3}, {4, 3}},
      {Rescaling{.scale = 2, .offset = -1}, {4, 3}, {4, 3}},
      {ActivationLayer{.activation = "gelu"}, {4, 3}, {4, 3}},
      {ReLU{.max_value = 6}, {4, 3}, {4, 3}},
      {ReLU{.negative_slope = 0.1}, {4, 3}, {4, 3}},
      {LeakyReLU{}, {4, 3}, {4, 3}},
      {PReLU{.alpha_initializer = Constant{0.25}, .shared_axes = {1, 2}}, {4, 5, 3}, {4, 5, 3}},
      {PReLU{.alpha_initializer = Constant{0.25}}, {4, 3}, {4, 3}},
      {ELU{.alpha = 0.5}, {4, 3}, {4, 3}},
      {Softmax{}, {4, 3}, {4, 3}},
      {Softmax{.axis = 1}, {4, 3}, {4, 3}},
  };
}

TEST(LayersTest, ShapesAreKeras) {
  for (const Case& c : Cases()) {
    const Network network = Single(c.layer, c.sample);
    std::vector<int64_t> lengths = {1};
    lengths.insert(lengths.end(), c.output.lengths().begin(), c.output.lengths().end());
    EXPECT_EQ(network.graph()[network.outputs()[0]].type.shape, Shape(lengths)) << c.layer->class_name();
  }
}

TEST(LayersTest, GradientsOfEveryLayerMatchDifferences) {
  for (const Case& c : Cases()) {
    SCOPED_TRACE(c.layer->class_name());
    const Network network = Single(c.layer, c.sample);
    // Variances, and what is divided by, stay above 0.
    NamedTensors given;
    Random random(2, "variance");
    for (const auto& [name, parameter] : network.parameters()) {
      if (!name.ends_with("variance")) continue;
      given[name] = Share(DistinctNoise(network.graph()[name].type.shape, random, 0.5, 2));
    }
    ExpectGradientsMatchDifferences(network.graph(), network.outputs()[0], given);
  }
}

TEST(LayersTest, GradientsOfANetworkWithBranchesAndSharedLayersMatchDifferences) {
  NetworkBuilder builder;
  std::string x = builder.Input({6, 6, 2});
  const LayerPtr shared = Conv2D{.filters = 2, .kernel_size = 3, .padding = Padding::Same(), .activation = "tanh"};
  const std::string a = builder.Call(shared, x), b = builder.Call(shared, a);
  x = builder.Call(Concatenate{}, {builder.Call(Add{}, {a, b}), builder.Call(Multiply{}, {a, b})});
  x = builder.Call(MaxPooling2D{}, x);
  x = builder.Call(Dense{.units = 3, .activation = "softmax"}, builder.Call(Flatten{}, x));
  ExpectGradientsMatchDifferences(builder.Build({x}).graph(), x);
}

TEST(LayersTest, ChannelsFirstComputesTheSameTurned) {
  const auto format = DataFormat::kChannelsFirst;
  struct Pair {
    LayerPtr last, first;
  };
  const std::vector<Pair> pairs = {
      {Conv2D{.filters = 4, .kernel_size = 3, .activation = "relu", .name = "l"},
       Conv2D{.filters = 4, .kernel_size = 3, .data_format = format, .activation = "relu", .name = "l"}},
      {DepthwiseConv2D{.kernel_size = 3, .name = "l"},
       DepthwiseConv2D{.kernel_size = 3, .data_format = format, .name = "l"}},
      {SeparableConv2D{.filters = 2, .kernel_size = 3, .name = "l"},
       SeparableConv2D{.filters = 2, .kernel_size = 3, .data_format = format, .name = "l"}},
      {Conv2DTranspose{.filters = 2, .kernel_size = 2, .name = "l"},
       Conv2DTranspose{.filters = 2, .kernel_size = 2, .data_format = format, .name = "l"}},
      {MaxPooling2D{.name = "l"}, MaxPooling2D{.data_format = format, .name = "l"}},
      {GlobalAveragePooling2D{.keepdims = true, .name = "l"},
       GlobalAveragePooling2D{.data_format = format, .keepdims = true, .name = "l"}},
      {ZeroPadding2D{.padding = {1, 2}, .name = "l"},
       ZeroPadding2D{.padding = {1, 2}, .data_format = format, .name = "l"}},
      {Cropping2D{.cropping = {1, 2}, .name = "l"}, Cropping2D{.cropping = {1, 2}, .data_format = format, .name = "l"}},
      {UpSampling2D{.size = {1, 2}, .name = "l"}, UpSampling2D{.size = {1, 2}, .data_format = format, .name = "l"}},
      {SpatialDropout2D{.name = "l"}, SpatialDropout2D{.data_format = format, .name = "l"}},
      {BatchNormalization{.name = "l"}, BatchNormalization{.axis = 1, .name = "l"}},
      {Softmax{.name = "l"}, Softmax{.axis = 1, .name = "l"}},
  };
  const Tensor picture = Noise({1, 5, 6, 3}, "picture");
  for (const Pair& pair : pairs) {
    SCOPED_TRACE(pair.last->class_name());
    Network last = Single(pair.last, {5, 6, 3}), first = Single(pair.first, {3, 5, 6});
    last.Initialize(4);
    first.Initialize(4);
    const Trace expected(last.model(), {{"input", Share(picture.Clone())}});
    const Trace turned(first.model(), {{"input", Share(ChannelsFirst(picture))}});
    const Tensor wanted = ChannelsFirst(expected["l"]);
    ASSERT_EQ(turned["l"].shape(), wanted.shape());
    for (int64_t i = 0; i < wanted.size(); ++i) ASSERT_EQ(turned["l"].data()[i], wanted.data()[i]) << i;
  }
  // Those that leave no channels to turn back.
  for (const Pair& pair :
       {Pair{Flatten{.name = "l"}, Flatten{.data_format = format, .name = "l"}},
        Pair{GlobalMaxPooling2D{.name = "l"}, GlobalMaxPooling2D{.data_format = format, .name = "l"}}}) {
    const Trace expected(Single(pair.last, {5, 6, 3}).model(), {{"input", Share(picture.Clone())}});
    const Trace turned(Single(pair.first, {3, 5, 6}).model(), {{"input", Share(ChannelsFirst(picture))}});
    ASSERT_EQ(turned["l"].shape(), expected["l"].shape());
    for (int64_t i = 0; i < expected["l"].size(); ++i) ASSERT_EQ(turned["l"].data()[i], expected["l"].data()[i]) << i;
  }
}

// The output of a layer on `values` as one sample of shape `sample`.
std::vector<float> Apply(const LayerPtr& layer, const Shape& sample, std::vector<float> values) {
  Network network = Single(layer, sample);
  network.Initialize(0);
  std::vector<int64_t> lengths = {1};
  lengths.insert(lengths.end(), sample.lengths().begin(), sample.lengths().end());
  const Trace trace(network.model(), {{"input", Share(Tensor::Of(Shape(lengths), values))}});
  const Tensor& output = trace[network.outputs()[0]];
  return {output.data(), output.data() + output.size()};
}

TEST(LayersTest, SmallCasesByHand) {
  using Values = std::vector<float>;
  EXPECT_EQ(Apply(Rescaling{.scale = 2, .offset = -1}, {3}, {0, 1, 2}), (Values{-1, 1, 3}));
  EXPECT_EQ(Apply(Normalization{.mean = {1, 3}, .variance = {4}}, {2}, {5, 5}), (Values{2, 1}));
  EXPECT_EQ(Apply(LeakyReLU{.negative_slope = 0.5}, {2}, {-4, 4}), (Values{-2, 4}));
  EXPECT_EQ(Apply(ReLU{.max_value = 6}, {3}, {-4, 4, 40}), (Values{0, 4, 6}));
  EXPECT_EQ(Apply(ReLU{.negative_slope = 0.25}, {2}, {-4, 4}), (Values{-1, 4}));
  EXPECT_EQ(Apply(PReLU{.alpha_initializer = Constant{0.25}}, {2}, {-4, 4}), (Values{-1, 4}));
  EXPECT_EQ(Apply(Permute{.dims = {2, 1}}, {2, 2}, {1, 2, 3, 4}), (Values{1, 3, 2, 4}));
  EXPECT_EQ(Apply(Dropout{.rate = 0.9}, {2}, {1, 2}), (Values{1, 2}));
  EXPECT_EQ(Apply(Cropping2D{.cropping = {{0, 1}, {1, 0}}}, {2, 2, 1}, {1, 2, 3, 4}), (Values{2}));
  EXPECT_EQ(Apply(ZeroPadding2D{.padding = {{1, 0}, {0, 1}}}, {1, 1, 1}, {7}), (Values{0, 0, 7, 0}));
  EXPECT_EQ(Apply(UpSampling2D{.size = {1, 2}}, {1, 2, 1}, {1, 2}), (Values{1, 1, 2, 2}));
  EXPECT_EQ(Apply(MaxPooling2D{}, {2, 2, 1}, {1, 9, 3, 4}), (Values{9}));
  EXPECT_EQ(Apply(AveragePooling2D{.padding = Padding::Same()}, {2, 3, 1}, {1, 2, 6, 3, 2, 8}), (Values{2, 7}));
  EXPECT_EQ(Apply(GlobalMaxPooling1D{}, {3, 1}, {1, 5, 2}), (Values{5}));
  // Causal: what comes later is never seen.
  EXPECT_EQ(Apply(Conv1D{.filters = 1,
                         .kernel_size = 2,
                         .padding = Padding::Explicit(1, 0),
                         .kernel_initializer = Ones{},
                         .bias_initializer = Constant{10}},
                  {3, 1}, {1, 2, 4}),
            (Values{11, 13, 16}));
  EXPECT_EQ(Apply(Conv2D{.filters = 1, .kernel_size = 2, .use_bias = false, .kernel_initializer = Ones{}}, {2, 2, 1},
                  {1, 2, 3, 4}),
            (Values{10}));
  EXPECT_EQ(
      Apply(Dense{.units = 2, .activation = ActivationKind::kRelu, .kernel_initializer = Constant{-1}}, {2}, {-3, 1}),
      (Values{2, 2}));
  EXPECT_EQ(Apply(SeparableConv2D{.filters = 1,
                                  .kernel_size = 1,
                                  .depthwise_initializer = Constant{2},
                                  .pointwise_initializer = Constant{3}},
                  {1, 1, 2}, {1, 5}),
            (Values{36}));
}

TEST(LayersTest, ABatchNormalizationThatIsNotTrainableLearnsNothingAndUsesItsMovingMeans) {
  const auto updates = [](bool trainable) {
    const Network network = Single(BatchNormalization{.trainable = trainable, .name = "bn"}, {4, 4, 3});
    return Rebuild(network.graph(), {.batch = 8, .training = true}).updates;
  };
  EXPECT_EQ(updates(true).size(), 2u);
  EXPECT_TRUE(updates(true).contains("bn/moving_mean"));
  EXPECT_TRUE(updates(false).empty());
}

TEST(LayersTest, NetworksAreRebuiltForOtherBatches) {
  const Sequential network({8, 8, 1}, {Conv2D{.filters = 2, .kernel_size = 3}, MaxPooling2D{}, Flatten{},
                                       Reshape{.target_shape = {3, -1}}, Flatten{}, Dense{.units = 3}});
  const Rebuilt rebuilt = Rebuild(network.graph(), {.batch = 5});
  EXPECT_EQ(rebuilt.builder.graph()[network.outputs()[0]].type.shape, (Shape{5, 3}));
}

}  // namespace
}  // namespace convscope
