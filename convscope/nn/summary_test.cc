#include "convscope/nn/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(SummaryTest, IsKerasTable) {
  EXPECT_EQ(SummaryText(Summarize(MakeArchitecture("fashion-cnn"))),
            R"(Model: "fashion-cnn"
________________________________________________________
Layer (type)                 Output Shape        Param #
========================================================
conv_layer_1 (Conv2D)        (None, 26, 26, 64)      640
pool_layer_2 (MaxPooling2D)  (None, 13, 13, 64)        0
conv_layer_3 (Conv2D)        (None, 11, 11, 64)   36,928
pool_layer_4 (MaxPooling2D)  (None, 5, 5, 64)          0
flatten_layer_5 (Flatten)    (None, 1600)              0
dense_layer_6 (Dense)        (None, 128)         204,928
dense_layer_7 (Dense)        (None, 10)            1,290
========================================================
Total params: 243,786 (952.29 KB)
Trainable params: 243,786 (952.29 KB)
Non-trainable params: 0 (0.00 B)
)");
}

TEST(SummaryTest, CountsWhatASampleCosts) {
  const NetworkSummary summary = Summarize(MakeArchitecture("fashion-cnn"));
  const LayerSummary& conv = summary.layers[2];
  EXPECT_EQ(conv.name, "conv_layer_3");
  EXPECT_EQ(conv.multiply_adds, 11 * 11 * 64 * 9 * 64);
  EXPECT_THAT(conv.receptive_field.size, ElementsAre(8, 8));  // 3, then 4 by the pool, then 2 more steps of 2
  EXPECT_THAT(conv.receptive_field.stride, ElementsAre(2, 2));
  EXPECT_THAT(conv.receptive_field.offset, ElementsAre(3.5, 3.5));  // of pixels 0 to 7
  EXPECT_EQ(conv.activation_bytes, 2 * 11 * 11 * 64 * 4);           // before and after the activation
  EXPECT_EQ(summary.layers[4].activation_bytes, 0);                 // flattening is another view
  EXPECT_THAT(summary.layers[3].receptive_field.size, ElementsAre(10, 10));
  EXPECT_THAT(summary.layers[4].receptive_field.size, ElementsAre(10, 10));
  // The second pool leaves the last of 11 rows out, and with it two rows of the picture.
  EXPECT_THAT(summary.layers[5].receptive_field.size, ElementsAre(26, 26));
  EXPECT_EQ(summary.multiply_adds, 26 * 26 * 64 * 9 + 11 * 11 * 64 * 9 * 64 + 1600 * 128 + 128 * 10);
  const std::string text = SummaryText(summary, {.cost = true});
  EXPECT_THAT(text, HasSubstr("Multiply-adds"));
  EXPECT_THAT(text, HasSubstr("4,460,544"));
  EXPECT_THAT(text, HasSubstr("8 x 8       2     3.5"));
  EXPECT_THAT(text, HasSubstr("26 x 26       -       -"));
}

TEST(SummaryTest, TellsTheTrueSizeOfFieldsThatReachOverThePicture) {
  const NetworkSummary summary = Summarize(MakeArchitecture("resnet18"));
  const auto last = std::find_if(summary.layers.begin(), summary.layers.end(),
                                 [](const LayerSummary& layer) { return layer.name == "layer4/1/relu2"; });
  ASSERT_NE(last, summary.layers.end());
  EXPECT_THAT(last->receptive_field.size, ElementsAre(224, 224));
  EXPECT_THAT(last->receptive_field.pixels(), ElementsAre(435, 435));
  const std::string text = SummaryText(summary, {.cost = true});
  EXPECT_THAT(text, HasSubstr(" 435 x 435 "));
  EXPECT_THAT(text, HasSubstr("more pixels than the picture has cover it"));
  EXPECT_THAT(SummaryText(Summarize(MakeArchitecture("fashion-cnn")), {.cost = true}), Not(HasSubstr("cover it")));
}

TEST(SummaryTest, WhatWasMeasuredIsAColumnAndAShareOfThePeak) {
  const NetworkSummary summary = Summarize(MakeArchitecture("fashion-cnn"));
  MeasuredCost cost{.milliseconds = std::vector<double>(summary.layers.size(), 0.25), .peak_gflops = 100, .threads = 2};
  const std::string text = SummaryText(summary, {.cost = true, .measured = &cost});
  // 4,460,544 multiply-adds are 8.92 million operations, in a quarter of a millisecond 35.7 GFLOP/s.
  EXPECT_THAT(text, HasSubstr(" 60.50 KB  0.250   35.7 %\n"));
  EXPECT_THAT(text, HasSubstr("0.250        -\n"));  // a layer without multiply-adds
  EXPECT_THAT(text, HasSubstr("Time: 1.750 ms a sample, layer by layer on 2 threads; peak: 100 GFLOP/s\n"));
  cost.milliseconds[0] = 0;
  EXPECT_EQ(cost.ShareOfPeak(summary.layers[0], 0), 0);  // too fast for the clock
}

TEST(SummaryTest, NormalizingChannelsKeepsTheReceptiveField) {
  const NetworkSummary summary = Summarize(MakeArchitecture("alexnet"));
  int found = 0;
  for (size_t i = 1; i < summary.layers.size(); ++i) {
    if (summary.layers[i].class_name != "LocalResponseNormalization") continue;
    ++found;
    EXPECT_FALSE(summary.layers[i].receptive_field.whole());
    EXPECT_EQ(summary.layers[i].receptive_field.size, summary.layers[i - 1].receptive_field.size);
  }
  EXPECT_EQ(found, 2);
}

TEST(SummaryTest, NamesWhatIsConnected) {
  NetworkBuilder builder("joined");
  const std::string x = builder.Input({8, 8, 2});
  const std::string a = builder.Call(Conv2D{.filters = 2, .kernel_size = 1, .name = "a"}, x);
  const std::string sum = builder.Call(Add{.name = "sum"}, {x, a});
  const std::string text = SummaryText(Summarize(builder.Build({sum})));
  EXPECT_THAT(text, HasSubstr("input (InputLayer)  (None, 8, 8, 2)        0  -\n"));
  EXPECT_THAT(text, HasSubstr("sum (Add)           (None, 8, 8, 2)        0  input, a\n"));
}

TEST(SummaryTest, TorchsFormNamesItsModules) {
  const Network filters = MakeArchitecture("udacity-filters");
  EXPECT_EQ(TorchSummaryText(filters),
            "Net(\n  (conv): Conv2d(1, 4, kernel_size=(4, 4), stride=(1, 1), bias=False)\n)\n");
  const Sequential network(
      {32, 32, 3},
      {Conv2D{.filters = 8,
              .kernel_size = 3,
              .strides = 2,
              .padding = Padding::Explicit(1, 1),
              .dilation_rate = 2,
              .name = "c"},
       BatchNormalization{.epsilon = 1e-5, .name = "bn"}, ReLU{.name = "relu"}, MaxPooling2D{.name = "pool"},
       DepthwiseConv2D{.kernel_size = 3, .name = "dw"}, Flatten{.name = "flat"}, Dropout{.rate = 0.5, .name = "drop"},
       Dense{.units = 10, .use_bias = false, .name = "fc"}, Softmax{.name = "prob"}},
      "Mine");
  EXPECT_EQ(TorchSummaryText(network), R"(Mine(
  (c): Conv2d(3, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), dilation=(2, 2))
  (bn): BatchNorm2d(8, eps=1e-05, momentum=0.01, affine=True, track_running_stats=True)
  (relu): ReLU()
  (pool): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
  (dw): Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), groups=8)
  (flat): Flatten(start_dim=1, end_dim=-1)
  (drop): Dropout(p=0.5, inplace=False)
  (fc): Linear(in_features=200, out_features=10, bias=False)
  (prob): Softmax(dim=1)
)
)");
}

TEST(ReceptiveFieldTest, GrowsByKernelsStridesAndDilationsAndIsBoundedByTheInput) {
  const auto field = [](const std::vector<LayerPtr>& layers) {
    const Sequential network({20, 20, 2}, layers);
    return ReceptiveFields(network.graph()).at(network.outputs()[0]).ToString();
  };
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = {3, 5}}}), "3 x 5");
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = 3, .dilation_rate = 2}}), "5 x 5");
  EXPECT_EQ(field({MaxPooling2D{}, MaxPooling2D{}, Conv2D{.filters = 1, .kernel_size = 3}}), "12 x 12");
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = 3}, UpSampling2D{}, Conv2D{.filters = 1, .kernel_size = 3}}),
            "4 x 4");
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = 11}, Conv2D{.filters = 1, .kernel_size = 10}}), "20 x 20");
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = 11}, MaxPooling2D{.pool_size = 5},
                   Conv2D{.filters = 1, .kernel_size = 2}}),
            "20 x 20");
  EXPECT_EQ(field({BatchNormalization{}, ZeroPadding2D{}, LeakyReLU{}, Dropout{}}), "1 x 1");
  EXPECT_EQ(field({GlobalAveragePooling2D{}}), "all");
  EXPECT_EQ(field({Conv2D{.filters = 1, .kernel_size = 3}, Dense{.units = 4}}), "3 x 3");
  EXPECT_EQ(field({Flatten{}, Dense{.units = 4}}), "all");
}

}  // namespace
}  // namespace convscope
