#include "convscope/inspect/receptive_pixels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "convscope/base/error.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/internal/random_graphs.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/receptive_field.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using FastRun = Run;  // inside a test, Run is a method of the test

// 1 for each pixel of `picture` whose change, in all channels, changes the element's value.
ElementMask Movers(const Model& model, const std::string& tensor, int64_t element, const Tensor& picture) {
  FastRun run(model, {tensor});
  const auto value = [&](Tensor shown) {
    run({{"picture", Share(std::move(shown))}});
    return run[tensor].data()[element];
  };
  const float still = value(picture.Clone());
  const int64_t channels = picture.shape().back();
  ElementMask movers(static_cast<size_t>(picture.size() / channels));
  for (size_t pixel = 0; pixel < movers.size(); ++pixel) {
    Tensor changed = picture.Clone();
    for (int64_t c = 0; c < channels; ++c) changed.data()[static_cast<int64_t>(pixel) * channels + c] += 1;
    movers[pixel] = value(std::move(changed)) != still;
  }
  return movers;
}

// From zeros, a value of a linear function with positive weights is 0 until a pixel that it reads is not.
TEST(ReceptivePixels, AreThoseThatMoveAValueOfRandomGraphsWithPositiveWeights) {
  int cut = 0, holes = 0;
  std::set<std::string> types;
  for (uint64_t seed = 0; seed < 250; ++seed) {
    SCOPED_TRACE(seed);
    internal::RandomGraph random(seed, true);
    const Model model = random.Build();
    const Shape& shape = model.graph()[random.last()].type.shape;
    for (int again = 0; again < 2; ++again) {
      const int64_t element = random.Below(shape.NumElements());
      const ReceptivePixels pixels = ReceptivePixelsOf(model.graph(), random.last(), element, "picture");
      const Tensor zeros = Tensor::Zeros(model.graph()["picture"].type.shape);
      ASSERT_EQ(pixels.mask, Movers(model, random.last(), element, zeros));
      cut += pixels.count < pixels.rows * pixels.columns;
      holes += pixels.holes();
    }
    for (const GraphNode& node : model.graph().nodes()) types.insert(std::string(node.operation->type()));
  }
  // It was worth comparing.
  EXPECT_GT(cut, 200);
  EXPECT_GT(holes, 50);
  EXPECT_GE(types.size(), 14u) << ::testing::PrintToString(types);
}

TEST(ReceptivePixels, HoldThoseThatMoveAValueOfRandomGraphsWithMaximaAndFunctions) {
  int moved = 0, cut = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    internal::RandomGraph random(seed, false);
    const Model model = random.Build();
    const int64_t element = random.Below(model.graph()[random.last()].type.shape.NumElements());
    const ReceptivePixels pixels = ReceptivePixelsOf(model.graph(), random.last(), element, "picture");
    const ElementMask movers = Movers(model, random.last(), element, random.Picture());
    for (size_t i = 0; i < movers.size(); ++i) ASSERT_LE(movers[i], pixels.mask[i]) << "pixel " << i;
    moved += static_cast<int>(std::count(movers.begin(), movers.end(), 1));
    cut += pixels.count < pixels.rows * pixels.columns;
  }
  EXPECT_GT(moved, 1000);
  EXPECT_GT(cut, 50);
}

// 3 x 3 with dilation 2 after 1 x 1: nine pixels, each a step from the next; at the corner four are left.
TEST(ReceptivePixels, HaveTheHolesOfADilationAndEndAtTheBorder) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 9, 9, 1}});
  builder.Parameter("kernel", {{3, 3, 1, 1}});
  builder.Add("conv", ConvOp{.dilations = {2}, .padding = {Padding::Same()}}, {"picture", "kernel"});
  const Graph graph = builder.Build();
  const ReceptivePixels middle = ReceptivePixelsOf(graph, "conv", 4 * 9 + 4, "picture");
  EXPECT_EQ(middle.count, 9);
  EXPECT_THAT((std::vector<int64_t>{middle.top, middle.left, middle.height, middle.width}), ElementsAre(2, 2, 5, 5));
  EXPECT_TRUE(middle.holes());
  EXPECT_FALSE(middle.Has(3, 3));
  const ReceptivePixels corner = ReceptivePixelsOf(graph, "conv", 0, "picture");
  EXPECT_EQ(corner.count, 4);
  EXPECT_THAT((std::vector<int64_t>{corner.top, corner.left, corner.height, corner.width}), ElementsAre(0, 0, 3, 3));
}

TEST(ReceptivePixels, OfEveryTensorOfABuiltInNetworkAreAtMostItsPicture) {
  const Network network = MakeArchitecture("mobilenet-v1", {.input = Shape{64, 64, 3}});
  const Graph& graph = network.graph();
  const std::string input = network.inputs()[0];
  int64_t before = 0;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role != TensorRole::kComputed) continue;
    const ReceptivePixels pixels = ReceptivePixelsOf(graph, tensor.name, 0, input);
    EXPECT_GE(pixels.count, before) << tensor.name;  // a chain sees more and more
    EXPECT_FALSE(pixels.holes());
    before = pixels.count;
  }
  EXPECT_EQ(before, 64 * 64);
}

// Where the field of a value in the middle of its map is not cut by a border, it is as large as that of its layer, and
// lies where stride and offset say.
int ExpectFieldsLieWhereTheyAreSaid(const Graph& graph, const std::string& input) {
  int compared = 0;
  const std::map<std::string, ReceptiveField> fields = ReceptiveFields(graph);
  const Shape& picture = graph[input].type.shape;
  for (const auto& [tensor, field] : fields) {
    const Shape& shape = graph[tensor].type.shape;
    if (field.whole() || shape.rank() != 4 || field.size[0] + 2 > picture[1] || field.size[1] + 2 > picture[2])
      continue;
    for (const int64_t row : {shape[1] / 2, shape[1] / 2 + 1}) {
      for (const int64_t column : {shape[2] / 2 - 1, shape[2] / 2}) {
        const int64_t element = (row * shape[2] + column) * shape[3];
        const ReceptivePixels pixels = ReceptivePixelsOf(graph, tensor, element, input);
        if (pixels.top == 0 || pixels.left == 0 || pixels.top + pixels.height == picture[1] ||
            pixels.left + pixels.width == picture[2]) {
          continue;
        }
        SCOPED_TRACE(Concat(tensor, " row ", row, " column ", column));
        EXPECT_EQ(pixels.height, field.size[0]);
        EXPECT_EQ(pixels.width, field.size[1]);
        const auto centre = [](int64_t first, int64_t size) {
          return static_cast<double>(first) + static_cast<double>(size - 1) / 2;
        };
        EXPECT_EQ(centre(pixels.top, pixels.height), field.offset[0] + field.stride[0] * static_cast<double>(row));
        EXPECT_EQ(centre(pixels.left, pixels.width), field.offset[1] + field.stride[1] * static_cast<double>(column));
        ++compared;
      }
    }
  }
  return compared;
}

TEST(ReceptiveFieldOfALayer, LiesWhereItsPixelsDo) {
  for (const char* name : {"lenet", "lenet-5", "fashion-cnn", "keras-mnist"}) {
    SCOPED_TRACE(name);
    const Network network = MakeArchitecture(name);
    EXPECT_GT(ExpectFieldsLieWhereTheyAreSaid(network.graph(), network.inputs()[0]), 5);
  }
}

TEST(ReceptiveFieldOfALayer, LiesWhereItsPixelsDoInBranches) {
  const Network network = MakeArchitecture("resnet18", {.input = Shape{96, 96, 3}});
  EXPECT_GT(ExpectFieldsLieWhereTheyAreSaid(network.graph(), network.inputs()[0]), 20);
}

TEST(ReceptiveFieldOfALayer, IsMovedByPaddingCroppingAndEnlarging) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 60, 64, 1}});
  builder.Parameter("kernel", {{3, 5, 1, 1}});
  builder.Add("pad", PadOp{.before = {0, 3, 1, 0}, .after = {0, 0, 2, 0}}, {"picture"});
  builder.Add("conv", ConvOp{.strides = {2}, .dilations = {2}, .padding = {Padding::Explicit(1, 2)}},
              {"pad", "kernel"});
  builder.Add("crop", CropOp{{0, 1, 2, 0}, {0, 0, 1, 0}}, {"conv"});
  builder.Add("transpose", ConvTransposeOp{.padding = {Padding::Same()}}, {"crop", "kernel"});
  builder.Add("pool", PoolOp{.sizes = {3}, .strides = {2}, .padding = {Padding::Same()}}, {"transpose"});
  EXPECT_GT(ExpectFieldsLieWhereTheyAreSaid(builder.Build(), "picture"), 10);
}

TEST(ReceptiveFieldOfALayer, IsLessThanAPixelApartWhereAPictureIsEnlarged) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 8, 8, 1}});
  builder.Add("up", UpSampleOp{.sizes = {2}}, {"picture"});
  const ReceptiveField field = ReceptiveFields(builder.Build()).at("up");
  EXPECT_THAT(field.stride, ElementsAre(0.5, 0.5));
  EXPECT_THAT(field.offset, ElementsAre(-0.25, -0.25));  // two values a pixel, a quarter beside its centre
  EXPECT_EQ(field.StrideText(), "0.5");
}

TEST(ReceptivePixels, RefuseWhatThereIsNot) {
  internal::RandomGraph random(1, true);
  const Model model = random.Build();
  EXPECT_THROW(ReceptivePixelsOf(model.graph(), "nose", 0, "picture"), Error);
  EXPECT_THROW(ReceptivePixelsOf(model.graph(), random.last(), -1, "picture"), Error);
  EXPECT_THROW(ReceptivePixelsOf(model.graph(), random.last(), 0, random.last()), Error);
  EXPECT_THROW(InputsBehind(model.graph(), random.last(), ElementMask(1000000)), Error);
}

}  // namespace
}  // namespace convscope
