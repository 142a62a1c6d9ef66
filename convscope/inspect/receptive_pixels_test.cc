#include "convscope/inspect/receptive_pixels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "convscope/base/error.h"
#include "convscope/graph/run.h"
#include "convscope/inspect/internal/random_graphs.h"
#include "convscope/nn/architectures.h"

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
