#include "convscope/formats/weight_match.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

#include "convscope/base/error.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/formats/npz.h"
#include "convscope/formats/safetensors.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/trace.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Fixture(const std::string& name) {
  return internal::SourceFile("convscope/formats/testdata/" + name);
}

// That of scripts/make_weight_fixtures.py. With `prefix` before the names of its layers.
Network SmallNetwork(const std::string& prefix = "") {
  const auto name = [&](const char* layer) { return prefix + layer; };
  return Sequential(
      {10, 10, 3},
      {Conv2D{.filters = 6, .kernel_size = 3, .padding = Padding::Same(), .name = name("conv1")},
       BatchNormalization{.epsilon = 1e-5, .name = name("bn1")}, PReLU{.shared_axes = {1, 2}, .name = name("act1")},
       DepthwiseConv2D{.kernel_size = 3, .depth_multiplier = 2, .use_bias = false, .name = name("depthwise")},
       Conv2DTranspose{.filters = 5, .kernel_size = 2, .strides = 2, .name = name("up")},
       Conv2D{.filters = 5, .kernel_size = 5, .strides = 3, .name = name("square")}, Flatten{.name = name("flatten")},
       Dropout{.rate = 0.5, .name = name("drop")}, BatchNormalization{.epsilon = 1e-5, .name = name("bn2")},
       Dense{.units = 16, .name = name("fc1")}, ActivationLayer{.activation = "relu", .name = name("relu")},
       Dense{.units = 16, .name = name("fc2")}, Dense{.units = 4, .name = name("fc3")}},
      "small");
}

std::vector<StoredTensor> TorchWeights() {
  return ReadSafetensors(Fixture("torch_network.safetensors")).tensors;
}

// Every layer's output against PyTorch's. Vectors behind the flattening have its order there and ours here, so they are
// compared where order is none of it: as sums and from fc1 on.
void ExpectTorchOutputs(Network network, const NamedTensors& weights, const std::string& prefix = "") {
  network.Initialize(1);
  network.SetWeights(weights);
  const auto expected = ReadNpz(Fixture("torch_network_tensors.npz"));
  const Trace trace(network.model(), {{"input", Share(expected.at("input").Clone())}});
  for (const char* const layer : {"conv1", "bn1", "act1", "depthwise", "up", "square", "fc1", "relu", "fc2", "fc3"}) {
    const Tensor& ours = trace[prefix + layer];
    const Tensor& theirs = expected.at(layer);
    ASSERT_EQ(ours.shape(), theirs.shape()) << layer;
    double largest = 0, most = 0;
    for (int64_t i = 0; i < ours.size(); ++i) {
      largest = std::max(largest, std::abs(double{theirs.data<float>()[i]}));
      most = std::max(most, std::abs(double{ours.data<float>()[i]} - double{theirs.data<float>()[i]}));
    }
    // Sums of at most 108 products, layer upon layer, each rounded to 2^-24 of its terms.
    EXPECT_LT(most, 1e-5 * largest) << layer;
  }
}

TEST(MatchedWeights, OfPyTorchComputeWhatItComputes) {
  const Network network = SmallNetwork();
  const MatchedWeights matched = MatchWeights(network.graph(), TorchWeights());
  EXPECT_THAT(matched.report.missing, IsEmpty());
  EXPECT_THAT(matched.report.left_over, IsEmpty());
  EXPECT_THAT(matched.report.ignored, ElementsAre("bn1.num_batches_tracked", "bn2.num_batches_tracked"));
  std::map<std::string, const WeightMatch*> matches;
  for (const WeightMatch& match : matched.report.matched) {
    EXPECT_EQ(match.by, WeightMatch::By::kName) << match.parameter;
    matches[match.parameter] = &match;
  }
  ASSERT_EQ(matches.size(), 22u);
  EXPECT_EQ(matches["conv1/kernel"]->stored, "conv1.weight");
  EXPECT_TRUE(matches["conv1/kernel"]->transposed);
  EXPECT_TRUE(matches["fc2/kernel"]->transposed) << "square, so of its file's layout";
  EXPECT_TRUE(matches["fc1/kernel"]->reordered);
  EXPECT_TRUE(matches["bn2/moving_mean"]->reordered);
  EXPECT_FALSE(matches["fc3/kernel"]->reordered);
  EXPECT_EQ(matches["bn1/gamma"]->stored, "bn1.weight");
  ExpectTorchOutputs(network, matched.weights);
}

TEST(MatchedWeights, MayHaveABeginningOfTheirNamesInCommon) {
  std::vector<StoredTensor> stored = TorchWeights();
  for (StoredTensor& tensor : stored) tensor.name = "module.net." + tensor.name;
  const Network network = SmallNetwork();
  const MatchedWeights matched = MatchWeights(network.graph(), stored);
  EXPECT_THAT(matched.report.missing, IsEmpty());
  ExpectTorchOutputs(network, matched.weights);
  // And the network's own may be longer, with its parts between slashes.
  stored = TorchWeights();
  for (StoredTensor& tensor : stored) tensor.name = "a.b." + tensor.name;
  const Network longer = SmallNetwork("a/b/");
  ExpectTorchOutputs(longer, MatchWeights(longer.graph(), stored).weights, "a/b/");
}

// As the modules of a Sequential are named, in the order of a dictionary: 0, 10, 11, 12, 2, ...
TEST(MatchedWeights, WithoutNamesAreTakenByShapeInTheOrderOfTheirNumbers) {
  const std::vector<std::string> order = {"conv1", "bn1", "act1", "depthwise", "up",  "square", "flatten",
                                          "drop",  "bn2", "fc1",  "relu",      "fc2", "fc3"};
  std::vector<StoredTensor> stored = TorchWeights();
  for (StoredTensor& tensor : stored) {
    const size_t dot = tensor.name.find('.');
    const auto found = std::find(order.begin(), order.end(), tensor.name.substr(0, dot));
    tensor.name = "layers." + std::to_string(found - order.begin()) + tensor.name.substr(dot);
  }
  std::sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const Network network = SmallNetwork();
  const MatchedWeights matched = MatchWeights(network.graph(), stored);
  EXPECT_THAT(matched.report.missing, IsEmpty());
  for (const WeightMatch& match : matched.report.matched) EXPECT_EQ(match.by, WeightMatch::By::kShape);
  ExpectTorchOutputs(network, matched.weights);
}

TEST(MatchedWeights, OfTheSameShapeKeepTheirOrder) {
  const Sequential network({8, 8, 4}, {Conv2D{.filters = 4, .kernel_size = 3, .use_bias = false, .name = "first"},
                                       Conv2D{.filters = 4, .kernel_size = 3, .use_bias = false, .name = "second"}});
  const auto kernel = [](float value) {
    Tensor tensor(Shape{4, 4, 3, 3});
    std::fill_n(tensor.data<float>(), tensor.size(), value);
    return Share(std::move(tensor));
  };
  const auto first_of = [&](const std::vector<StoredTensor>& stored) {
    const MatchedWeights matched = MatchWeights(network.graph(), stored);
    return matched.weights.find("first/kernel")->second->data<float>()[0];
  };
  EXPECT_EQ(first_of({{"zebra.weight", kernel(1)}, {"ant.weight", kernel(2)}}), 1) << "the file's own order";
  EXPECT_EQ(first_of({{"10.weight", kernel(1)}, {"9.weight", kernel(2)}}), 2) << "a dictionary's: by number";
}

TEST(MatchedWeights, OfBareNumbersAreTakenInKerasOrder) {
  Network network = SmallNetwork();
  network.Initialize(3);
  std::vector<StoredTensor> stored;
  for (const NetworkLayer& layer : network.layers()) {
    for (const SharedTensor& tensor : network.GetWeights(layer.name)) {
      stored.push_back({"arr_" + std::to_string(stored.size()), tensor});
    }
  }
  const MatchedWeights matched = MatchWeights(network.graph(), stored);
  ASSERT_THAT(matched.report.missing, IsEmpty());
  for (const WeightMatch& match : matched.report.matched) EXPECT_EQ(match.by, WeightMatch::By::kOrder);
  for (const auto& [name, tensor] : network.weights()) {
    const Tensor& taken = *matched.weights.find(name)->second;
    EXPECT_EQ(std::memcmp(taken.bytes(), tensor->bytes(), static_cast<size_t>(taken.SizeInBytes())), 0) << name;
  }
}

TEST(TorchState, IsReadBackToTheSameBits) {
  const Network network = SmallNetwork();
  const MatchedWeights matched = MatchWeights(network.graph(), TorchWeights());
  const std::vector<StoredTensor> state = TorchState(network.graph(), matched.weights);
  std::map<std::string, SharedTensor> theirs;
  for (const StoredTensor& tensor : TorchWeights()) theirs[tensor.name] = tensor.tensor;
  ASSERT_EQ(state.size() + 2, theirs.size());
  for (const StoredTensor& tensor : state) {
    ASSERT_TRUE(theirs.contains(tensor.name)) << tensor.name;
    const Tensor& wanted = *theirs[tensor.name];
    ASSERT_EQ(tensor.tensor->shape(), wanted.shape()) << tensor.name;
    EXPECT_EQ(std::memcmp(tensor.tensor->bytes(), wanted.bytes(), static_cast<size_t>(wanted.SizeInBytes())), 0)
        << tensor.name;
  }
}

TEST(MatchedWeights, TellWhatIsMissingWhatDoesNotFitAndWhatIsLeftOver) {
  std::vector<StoredTensor> stored = TorchWeights();
  std::erase_if(stored, [](const StoredTensor& tensor) { return tensor.name == "up.bias"; });
  for (StoredTensor& tensor : stored) {
    if (tensor.name == "fc3.weight") tensor.tensor = Share(Tensor::Zeros({10, 16}));
  }
  stored.push_back({"head.weight", Share(Tensor::Zeros({7}))});
  const Network network = SmallNetwork();
  const MatchedWeights matched = MatchWeights(network.graph(), stored);
  EXPECT_THAT(matched.report.missing, ElementsAre("up/bias", "fc3/kernel"));
  EXPECT_THAT(matched.report.left_over, ElementsAre("fc3.weight", "head.weight"));
  ASSERT_EQ(matched.report.misfits.size(), 1u);
  EXPECT_EQ(matched.report.misfits[0].stored_shape, (Shape{10, 16}));
  try {
    ExpectAllMatched(matched.report, "a.safetensors");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("a.safetensors"), HasSubstr("none for up/bias, fc3/kernel"),
                                    HasSubstr("fc3.weight is (10, 16) where fc3/kernel is (16, 4)"),
                                    HasSubstr("left over: fc3.weight, head.weight")));
  }
}

TEST(MatchedWeights, AreRealNumbers) {
  const Sequential network({4}, {Dense{.units = 2, .use_bias = false, .name = "fc"}});
  const MatchedWeights whole = MatchWeights(network.graph(), {{"fc/kernel", Share(Tensor({4, 2}, DType::kInt8))}});
  EXPECT_THAT(whole.report.missing, ElementsAre("fc/kernel"));
  Tensor doubles(Shape{4, 2}, DType::kFloat64);
  std::fill_n(doubles.data<double>(), 8, 0.1);
  const MatchedWeights narrowed = MatchWeights(network.graph(), {{"fc/kernel", Share(std::move(doubles))}});
  EXPECT_EQ(narrowed.weights.find("fc/kernel")->second->data<float>()[7], 0.1f);
}

TEST(TorchState, KeepsTheNamesOfParametersThatHaveNoModule) {
  GraphBuilder builder;
  builder.Input("x", {{1, 2}});
  builder.Parameter("first", {{2, 3}});
  builder.Parameter("second", {{3, 2}});
  builder.Add("hidden", DenseOp{}, {"x", "first"});
  builder.Add("y", DenseOp{}, {"hidden", "second"});
  const Graph graph = builder.Build();
  NamedTensors parameters;
  parameters["first"] = Share(Tensor::Zeros({2, 3}));
  parameters["second"] = Share(Tensor::Zeros({3, 2}));
  const std::vector<StoredTensor> state = TorchState(graph, parameters);
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "first");
  EXPECT_EQ(state[1].name, "second");
  EXPECT_THAT(MatchWeights(graph, state).report.missing, ::testing::IsEmpty());
}

TEST(MatchedWeights, GoByTheLayoutThatAFileTellsWhereShapesFitBothWays) {
  GraphBuilder builder;
  builder.Input("x", {{1, 2}});
  builder.Parameter("fc.weight", {{2, 2}});
  builder.Add("y", DenseOp{}, {"x", "fc.weight"});
  const Graph graph = builder.Build();
  const std::vector<StoredTensor> stored = {{"fc.weight", Share(Tensor::Of({2, 2}, {1, 2, 3, 4}))}};
  const auto taken = [&](std::optional<WeightLayout> layout) {
    const MatchedWeights matched = MatchWeights(graph, stored, layout);
    const auto span = matched.weights.at("fc.weight")->view().span();
    return std::vector<float>(span.begin(), span.end());
  };
  EXPECT_THAT(taken(WeightLayout::kKeras), ::testing::ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(taken(WeightLayout::kTorch), ::testing::ElementsAre(1, 3, 2, 4));
  EXPECT_THAT(taken(std::nullopt), ::testing::ElementsAre(1, 3, 2, 4));  // a name of PyTorch's
}

// The names of torchvision's ResNet-18 are ours but for what is between their parts.
TEST(TorchState, OfResNet18HasTorchvisionsNames) {
  Network network = MakeArchitecture("resnet18");
  network.Initialize(1);
  const std::vector<StoredTensor> state = TorchState(network.graph(), network.weights());
  ASSERT_EQ(state.size(), 102u);  // of 122 with the counters of its 20 normalizations
  std::map<std::string, Shape> shapes;
  for (const StoredTensor& tensor : state) shapes[tensor.name] = tensor.tensor->shape();
  EXPECT_EQ(shapes["conv1.weight"], (Shape{64, 3, 7, 7}));
  EXPECT_EQ(shapes["layer2.0.downsample.0.weight"], (Shape{128, 64, 1, 1}));
  EXPECT_EQ(shapes["layer2.0.downsample.1.running_var"], (Shape{128}));
  EXPECT_EQ(shapes["layer4.1.bn2.weight"], (Shape{512}));
  EXPECT_EQ(shapes["fc.weight"], (Shape{1000, 512}));
  EXPECT_EQ(shapes["fc.bias"], (Shape{1000}));
}

TEST(WeightMatch, WhatANormalizationWasToldNeedsNoTensor) {
  const auto missing = [](const Normalization& layer) {
    const Network network = Sequential({2}, {layer}, "small");
    MatchedWeights matched = MatchWeights(network.graph(), {});
    TakeArguments(network, matched);
    if (matched.report.missing.empty()) {
      EXPECT_THAT(matched.weights.at("n/mean")->view<float>().span(), ElementsAre(1, 3));
      EXPECT_THAT(matched.weights.at("n/variance")->view<float>().span(), ElementsAre(4, 4));
    }
    return matched.report.missing;
  };
  EXPECT_THAT(missing({.mean = {1, 3}, .variance = {4}, .name = "n"}), IsEmpty());
  EXPECT_THAT(missing({.name = "n"}), ElementsAre("n/mean", "n/variance"));
}

}  // namespace
}  // namespace convscope
