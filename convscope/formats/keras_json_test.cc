#include "convscope/formats/keras_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

// The same nodes on the same tensors, with the same attributes; and the same facts about parameters.
void ExpectSameNetwork(const Network& a, const Network& b) {
  ASSERT_EQ(a.graph().nodes().size(), b.graph().nodes().size());
  for (size_t i = 0; i < a.graph().nodes().size(); ++i) {
    const GraphNode &x = a.graph().nodes()[i], &y = b.graph().nodes()[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.operation->type(), y.operation->type()) << x.name;
    EXPECT_EQ(x.inputs, y.inputs) << x.name;
    const auto left = x.operation->attributes(), right = y.operation->attributes();
    ASSERT_EQ(left.size(), right.size()) << x.name;
    for (size_t k = 0; k < left.size(); ++k) {
      EXPECT_EQ(left[k].name, right[k].name);
      EXPECT_EQ(left[k].value, right[k].value) << x.name << " " << left[k].name;
    }
  }
  ASSERT_EQ(a.graph().tensors().size(), b.graph().tensors().size());
  for (size_t i = 0; i < a.graph().tensors().size(); ++i) {
    EXPECT_EQ(a.graph().tensors()[i].name, b.graph().tensors()[i].name);
    EXPECT_EQ(a.graph().tensors()[i].type, b.graph().tensors()[i].type);
  }
  ASSERT_EQ(a.parameters().size(), b.parameters().size());
  for (const auto& [name, parameter] : a.parameters()) {
    const NetworkParameter& other = b.parameters().at(name);
    EXPECT_EQ(parameter.initializer, other.initializer) << name;
    EXPECT_EQ(parameter.regularizer, other.regularizer) << name;
    EXPECT_EQ(parameter.constraint, other.constraint) << name;
    EXPECT_EQ(parameter.trainable, other.trainable) << name;
    EXPECT_EQ(parameter.keras_shape, other.keras_shape) << name;
  }
  for (const NetworkLayer& layer : a.layers()) {
    EXPECT_EQ(layer.layer->activity_regularizer(), b.layer(layer.name).layer->activity_regularizer());
    EXPECT_EQ(layer.layer->config(), b.layer(layer.name).layer->config()) << layer.name;
  }
  EXPECT_EQ(a.outputs(), b.outputs());
  EXPECT_EQ(a.inputs(), b.inputs());
  EXPECT_EQ(a.name(), b.name());
}

Network RoundTrip(const Network& network) {
  return ParseKerasJson(KerasJson(network), "round trip");
}

TEST(KerasJsonTest, EveryLayerWithEveryArgumentSurvivesTheRoundTrip) {
  const auto regularizer = L1L2{.l1 = 0.25, .l2 = 0.5};
  const Sequential network(
      {20, 20, 4},
      {Conv2D{.filters = 4,
              .kernel_size = {3, 5},
              .strides = {1, 2},
              .padding = Padding::Same(),
              .groups = 2,
              .activation = "tanh",
              .kernel_initializer = HeNormal{.seed = 3},
              .bias_initializer = Constant{0.5},
              .kernel_regularizer = L2{0.125},
              .bias_regularizer = L1{0.5},
              .activity_regularizer = regularizer,
              .kernel_constraint = MaxNorm{.max_value = 3, .axes = {0, 1, 2}},
              .bias_constraint = NonNeg{},
              .name = "conv"},
       Conv2D{.filters = 2, .kernel_size = 3, .dilation_rate = 2, .use_bias = false, .trainable = false},
       DepthwiseConv2D{.kernel_size = 3,
                       .strides = 1,
                       .padding = Padding::Same(),
                       .depth_multiplier = 2,
                       .depthwise_initializer = RandomUniform{.minval = -1, .maxval = 2},
                       .depthwise_constraint = UnitNorm{.axes = {0, 1}}},
       SeparableConv2D{.filters = 3,
                       .kernel_size = 1,
                       .depth_multiplier = 2,
                       .depthwise_initializer = TruncatedNormal{.mean = 1, .stddev = 2},
                       .pointwise_initializer = Orthogonal{.gain = 2},
                       .depthwise_regularizer = L2{0.5},
                       .pointwise_regularizer = L1{0.5},
                       .pointwise_constraint = NonNeg{}},
       Conv2DTranspose{.filters = 2, .kernel_size = 3, .strides = 2, .output_padding = 1},
       ZeroPadding2D{.padding = {{1, 0}, {2, 3}}},
       Cropping2D{.cropping = {1, 2}},
       UpSampling2D{.size = {1, 2}, .interpolation = Interpolation::kBilinear},
       MaxPooling2D{.pool_size = 2, .strides = 1, .padding = Padding::Same()},
       AveragePooling2D{.pool_size = {2, 1}},
       BatchNormalization{.momentum = 0.5, .epsilon = 0.25, .center = false, .gamma_regularizer = L2{0.5}},
       LayerNormalization{.axis = {-2, -1}, .epsilon = 0.5},
       LocalResponseNormalization{.size = 3, .alpha = 0.5},
       Normalization{.mean = {1, 2}, .variance = {3, 4}},
       Rescaling{.scale = 0.5, .offset = -1},
       SpatialDropout2D{.rate = 0.25},
       ActivationLayer{.activation = "gelu"},
       ReLU{.max_value = 6},
       LeakyReLU{.negative_slope = 0.25},
       ELU{.alpha = 0.5},
       PReLU{.alpha_initializer = LecunUniform{}, .alpha_constraint = NonNeg{}, .shared_axes = {1, 2}},
       Softmax{.axis = -1},
       Permute{.dims = {3, 1, 2}},
       Permute{.dims = {2, 3, 1}},
       GlobalAveragePooling2D{.keepdims = true},
       Flatten{},
       Dropout{.rate = 0.125},
       Dense{.units = 12,
             .activation = "relu",
             .kernel_initializer = VarianceScaling{.scale = 2,
                                                   .mode = VarianceScaling::Mode::kFanOut,
                                                   .distribution = VarianceScaling::Distribution::kUniform},
             .bias_initializer = FromArray{Share(Tensor::Of({3, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0.1f}))}},
       Reshape{.target_shape = {6, -1}},
       Conv1D{.filters = 2, .kernel_size = 2, .padding = Padding::Explicit(1, 0)},
       MaxPooling1D{},
       Reshape{.target_shape = {3, 2, 1, 1}},
       Conv3D{.filters = 2, .kernel_size = {2, 1, 1}, .data_format = DataFormat::kChannelsLast},
       AveragePooling3D{.pool_size = 1},
       GlobalMaxPooling3D{}},
      "everything");
  ExpectSameNetwork(network, RoundTrip(network));
}

TEST(KerasJsonTest, BranchesAndSharedLayersSurviveTheRoundTrip) {
  NetworkBuilder builder("branches");
  const std::string x = builder.Input({8, 8, 2}, "picture"), y = builder.Input({8, 8, 2}, "other");
  const LayerPtr shared =
      Conv2D{.filters = 2, .kernel_size = 3, .padding = Padding::Same(), .activation = "relu", .name = "shared"};
  const std::string a = builder.Call(shared, x);
  const std::string between = builder.Call(Multiply{}, {a, y});
  const std::string b = builder.Call(shared, between);
  const std::string larger = builder.Call(Maximum{}, {builder.Call(Minimum{}, {a, b}), b, a});
  const std::string sum = builder.Call(Add{}, {builder.Call(Subtract{}, {a, larger}), b});
  const std::string all = builder.Call(Concatenate{.axis = 1}, {sum, x});
  const Network network = builder.Build({all, sum});
  ExpectSameNetwork(network, RoundTrip(network));

  const LayerPtr twice = Dense{.units = 4, .name = "twice"};
  const Sequential chain({4}, {twice, twice});
  ExpectSameNetwork(chain, RoundTrip(chain));
}

TEST(KerasJsonTest, ArchitecturesThatKerasHasLayersForSurviveTheRoundTrip) {
  for (const char* name : {"lenet-5", "keras-mnist", "fashion-cnn", "vgg16", "mobilenet-v1", "alexnet"}) {
    const Network network = MakeArchitecture(name);
    ExpectSameNetwork(network, RoundTrip(network));
  }
}

TEST(KerasJsonTest, WhatKerasCannotSayInOneLayerIsSaidInTwoThatComputeTheSame) {
  Network network = MakeArchitecture("resnet18", {.input = Shape{64, 64, 3}, .classes = 3});
  Network read = RoundTrip(network);
  EXPECT_TRUE(read.graph().Has("conv1_pad"));
  EXPECT_TRUE(read.graph().Has("layer4.1.conv2"));
  EXPECT_EQ(read.ParameterCount(), network.ParameterCount());
  network.Initialize(1);
  NamedTensors renamed;
  for (const auto& [name, weight] : network.weights()) {
    std::string keras = name;
    const size_t last = keras.rfind('/');
    std::replace(keras.begin(), keras.begin() + static_cast<std::ptrdiff_t>(last), '/', '.');
    renamed[keras] = weight;
  }
  read.SetWeights(renamed);
  Tensor picture({1, 64, 64, 3});
  Random random(1, "picture");
  for (float& value : picture.view().span()) value = random.Uniform();
  const SharedTensor input = Share(std::move(picture));
  const Trace expected(network.model(), {{"input", input}}), same(read.model(), {{"input", input}});
  // Sums of the same terms, of which some are zeroes, in what may be another order: of about 1e4 terms in all.
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(same["fc"].data()[i], expected["fc"].data()[i], 1e-4f);
}

TEST(KerasJsonTest, WhatKerasCannotSayAtAllIsRefused) {
  const auto refused = [](const LayerPtr& layer, const Shape& sample, const std::vector<std::string>& words) {
    try {
      KerasJson(Sequential(sample, {layer}));
      ADD_FAILURE() << layer->class_name();
    } catch (const Error& error) {
      for (const std::string& word : words) EXPECT_THAT(error.what(), HasSubstr(word));
    }
  };
  refused(MaxPooling2D{.padding = Padding::Explicit(1, 1), .name = "pool"}, {8, 8, 1},
          {"layer pool (MaxPooling2D)", "padding", "[1, 1]"});
  refused(Conv3D{.filters = 1, .kernel_size = 3, .padding = Padding::Explicit(1, 1)}, {8, 8, 8, 1},
          {"layer conv3d (Conv3D)", "padding"});
  refused(Dense{.units = 1, .activation = "leaky_relu:0.5", .name = "d"}, {8},
          {"layer d (Dense)", "leaky_relu:0.5", "add the activation as a layer"});
}

TEST(KerasJsonTest, FilesAreWrittenAndRead) {
  const std::string path = ::testing::TempDir() + "/fashion.json";
  const Network network = MakeArchitecture("fashion-cnn");
  WriteKerasJson(network, path);
  ExpectSameNetwork(network, ReadKerasJson(path));
  std::filesystem::remove(path);
  EXPECT_THAT([&] { ReadKerasJson(path); }, ThrowsMessage<Error>(HasSubstr("fashion.json")));
}

// As model.to_json() of TensorFlow 2.4 writes notebook 5's network, its first layers.
constexpr std::string_view kKeras2 = R"({"class_name": "Sequential", "config": {"name": "Sequntial_model", "layers": [
  {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 28, 28, 1], "dtype": "float32", "sparse": false,
    "ragged": false, "name": "conv_layer_1_input"}},
  {"class_name": "Conv2D", "config": {"name": "conv_layer_1", "trainable": true, "batch_input_shape": [null, 28, 28, 1],
    "dtype": "float32", "filters": 64, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid",
    "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1, "activation": "hard_sigmoid", "use_bias": true,
    "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}},
    "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": {"class_name": "L2",
    "config": {"l2": 0.009999999776482582}}, "bias_regularizer": null, "activity_regularizer": null,
    "kernel_constraint": null, "bias_constraint": null}},
  {"class_name": "DepthwiseConv2D", "config": {"name": "dw", "trainable": true, "dtype": "float32", "kernel_size": [3, 3],
    "strides": [1, 1], "padding": "same", "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1,
    "activation": "linear", "use_bias": false, "bias_initializer": {"class_name": "Zeros", "config": {}},
    "bias_regularizer": null, "activity_regularizer": null, "bias_constraint": null, "depth_multiplier": 1,
    "depthwise_initializer": {"class_name": "GlorotUniform", "config": {"seed": null}}, "depthwise_regularizer": null,
    "depthwise_constraint": null}},
  {"class_name": "BatchNormalization", "config": {"name": "bn", "trainable": true, "dtype": "float32", "axis": [3],
    "momentum": 0.99, "epsilon": 0.001, "center": true, "scale": true, "beta_initializer": {"class_name": "Zeros",
    "config": {}}, "gamma_initializer": {"class_name": "Ones", "config": {}}, "moving_mean_initializer":
    {"class_name": "Zeros", "config": {}}, "moving_variance_initializer": {"class_name": "Ones", "config": {}},
    "beta_regularizer": null, "gamma_regularizer": null, "beta_constraint": null, "gamma_constraint": null}},
  {"class_name": "LeakyReLU", "config": {"name": "leaky", "trainable": true, "dtype": "float32",
    "alpha": 0.30000001192092896}},
  {"class_name": "ReLU", "config": {"name": "relu", "trainable": true, "dtype": "float32", "max_value": 6.0,
    "negative_slope": 0.0, "threshold": 0.0}},
  {"class_name": "MaxPooling2D", "config": {"name": "pool_layer_2", "trainable": true, "dtype": "float32",
    "pool_size": [2, 2], "padding": "valid", "strides": [2, 2], "data_format": "channels_last"}},
  {"class_name": "Dropout", "config": {"name": "drop", "trainable": true, "dtype": "float32", "rate": 0.25,
    "noise_shape": null, "seed": null}},
  {"class_name": "Flatten", "config": {"name": "flatten_layer_5", "trainable": true, "dtype": "float32",
    "data_format": "channels_last"}},
  {"class_name": "Dense", "config": {"name": "dense_layer_7", "trainable": true, "dtype": "float32", "units": 10,
    "activation": "softmax", "use_bias": true, "kernel_initializer": {"class_name": "GlorotUniform", "config":
    {"seed": null}}, "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": null,
    "bias_regularizer": null, "activity_regularizer": null, "kernel_constraint": null, "bias_constraint": null}}]},
  "keras_version": "2.4.0", "backend": "tensorflow"})";

TEST(KerasJsonTest, ReadsASequentialOfKeras2) {
  const Network network = ParseKerasJson(kKeras2, "model.json");
  EXPECT_EQ(network.name(), "Sequntial_model");
  EXPECT_EQ(network.layers().size(), 9u);
  EXPECT_EQ(network.ParameterCount(), 640 + 9 * 64 + 4 * 64 + 13 * 13 * 64 * 10 + 10);
  EXPECT_FLOAT_EQ(static_cast<float>(network.parameters().at("conv_layer_1/kernel").regularizer.l2), 0.01f);
  // Keras 2's hard_sigmoid rises by 0.2.
  const auto& nodes = network.graph().nodes();
  const auto activation =
      std::find_if(nodes.begin(), nodes.end(), [](const GraphNode& node) { return node.name == "conv_layer_1"; });
  ASSERT_NE(activation, nodes.end());
  EXPECT_EQ(activation->operation->attributes()[0].ValueText(), ShortestText(static_cast<double>(0.2f)));
}

// As Keras 3.5's model.to_json() writes a functional model, shortened to what each kind of value looks like.
constexpr std::string_view kKeras3 = R"({"module": "keras.src.models.functional", "class_name": "Functional",
  "config": {"name": "functional", "trainable": true, "layers": [
  {"module": "keras.layers", "class_name": "InputLayer", "config": {"batch_shape": [null, 8, 8, 3], "dtype": "float32",
    "sparse": false, "name": "input_layer"}, "registered_name": null, "name": "input_layer", "inbound_nodes": []},
  {"module": "keras.layers", "class_name": "Conv2D", "config": {"name": "conv2d", "trainable": true, "dtype":
    {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": null},
    "filters": 4, "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "data_format": "channels_last",
    "dilation_rate": [1, 1], "groups": 1, "activation": "silu", "use_bias": true, "kernel_initializer":
    {"module": "keras.initializers", "class_name": "HeNormal", "config": {"seed": null}, "registered_name": null},
    "bias_initializer": {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": null},
    "kernel_regularizer": {"module": "keras.regularizers", "class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5},
    "registered_name": null}, "bias_regularizer": null, "activity_regularizer": null, "kernel_constraint":
    {"module": "keras.constraints", "class_name": "MaxNorm", "config": {"max_value": 2, "axis": [0, 1, 2]},
    "registered_name": null}, "bias_constraint": null}, "registered_name": null, "build_config": {"input_shape":
    [null, 8, 8, 3]}, "name": "conv2d", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config":
    {"shape": [null, 8, 8, 3], "dtype": "float32", "keras_history": ["input_layer", 0, 0]}}], "kwargs": {}}]},
  {"module": "keras.layers", "class_name": "Conv2D", "config": {"name": "conv2d_1", "trainable": false, "dtype":
    "float32", "filters": 4, "kernel_size": [1, 1], "activation": "linear"}, "registered_name": null,
    "name": "conv2d_1", "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__", "config": {"shape":
    [null, 8, 8, 3], "dtype": "float32", "keras_history": ["input_layer", 0, 0]}}], "kwargs": {}}]},
  {"module": "keras.layers", "class_name": "Add", "config": {"name": "add", "trainable": true, "dtype": "float32"},
    "registered_name": null, "build_config": {"input_shape": [[null, 8, 8, 4], [null, 8, 8, 4]]}, "name": "add",
    "inbound_nodes": [{"args": [[{"class_name": "__keras_tensor__", "config": {"shape": [null, 8, 8, 4], "dtype":
    "float32", "keras_history": ["conv2d", 0, 0]}}, {"class_name": "__keras_tensor__", "config": {"shape":
    [null, 8, 8, 4], "dtype": "float32", "keras_history": ["conv2d_1", 0, 0]}}]], "kwargs": {}}]},
  {"module": "keras.layers", "class_name": "BatchNormalization", "config": {"name": "bn", "trainable": true,
    "dtype": "float32", "axis": -1, "momentum": 0.99, "epsilon": 0.001, "center": true, "scale": true,
    "synchronized": false}, "registered_name": null, "name": "bn", "inbound_nodes": [{"args": [{"class_name":
    "__keras_tensor__", "config": {"shape": [null, 8, 8, 4], "dtype": "float32", "keras_history": ["add", 0, 0]}}],
    "kwargs": {"mask": null}}]}],
  "input_layers": [["input_layer", 0, 0]], "output_layers": [["bn", 0, 0]]}, "registered_name": "Functional",
  "build_config": {"input_shape": null}})";

TEST(KerasJsonTest, ReadsAFunctionalOfKeras3) {
  const Network network = ParseKerasJson(kKeras3, "model.json");
  EXPECT_EQ(network.inputs(), std::vector<std::string>{"input_layer"});
  EXPECT_EQ(network.outputs(), std::vector<std::string>{"bn"});
  EXPECT_EQ(network.ParameterCount(), 3 * 3 * 3 * 4 + 4 + 3 * 4 + 4 + 16);
  EXPECT_EQ(network.TrainableCount(), 3 * 3 * 3 * 4 + 4 + 8);
  const NetworkParameter& kernel = network.parameters().at("conv2d/kernel");
  EXPECT_EQ(kernel.initializer, Initializer(HeNormal{}));
  EXPECT_EQ(kernel.regularizer, Regularizer(L2{0.5}));
  EXPECT_EQ(kernel.constraint, Constraint(MaxNorm{.axes = {0, 1, 2}}));
  EXPECT_EQ(network.layer("add").calls[0].inputs, (std::vector<std::string>{"conv2d", "conv2d_1"}));
  ExpectSameNetwork(network, RoundTrip(network));
}

// The functional form of Keras 2: a layer called twice, its second call listed before what that reads.
TEST(KerasJsonTest, ReadsSharedLayersOfKeras2) {
  const Network network = ParseKerasJson(R"({"class_name": "Model", "config": {"name": "model_1", "layers": [
    {"name": "input_1", "class_name": "InputLayer", "config": {"batch_input_shape": [null, 4], "dtype": "float32",
      "sparse": false, "name": "input_1"}, "inbound_nodes": []},
    {"name": "d", "class_name": "Dense", "config": {"name": "d", "units": 4, "activation": "relu"}, "inbound_nodes":
      [[["input_1", 0, 0, {}]], [["e", 0, 0, {}]]]},
    {"name": "e", "class_name": "Dense", "config": {"name": "e", "units": 4}, "inbound_nodes": [[["d", 0, 0, {}]]]}],
    "input_layers": [["input_1", 0, 0]], "output_layers": [["d", 1, 0]]}, "keras_version": "2.2.4"})",
                                         "shared.json");
  EXPECT_EQ(network.ParameterCount(), 40);
  EXPECT_EQ(network.layer("d").calls.size(), 2u);
  EXPECT_EQ(network.outputs(), std::vector<std::string>{"d/call_1"});
}

std::string Chain(const std::string& layers) {
  return R"({"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name":
    "InputLayer", "config": {"batch_shape": [null, 8, 8, 3], "name": "i"}}, )" +
         layers + "]}}";
}

// One layer "p" of an input "i" (None, 8, 8, 3).
std::string Functional(const std::string& layer) {
  return R"({"class_name": "Functional", "keras_version": "2.9.0", "config": {"name": "f", "layers": [{"name": "i",
    "class_name": "InputLayer", "config": {"batch_input_shape": [null, 8, 8, 3]}, "inbound_nodes": []}, )" +
         layer + R"(], "input_layers": [["i", 0, 0]], "output_layers": [["p", 0, 0]]}})";
}

TEST(KerasJsonTest, ErrorsNameTheFileTheLayerAndTheArgument) {
  const auto refused = [](const std::string& text, const std::vector<std::string>& words) {
    try {
      ParseKerasJson(text, "model.json");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("model.json: "));
      for (const std::string& word : words) EXPECT_THAT(error.what(), HasSubstr(word));
    }
  };
  refused("", {"JSON", "line 1, column 1"});
  refused("{\"class_name\": }", {"JSON", "line 1, column 16"});
  refused(std::string(100000, '['), {"nested at most 200"});
  refused("[]", {"class_name", "[]"});
  refused(R"({"class_name": "Wide", "config": {}})", {"Sequential or a Functional", "\"Wide\""});
  refused(
      R"({"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "Flatten", "config": {}}]}})",
      {"network s", "begin with an InputLayer"});
  refused(Chain(R"({"class_name": "Conv2d", "config": {"name": "c"}})"),
          {"layer c (Conv2d)", "\"Conv2d\"", "did you mean Conv2D"});
  refused(Chain(R"({"class_name": "Lambda", "config": {"name": "l"}})"), {"layer l (Lambda)"});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": "8", "kernel_size": 3}})"),
          {"layer c (Conv2D)", "filters", "whole number", "\"8\""});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": [3, 3, 3]}})"),
          {"kernel_size", "2 axes", "[3, 3, 3]"});
  refused(
      Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3, "padding": "sane"}})"),
      {"padding", "\"valid\" or \"same\"", "\"sane\""});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3, "stride": 2}})"),
          {"stride", "received 2", "did you mean strides?"});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3,
                    "activation": "rely"}})"),
          {"activation", "did you mean relu"});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3,
                    "kernel_initializer": {"class_name": "HeNormale", "config": {}}}})"),
          {"kernel_initializer", "did you mean HeNormal"});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3,
                    "kernel_regularizer": {"class_name": "L2", "config": {"l1": 0.5}}}})"),
          {"kernel_regularizer", "L2", "l1"});
  refused(Chain(R"({"class_name": "Dropout", "config": {"name": "d", "rate": 0.5, "sead": 3}})"),
          {"layer d (Dropout)", "sead", "received 3"});
  refused(Chain(R"({"class_name": "Dropout", "config": {"name": "d", "rate": 1.5}})"), {"layer d (Dropout)", "1.5"});
  refused(Chain(R"({"class_name": "Flatten", "config": {"name": "f", "dtype": "float64"}})"),
          {"layer f (Flatten)", "float32", "float64"});
  refused(Chain(R"({"class_name": "Conv2D", "config": {"name": "c", "filters": 1e400, "kernel_size": 3}})"),
          {"JSON", "1e400"});
  refused(R"({"class_name": "Functional", "config": {"name": "f", "layers": [{"name": "a", "class_name": "Flatten",
             "config": {}, "inbound_nodes": [[["b", 0, 0, {}]]]}], "input_layers": [], "output_layers": [["a", 0, 0]]}})",
          {"layer a (Flatten)", "b (call 0)"});
  refused(R"({"class_name": "Functional", "config": {"name": "f", "layers": [{"name": "i", "class_name": "InputLayer",
             "config": {"batch_shape": [null, null, 3]}, "inbound_nodes": []}], "input_layers": [["i", 0, 0]],
             "output_layers": [["i", 0, 0]]}})",
          {"layer i (InputLayer)", "lengths of an input"});
  refused(Functional(R"({"name": "p", "class_name": "TFOpLambda", "config": {"name": "p", "function": "math.pow"},
                         "inbound_nodes": [["i", 0, 0, {"y": 2.5}]]})"),
          {"layer p (TFOpLambda)", "one that a layer computes", "pow of a tensor, 2.5", ".onnx"});
  refused(Functional(R"({"name": "p", "class_name": "Dense", "config": {"units": 2},
                         "inbound_nodes": [[["i", 0, 0, {"training": true}]]]})"),
          {"layer p (Dense)", "training", "tensors alone", "true"});
}

TEST(KerasJsonTest, PicturesOfAnySizeAreReadAsTheCallerSaysOrOf224Pixels) {
  const std::string text = R"({"module": "keras", "class_name": "Sequential", "config": {"name": "s", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, null, null, 3], "name": "i"}},
    {"class_name": "ReLU", "config": {"name": "r"}}]}})";
  NetworkReading reading;
  EXPECT_EQ(ParseKerasJson(text, "a.json", &reading).graph()["r"].type.shape, Shape({1, 224, 224, 3}));
  EXPECT_THAT(reading.assumed, ElementsAre(AllOf(HasSubstr("(1, 224, 224, 3)"), HasSubstr("(?, ?, ?, 3)"))));
  reading = {.rows = 5, .columns = 7};
  EXPECT_EQ(ParseKerasJson(text, "a.json", &reading).graph()["r"].type.shape, Shape({1, 5, 7, 3}));
}

TEST(KerasJsonTest, HalvesOfFloat32AreToldAndReadAsFloat32) {
  NetworkReading reading;
  ParseKerasJson(Chain(R"({"class_name": "ReLU", "config": {"name": "a", "dtype": "mixed_float16"}},
    {"class_name": "ReLU", "config": {"name": "b", "dtype": {"module": "keras", "class_name": "DTypePolicy",
      "config": {"name": "mixed_float16"}}}})"),
                 "a.json", &reading);
  EXPECT_THAT(reading.assumed, ElementsAre("these types are float32 here: mixed_float16"));
}

// As Keras writes a Normalization of pictures that was built.
TEST(KerasJsonTest, ANormalizationOfTheLastAxisMayCountItFromTheFront) {
  const auto read = [](const char* axis) {
    return ParseKerasJson(
        Chain(Concat(R"({"class_name": "Normalization", "config": {"name": "n", "axis": )", axis, "}}")), "a.json");
  };
  EXPECT_TRUE(read("[3]").graph().Has("n"));
  EXPECT_TRUE(read("[-1]").graph().Has("n"));
  EXPECT_THAT([&] { read("[1]"); }, ThrowsMessage<Error>(AllOf(HasSubstr("layer n"), HasSubstr("axis -1 of"))));
}

// EfficientNet's drops whole samples.
TEST(KerasJsonTest, ADropoutThatCannotBeTrainedWithHereIsLeftOutAndSeedsArePassedOver) {
  NetworkReading reading;
  const Network network = ParseKerasJson(
      Chain(R"({"class_name": "Dropout", "config": {"name": "whole", "rate": 0.5, "noise_shape": [null, 1, 1, 1]}},
        {"class_name": "Dropout", "config": {"name": "single", "rate": 0.5, "noise_shape": null, "seed": 3}})"),
      "a.json", &reading);
  EXPECT_FALSE(network.graph().Has("whole"));
  EXPECT_TRUE(network.graph().Has("single"));
  EXPECT_THAT(reading.assumed, ElementsAre(HasSubstr("whole (Dropout)")));
}

// EfficientNet's: x * scale + offset of each channel.
TEST(KerasJsonTest, ARescalingOfEachChannelIsANormalization) {
  const Network network = ParseKerasJson(
      Chain(R"({"class_name": "Rescaling", "config": {"name": "r", "scale": [0.5, 2, 4], "offset": [1, -2, 0]}})"),
      "a.json");
  EXPECT_THAT(network.layer("r").layer->config().ToText(),
              HasSubstr("\"mean\": [-2, 1, 0], \"variance\": [4, 0.25, 0.0625]}"));
}

// Of Keras 2; a constant comes first in 1 - x.
TEST(KerasJsonTest, OperationsAmongLayersAreLayersThatComputeTheSame) {
  const auto made_of = [](const std::string& function, const std::string& inbound) {
    const Network network =
        ParseKerasJson(Functional(R"({"name": "p", "class_name": "TFOpLambda", "config": {"name": "p", "function": ")" +
                                  function + R"("}, "inbound_nodes": [)" + inbound + "]}"),
                       "a.json");
    const Layer& layer = *network.layer("p").layer;
    return Concat(layer.class_name(), layer.config().ToText());
  };
  EXPECT_EQ(made_of("math.subtract", R"(["_CONSTANT_VALUE", -1, 1.0, {"y": ["i", 0, 0]}])"),
            "Rescaling{\"scale\": -1, \"offset\": 1}");
  EXPECT_EQ(made_of("__operators__.add", R"(["i", 0, 0, {"y": 3, "name": null}])"),
            "Rescaling{\"scale\": 1, \"offset\": 3}");
  EXPECT_EQ(made_of("math.truediv", R"(["i", 0, 0, {"y": 4}])"), "Rescaling{\"scale\": 0.25, \"offset\": 0}");
  EXPECT_EQ(made_of("math.multiply", R"(["i", 0, 0, {"y": ["i", 0, 0]}])"), "Multiply{}");
  EXPECT_EQ(made_of("nn.leaky_relu", R"(["i", 0, 0, {"alpha": 0.5}])"), "LeakyReLU{\"negative_slope\": 0.5}");
  EXPECT_EQ(made_of("concat", R"([["i", 0, 0, {"axis": 2}], ["i", 0, 0, {"axis": 2}]])"), "Concatenate{\"axis\": 2}");
  EXPECT_EQ(made_of("reshape", R"(["i", 0, 0, {"shape": [-1, 8, 24]}])"), "Reshape{\"target_shape\": [8, 24]}");
  EXPECT_EQ(made_of("clip_by_value", R"(["i", 0, 0, {"clip_value_min": 0.0, "clip_value_max": 6.0}])"),
            "ReLU{\"max_value\": 6, \"negative_slope\": 0, \"threshold\": 0}");
}

TEST(KerasJsonTest, NormsOfNoAxisAreRefused) {
  for (const char* const axis : {"null", "[]"}) {
    const std::string text = Concat(R"({"class_name": "Sequential", "config": {"name": "n", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "dtype": "float32", "name": "input"}},
        {"class_name": "Dense", "config": {"name": "d", "units": 2, "kernel_constraint": {"class_name": "UnitNorm",
         "config": {"axis": )",
                                    axis, "}}}}]}}");
    EXPECT_THAT([&] { ParseKerasJson(text, "text"); }, testing::ThrowsMessage<Error>(HasSubstr("axis")));
  }
}

TEST(KerasJsonTest, NoSharedAxesAreNull) {
  const Network network = ParseKerasJson(R"({"class_name": "Sequential", "config": {"name": "n", "layers": [
      {"class_name": "InputLayer", "config": {"batch_shape": [null, 4, 3], "dtype": "float32", "name": "input"}},
      {"class_name": "PReLU", "config": {"name": "p", "shared_axes": null}}]}})",
                                         "text");
  EXPECT_EQ(network.graph()["p/alpha"].type.shape, (Shape{4, 3}));
}

}  // namespace
}  // namespace convscope
