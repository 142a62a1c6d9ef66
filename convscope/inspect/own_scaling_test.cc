#include "convscope/inspect/own_scaling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "convscope/graph/add_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/binary_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/normalization_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/transpose_operation.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A model of pictures (1, 4, 4, 3) that ends in a convolution of the tensor "scaled".
class Beginning {
 public:
  Beginning() { builder_.Input("picture", {{1, 4, 4, 3}}); }

  void Add(const std::string& name, OperationPtr operation, const std::vector<std::string>& inputs) {
    builder_.Add(name, std::move(operation), inputs);
  }
  std::string Constant(const std::string& name, const std::vector<float>& values) {
    Tensor tensor(Shape{static_cast<int64_t>(values.size())});
    std::copy(values.begin(), values.end(), tensor.data());
    builder_.Parameter(name, {tensor.shape()});
    parameters_[name] = Share(std::move(tensor));
    return name;
  }
  std::vector<std::string> Found(const std::string& scaled) {
    Tensor kernel = Tensor::Zeros(Shape{1, 1, 3, 1});
    builder_.Parameter("kernel", {kernel.shape()});
    parameters_["kernel"] = Share(std::move(kernel));
    builder_.Add("conv", ConvOp{}, {scaled, "kernel"});
    return OwnScaling(Model(builder_.Build(), parameters_));
  }

 private:
  GraphBuilder builder_;
  NamedTensors parameters_;
};

std::vector<std::string> OfScale(double scale, double offset) {
  Beginning begin;
  begin.Add("rescaling", ScaleOp{.scale = scale, .offset = offset}, {"picture"});
  return begin.Found("rescaling");
}

TEST(OwnScaling, IsFoundByWhatItMakesOfPixelsFrom0To255) {
  EXPECT_THAT(OfScale(1.0 / 255, 0), ElementsAre("rescaling"));
  EXPECT_THAT(OfScale(1 / 127.5, -1), ElementsAre("rescaling"));
  EXPECT_THAT(OfScale(1, -127.5), ElementsAre("rescaling"));  // the mean alone taken away
  // Of pictures from 0 to 1, and from -1 to 1.
  EXPECT_THAT(OfScale(2, -1), IsEmpty());
  EXPECT_THAT(OfScale(255, 0), IsEmpty());
  EXPECT_THAT(OfScale(127.5, 127.5), IsEmpty());
  EXPECT_THAT(OfScale(1, 0), IsEmpty());
}

TEST(OwnScaling, MeansAndDeviationsAreOfTheRangeThatTheyAreMeantFor) {
  const auto normalized = [](float white) {
    Beginning begin;
    const std::string mean = begin.Constant("mean", {0.485f * white, 0.456f * white, 0.406f * white});
    const std::string deviation = begin.Constant("deviation", {0.229f * white, 0.224f * white, 0.225f * white});
    begin.Add("centred", BinaryOp{BinaryKind::kSubtract}, {"picture", mean});
    begin.Add("divided", BinaryOp{BinaryKind::kDivide}, {"centred", deviation});
    return begin.Found("divided");
  };
  EXPECT_THAT(normalized(255), ElementsAre("centred", "divided"));
  EXPECT_THAT(normalized(1), IsEmpty());
  Beginning keras;
  keras.Add("normalization", NormalizationOp{},
            {"picture", keras.Constant("mean", {120, 115, 105}), keras.Constant("variance", {3000, 3100, 3200})});
  EXPECT_THAT(keras.Found("normalization"), ElementsAre("normalization"));
}

TEST(OwnScaling, ABatchNormalizationOfPixelsIsOneToo) {
  const auto learned = [](float mean, float variance) {
    Beginning begin;
    const std::vector<std::string> inputs = {"picture", begin.Constant("gamma", {1, 1.5f, 0.7f}),
                                             begin.Constant("beta", {0, 0.1f, -0.1f}),
                                             begin.Constant("moving_mean", {mean, mean, mean}),
                                             begin.Constant("moving_variance", {variance, variance, variance})};
    begin.Add("norm", BatchNormalizationOp{}, inputs);
    return begin.Found("norm");
  };
  EXPECT_THAT(learned(120, 3400), ElementsAre("norm"));
  EXPECT_THAT(learned(0.45f, 0.05f), IsEmpty());
}

TEST(OwnScaling, IsFollowedThroughWhatMovesNumbersOrAddsNone) {
  // Each channel for itself, as graphs of PyTorch have it, and black around that is no pixel.
  Beginning begin;
  std::vector<std::string> channels;
  for (int64_t c = 0; c < 3; ++c) {
    const std::string name = "channel_" + std::to_string(c);
    begin.Add(name, SliceOp{.starts = {0, 0, 0, c}, .counts = {-1, -1, -1, 1}, .steps = {1, 1, 1, 1}}, {"picture"});
    begin.Add(name + "_scaled", MultiplyOp{}, {name, begin.Constant(name + "_factor", {1.0f / 128})});
    channels.push_back(name + "_scaled");
  }
  begin.Add("together", ConcatOp{.axis = 3}, channels);
  begin.Add("turned", TransposeOp{{0, 2, 1, 3}}, {"together"});
  begin.Add("padded", PadOp{.before = {0, 1, 1, 0}, .after = {0, 1, 1, 0}}, {"turned"});
  EXPECT_THAT(begin.Found("padded"), ElementsAre("channel_0_scaled", "channel_1_scaled", "channel_2_scaled"));
}

TEST(OwnScaling, WhatReadsThePictureItselfIsFedAsItIs) {
  Beginning begin;
  begin.Add("small", ScaleOp{.scale = 1.0 / 255}, {"picture"});
  begin.Add("both", AddOp{}, {"small", "picture"});
  EXPECT_THAT(begin.Found("both"), IsEmpty());
  Beginning squared;
  squared.Add("square", MultiplyOp{}, {"picture", "picture"});
  EXPECT_THAT(squared.Found("square"), IsEmpty());
}

}  // namespace
}  // namespace convscope
