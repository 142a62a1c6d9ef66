#include "convscope/nn/receptive_field.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "convscope/graph/add_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layers.h"
#include "convscope/nn/network_builder.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

// A window of a chain: its size, its stride, and what is padded before the first element.
struct Window {
  int64_t size, stride = 1, before = 0;
};

std::vector<Window> Repeated(const std::vector<Window>& windows, int times) {
  std::vector<Window> all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), windows.begin(), windows.end());
  return all;
}

std::vector<Window> Joined(const std::vector<std::vector<Window>>& chains) {
  std::vector<Window> all;
  for (const std::vector<Window>& chain : chains) all.insert(all.end(), chain.begin(), chain.end());
  return all;
}

// The windows on the longest way to the last tensor that has rows and columns, as papers and model files state them.
struct Chain {
  std::string network, tensor;
  int64_t side, channels;  // of the picture: so large that no field is cut
  std::vector<Window> windows;
  int64_t size, stride;  // that the table below, or the paper, gives
};

std::vector<Chain> Chains() {
  const Window same3{3, 1, 1}, same5{5, 1, 2}, pool{2, 2}, pool3{3, 2}, half3{3, 2, 1}, mobile{3, 2, 0};
  const std::vector<Window> alex = {pool3, same5, pool3, same3, same3, same3, pool3};
  const std::vector<Window> block2 = {same3, same3, pool}, block3 = {same3, same3, same3, pool};
  const std::vector<Window> basic = Repeated({same3}, 4), down = {half3, same3, same3, same3};
  return {
      // Sizes and strides of alexnet, vgg16 and mobilenet-v1 are those of the table in Araujo, Norris and Sim,
      // Computing Receptive Fields of Convolutional Neural Networks, Distill 2019; of resnet18 the formula's
      // (resnet-v1-50: 483).
      {"alexnet", "pool5", 227, 3, Joined({{{11, 4}}, alex}), 195, 32},
      {"alexnet-torch", "pool5", 224, 3, Joined({{{11, 4, 2}}, alex}), 195, 32},
      {"vgg16", "block5_pool", 224, 3, Joined({block2, block2, block3, block3, block3}), 212, 32},
      {"resnet18", "layer4/1/relu2", 512, 3, Joined({{{7, 2, 3}, half3}, basic, down, down, down}), 435, 32},
      {"mobilenet-v1", "conv_pw_13_relu", 384, 3,
       Joined({{mobile, same3, mobile, same3, mobile, same3, mobile}, Repeated({same3}, 5), {mobile, same3}}), 315, 32},
      {"lenet", "layer2/pool", 28, 1, {same5, pool, same5, pool}, 16, 4},
      {"lenet-5", "s4", 28, 1, {same5, pool, {5}, pool}, 16, 4},
      {"keras-mnist", "max_pooling2d_1", 28, 1, {same3, pool, same3, pool}, 10, 4},
      {"fashion-cnn", "pool_layer_4", 28, 1, {{3}, pool, {3}, pool}, 10, 4},
      {"udacity-filters", "conv", 224, 1, {{4}}, 4, 1},
  };
}

// r = 1 + sum of (k_l - 1) s_1 ... s_(l-1); the stride is s_1 ... s_L; the first field begins at -sum of
// p_l s_1 ... s_(l-1) (Araujo, Norris and Sim 2019, equations 2, 3 and 5).
TEST(ReceptiveFields, OfAllArchitecturesAreThoseOfTheClosedFormulaAndOfThePapers) {
  std::vector<std::string> seen;
  for (const Chain& chain : Chains()) {
    SCOPED_TRACE(chain.network);
    int64_t size = 1, stride = 1, begin = 0;
    for (const Window& window : chain.windows) {
      size += (window.size - 1) * stride;
      begin -= window.before * stride;
      stride *= window.stride;
    }
    EXPECT_EQ(size, chain.size);
    EXPECT_EQ(stride, chain.stride);
    const Network network = MakeArchitecture(chain.network, {.input = Shape{chain.side, chain.side, chain.channels}});
    const ReceptiveField field = ReceptiveFields(network.graph()).at(chain.tensor);
    const double centre = static_cast<double>(begin) + static_cast<double>(size - 1) / 2,
                 step = static_cast<double>(stride);
    EXPECT_THAT(field.size, ElementsAre(size, size));
    EXPECT_THAT(field.stride, ElementsAre(step, step));
    EXPECT_THAT(field.offset, ElementsAre(centre, centre));
    seen.push_back(chain.network);
  }
  EXPECT_THAT(seen, ::testing::UnorderedElementsAreArray(ArchitectureNames()));
}

ReceptiveField Of(const std::vector<LayerPtr>& layers) {
  const Sequential network({20, 20, 2}, layers);
  return ReceptiveFields(network.graph()).at(network.outputs()[0]);
}

// Lists of their places would take gibibytes.
TEST(ReceptiveFields, OfAnAxisThatNoPictureHasAreEverything) {
  for (const int64_t length : {int64_t{64}, (int64_t{1} << 22) + 1}) {
    GraphBuilder builder;
    builder.Input("x", {{1, length, 1}});
    builder.Add("pool", PoolOp{.sizes = {2}, .strides = {2}}, {"x"});
    EXPECT_EQ(ReceptiveFields(builder.Build()).at("pool").whole(), length > 64);
  }
}

TEST(ReceptiveFields, OfAFlattenedMapAreThoseOfItsPlaces) {
  const ReceptiveField field = Of({Conv2D{.filters = 3, .kernel_size = 5}, MaxPooling2D{}, Flatten{}});
  EXPECT_EQ(field.ToString(), "6 x 6");
  EXPECT_EQ(field.StrideText(), "-");  // at the end of a row the next one begins
  EXPECT_EQ(field.OffsetText(), "-");
}

TEST(ReceptiveFields, OfADenseLayerAreWhatItsMapsSee) {
  // The pool leaves one of 17 rows and columns out, which three rows of the picture alone would have moved.
  const ReceptiveField field =
      Of({Conv2D{.filters = 3, .kernel_size = 4}, MaxPooling2D{}, Flatten{}, Dense{.units = 2}});
  EXPECT_EQ(field.ToString(), "19 x 19");
  EXPECT_EQ(field.StrideText(), "-");
  EXPECT_EQ(Of({Conv2D{.filters = 3, .kernel_size = 3}, MaxPooling2D{}, Flatten{}, Dense{.units = 2}}).ToString(),
            "all");
  EXPECT_EQ(Of({MaxPooling2D{.pool_size = 3}, GlobalAveragePooling2D{}}).ToString(), "18 x 18");
}

TEST(ReceptiveFields, OfAnEnlargementThatUndoesAPoolStepByWholePixels) {
  // Of these 49 alone is not undone by a product with its reciprocal: 49 (1 / 49) is 1 - 2^-53.
  for (const int64_t size : {3, 10, 49}) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 2 * size, 2 * size, 1}});
    builder.Add("small", PoolOp{.sizes = {size}, .strides = {size}}, {"picture"});
    builder.Add("large", UpSampleOp{.sizes = {size}}, {"small"});
    builder.Add("small again", PoolOp{.sizes = {size}, .strides = {size}}, {"large"});
    const ReceptiveField field = ReceptiveFields(builder.Build()).at("small again");
    EXPECT_EQ(field.StrideText(), std::to_string(size));
  }
}

TEST(ReceptiveFields, OfASumHoldBothWays) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 40, 40, 1}});
  builder.Parameter("kernel", {{5, 5, 1, 1}});
  builder.Add("padded", ConvOp{.padding = {Padding::Explicit(4, 0)}}, {"picture", "kernel"});  // 5 pixels before and at
  builder.Add("next", CropOp{{0, 2, 0, 0}, {0, 0, 0, 0}}, {"picture"});
  builder.Add("cut", CropOp{{0, 0, 0, 0}, {0, 2, 0, 0}}, {"padded"});
  builder.Add("sum", AddOp{}, {"next", "cut"});
  const ReceptiveField field = ReceptiveFields(builder.Build()).at("sum");
  EXPECT_THAT(field.size, ElementsAre(7, 5));  // rows -4 to 0, and 2
  EXPECT_THAT(field.offset, ElementsAre(-1, -2));
}

TEST(ReceptiveFields, OfPicturesThatAreTurnedBeforeTheyAreConvolvedAreOfRowsAndColumns) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 3, 20, 30}});
  builder.Add("turned", TransposeOp{{0, 2, 3, 1}}, {"picture"});
  builder.Parameter("kernel", {{3, 5, 3, 1}});
  builder.Add("conv", ConvOp{}, {"turned", "kernel"});
  builder.Add("back", TransposeOp{{0, 3, 1, 2}}, {"conv"});
  const auto fields = ReceptiveFields(builder.Build());
  EXPECT_EQ(fields.at("turned").ToString(), "1 x 1");
  EXPECT_EQ(fields.at("back").ToString(), "3 x 5");
}

}  // namespace
}  // namespace convscope
