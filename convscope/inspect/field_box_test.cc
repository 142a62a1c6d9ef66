#include "convscope/inspect/field_box.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/trace.h"
#include "convscope/graph/upsample_operation.h"
#include "convscope/inspect/internal/random_graphs.h"
#include "convscope/inspect/receptive_pixels.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/receptive_field.h"

namespace convscope {
namespace {

FieldBox FieldBoxOf(const Graph& graph, std::string_view tensor, int64_t row, int64_t column) {
  return FieldBoxes(graph, tensor).At(row, column);
}

// The smallest box around the pixels whose change moves the value at (row, column) of the last tensor, found by
// changing each. All weights are positive and pools average, so nothing cancels and nothing is hidden.
FieldBox Measured(const Model& model, const std::string& tensor, int64_t row, int64_t column) {
  const Shape shape = model.graph()["picture"].type.shape;
  const auto value = [&](int64_t changed) {
    Tensor picture = Tensor::Zeros(shape);
    if (changed >= 0) picture.data()[changed] = 1;
    const Trace trace(model, {{"picture", Share(std::move(picture))}});
    const Tensor& map = trace[tensor];
    return map.data()[(row * map.shape()[2] + column) * map.shape()[3]];
  };
  const float before = value(-1);
  int64_t top = shape[1], left = shape[2], bottom = -1, right = -1;
  for (int64_t i = 0; i < shape[1] * shape[2]; ++i) {
    if (value(i) == before) continue;
    top = std::min(top, i / shape[2]), bottom = std::max(bottom, i / shape[2]);
    left = std::min(left, i % shape[2]), right = std::max(right, i % shape[2]);
  }
  return {top, left, bottom - top + 1, right - left + 1, false};
}

// A chain of two to four operations that keep places, of the seed.
Model RandomChain(uint64_t seed) {
  Random random(seed, "chain");
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(random.Bits() % static_cast<uint32_t>(high - low + 1));
  };
  GraphBuilder builder;
  NamedTensors parameters;
  builder.Input("picture", {{1, 13, 11, 1}});
  std::string last = "picture";
  const int64_t length = pick(2, 4);
  for (int64_t i = 0; i < length; ++i) {
    const std::string name = "node" + std::to_string(i);
    switch (pick(0, 4)) {
      case 0: {
        const Shape kernel{pick(1, 3), pick(1, 3), 1, 1};
        Tensor ones(kernel);
        std::fill_n(ones.data(), ones.size(), 1.0f);
        builder.Parameter(name + "/kernel", {kernel});
        parameters[name + "/kernel"] = Share(std::move(ones));
        const Padding padding = pick(0, 1) == 0 ? Padding::Same() : Padding::Explicit(pick(0, 2), pick(1, 2));
        builder.Add(name, ConvOp{.strides = {pick(1, 2), pick(1, 2)}, .dilations = {1}, .padding = {padding}},
                    {last, name + "/kernel"});
        break;
      }
      case 1:
        builder.Add(
            name,
            PoolOp{.kind = PoolKind::kAverage, .sizes = {pick(1, 2)}, .strides = {1}, .padding = {Padding::Same()}},
            {last});
        break;
      case 2:
        builder.Add(name, PadOp{.before = {0, pick(0, 2), pick(0, 2), 0}, .after = {0, pick(0, 2), 1, 0}}, {last});
        break;
      case 3:
        builder.Add(name, CropOp{.before = {0, pick(0, 1), 0, 0}, .after = {0, 0, pick(0, 1), 0}}, {last});
        break;
      default: {
        const bool nearest = pick(0, 1) == 0;
        builder.Add(name,
                    UpSampleOp{.sizes = {pick(1, 2), pick(1, 3)},
                               .interpolation = nearest ? UpSampleOp::Interpolation::kNearest
                                                        : UpSampleOp::Interpolation::kBilinear},
                    {last});
      }
    }
    last = name;
  }
  builder.Add("end", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {last});
  return Model(builder.Build(), std::move(parameters));
}

TEST(FieldBox, OfRandomChainsHoldsWhatMovesTheValueAndNoMoreAwayFromTheBorder) {
  int exact = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const Model model = RandomChain(seed);
    const Shape map = model.graph()["end"].type.shape;
    Random random(seed, "place");
    const int64_t row = random.Bits() % map[1], column = random.Bits() % map[2];
    const FieldBox box = FieldBoxOf(model.graph(), "end", row, column);
    const FieldBox inside = Inside(box, 13, 11);
    const FieldBox measured = Measured(model, "end", row, column);
    if (measured.rows <= 0) continue;  // padding alone
    SCOPED_TRACE("seed " + std::to_string(seed));
    EXPECT_LE(inside.row, measured.row);
    EXPECT_LE(inside.column, measured.column);
    EXPECT_GE(inside.row + inside.rows, measured.row + measured.rows);
    EXPECT_GE(inside.column + inside.columns, measured.column + measured.columns);
    // A linear enlargement that lies on a pixel reads no neighbour, so its box may be one pixel too large.
    if (box == inside) {
      const bool linear = [&] {
        for (const GraphNode& node : model.graph().nodes()) {
          if (node.operation->type() == "UpSample") return true;
        }
        return false;
      }();
      if (!linear) {
        EXPECT_EQ(inside, measured);
        ++exact;
      }
    }
  }
  EXPECT_GE(exact, 5);
}

TEST(FieldBox, IsAsLargeAsTheReceptiveFieldOfEveryBuiltInNetwork) {
  for (const std::string name : {"fashion-cnn", "lenet", "alexnet-torch", "vgg16", "resnet18", "mobilenet-v1"}) {
    const Graph graph = MakeArchitecture(name).graph();
    const auto fields = ReceptiveFields(graph);
    const Shape picture = graph.tensors()[0].type.shape;
    for (const GraphNode& node : graph.nodes()) {
      const GraphTensor& tensor = graph.tensors()[node.outputs[0]];
      if (tensor.type.shape.rank() != 4) continue;
      const FieldBox box = FieldBoxOf(graph, tensor.name, tensor.type.shape[1] / 2, tensor.type.shape[2] / 2);
      SCOPED_TRACE(name + " " + tensor.name);
      if (box.whole || fields.at(tensor.name).whole()) {
        EXPECT_EQ(box.whole, fields.at(tensor.name).whole());
        continue;
      }
      // A receptive field is told as no larger than the picture.
      EXPECT_EQ(std::min(box.rows, picture[1]), fields.at(tensor.name).size.at(0));
      EXPECT_EQ(std::min(box.columns, picture[2]), fields.at(tensor.name).size.at(1));
    }
  }
}

TEST(FieldBox, BeginsInThePaddingAtTheBorderAndIsCutThere) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 8, 8, 1}});
  builder.Parameter("kernel", {{5, 3, 1, 2}});
  builder.Add("conv", ConvOp{.strides = {2}, .padding = {Padding::Explicit(2, 2), Padding::Explicit(1, 1)}},
              {"picture", "kernel"});
  const Graph graph = builder.Build();
  EXPECT_EQ(FieldBoxOf(graph, "conv", 0, 0), (FieldBox{-2, -1, 5, 3, false}));
  EXPECT_EQ(Inside(FieldBoxOf(graph, "conv", 0, 0), 8, 8), (FieldBox{0, 0, 3, 2, false}));
  EXPECT_EQ(FieldBoxOf(graph, "conv", 1, 2), (FieldBox{0, 3, 5, 3, false}));
}

TEST(FieldBox, HoldsThePixelsThatAPaddingRepeats) {
  for (const PadMode mode : {PadMode::kReflect, PadMode::kEdge}) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 12, 12, 1}});
    builder.Parameter("kernel", {{3, 5, 1, 2}});
    builder.Add("conv", ConvOp{.padding = {Padding::Explicit(4, 4)}, .pad_mode = mode}, {"picture", "kernel"});
    // Rows -4 to -2 are rows 2 to 4 mirrored, or the first one again; columns -1 to 3 are 0 to 3 in either case.
    const FieldBox corner = FieldBoxOf(builder.graph(), "conv", 0, 3);
    EXPECT_EQ(corner, mode == PadMode::kReflect ? (FieldBox{2, 0, 3, 4, false}) : (FieldBox{0, 0, 1, 4, false}));
    EXPECT_EQ(FieldBoxOf(builder.graph(), "conv", 8, 8), (FieldBox{4, 4, 3, 5, false}));
  }
}

TEST(FieldBox, HoldsThePixelsThatOnePixelOfPaddingRepeats) {
  for (const PadMode mode : {PadMode::kReflect, PadMode::kEdge}) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 12, 12, 1}});
    builder.Parameter("kernel", {{3, 2, 1, 1}});
    // Rows -1 to 1 are rows 1, 0, 1 or 0, 0, 1. Columns -1 and 2 are 1 and 2, or 0 and 2.
    builder.Add("conv", ConvOp{.dilations = {1, 3}, .padding = {Padding::Explicit(1, 1)}, .pad_mode = mode},
                {"picture", "kernel"});
    const bool reflects = mode == PadMode::kReflect;
    EXPECT_EQ(FieldBoxOf(builder.graph(), "conv", 0, 0),
              reflects ? (FieldBox{0, 1, 2, 2, false}) : (FieldBox{0, 0, 2, 3, false}));
    EXPECT_EQ(FieldBoxOf(builder.graph(), "conv", 11, 10),
              reflects ? (FieldBox{10, 9, 2, 2, false}) : (FieldBox{10, 9, 2, 3, false}));
    EXPECT_EQ(FieldBoxOf(builder.graph(), "conv", 4, 5), (FieldBox{3, 4, 3, 4, false}));
  }
}

// Whether or not the windows of a place reach a border that repeats pixels, or one of zeros beside it.
TEST(FieldBox, IsTheRectangleOfThePixelsReadAtEveryPlaceOfAPaddingThatRepeats) {
  for (const PadMode mode : {PadMode::kReflect, PadMode::kEdge, PadMode::kWrap}) {
    GraphBuilder builder;
    builder.Input("picture", {{1, 13, 15, 1}});
    for (const char* const name : {"first", "second", "third"}) {
      builder.Parameter(std::string(name) + "/kernel", {{3, 3, 1, 1}});
    }
    const std::vector<Padding> one = {Padding::Explicit(1, 1)};
    builder.Add("first", ConvOp{.padding = one, .pad_mode = mode}, {"picture", "first/kernel"});
    // The last column belongs to no window of the pool.
    builder.Add("pool", PoolOp{.kind = PoolKind::kAverage, .sizes = {2}}, {"first"});
    builder.Add("second", ConvOp{.padding = one, .pad_mode = mode}, {"pool", "second/kernel"});
    builder.Add("third", ConvOp{.padding = one}, {"second", "third/kernel"});
    const Graph graph = builder.Build();
    const Shape shape = graph["third"].type.shape;
    const FieldBoxes boxes(graph, "third");
    for (int64_t row = 0; row < shape[1]; ++row) {
      for (int64_t column = 0; column < shape[2]; ++column) {
        ElementMask wanted(static_cast<size_t>(shape.NumElements()));
        wanted[static_cast<size_t>(row * shape[2] + column)] = 1;
        const ElementMask read = InputsBehind(graph, "third", wanted).at("picture");
        int64_t top = 13, left = 15, bottom = -1, right = -1;
        for (int64_t e = 0; e < 13 * 15; ++e) {
          if (read[static_cast<size_t>(e)] == 0) continue;
          top = std::min(top, e / 15), bottom = std::max(bottom, e / 15);
          left = std::min(left, e % 15), right = std::max(right, e % 15);
        }
        EXPECT_EQ(boxes.At(row, column), (FieldBox{top, left, bottom - top + 1, right - left + 1, false}))
            << Name(mode) << " at " << row << ", " << column;
      }
    }
  }
}

TEST(FieldBox, OfTwoWaysHoldsBoth) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 8, 8, 1}});
  builder.Parameter("kernel", {{3, 3, 1, 1}});
  builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"picture", "kernel"});
  builder.Add("sum", AddOp{}, {"picture", "conv"});
  EXPECT_EQ(FieldBoxOf(builder.graph(), "sum", 4, 4), (FieldBox{3, 3, 3, 3, false}));
}

TEST(FieldBox, OfWhatMixesPlacesIsThePicture) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 4, 6, 1}});
  builder.Add("flat", ReshapeOp{}, {"picture"});
  builder.Parameter("kernel", {{24, 3}});
  builder.Add("dense", DenseOp{}, {"flat", "kernel"});
  EXPECT_EQ(FieldBoxOf(builder.graph(), "dense", 0, 0), (FieldBox{0, 0, 4, 6, true}));
}

// Every operation of a network, its branches, broadcasts and dense layers: the box holds the pixels that the channels
// at a place read, and away from borders and holes it is their rectangle.
TEST(FieldBox, OfRandomGraphsHoldsThePixelsThatAreRead) {
  int cut = 0, exact = 0, whole = 0, compared = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    internal::RandomGraph random(seed, seed % 2 == 0);
    const Model model = random.Build();
    const Shape shape = model.graph()[random.last()].type.shape, picture = model.graph()["picture"].type.shape;
    const bool places = shape.rank() == 4;
    const int64_t rows = places ? shape[1] : 1, columns = places ? shape[2] : 1;
    const int64_t row = random.Below(rows), column = random.Below(columns);
    ElementMask wanted(static_cast<size_t>(shape.NumElements()));
    const int64_t values = shape.NumElements() / rows / columns;
    std::fill_n(wanted.begin() + (row * columns + column) * values, values, 1);
    const ElementMask read = InputsBehind(model.graph(), random.last(), wanted).at("picture");
    const FieldBox box = Inside(FieldBoxOf(model.graph(), random.last(), row, column), picture[1], picture[2]);
    int64_t top = picture[1], left = picture[2], bottom = -1, right = -1;
    for (int64_t e = 0; e < static_cast<int64_t>(read.size()); ++e) {
      if (read[static_cast<size_t>(e)] == 0) continue;
      const int64_t y = e / picture[3] / picture[2], x = e / picture[3] % picture[2];
      ASSERT_TRUE(y >= box.row && y < box.row + box.rows && x >= box.column && x < box.column + box.columns)
          << y << ", " << x << " is outside of " << box.row << ", " << box.column << " + " << box.rows << " x "
          << box.columns;
      top = std::min(top, y), bottom = std::max(bottom, y);
      left = std::min(left, x), right = std::max(right, x);
    }
    whole += box.whole;
    cut += box.rows * box.columns < picture[1] * picture[2];
    exact += box == FieldBox{top, left, bottom - top + 1, right - left + 1, box.whole};
    // What the layer says of all its values is no less.
    const auto fields = ReceptiveFields(model.graph());
    const ReceptiveField& field = fields.at(random.last());
    bool repeats = false;  // at a border, which the fields of a layer do not consider
    for (const GraphNode& node : model.graph().nodes()) {
      for (const Attribute& attribute : node.operation->attributes()) {
        const std::string text = attribute.ValueText();
        repeats = repeats || text == "wrap" || text == "edge" || text == "reflect";
      }
    }
    if (!field.whole() && bottom >= 0 && !repeats) {
      ASSERT_EQ(field.size.size(), 2u);
      EXPECT_GE(field.size[0], bottom - top + 1);
      EXPECT_GE(field.size[1], right - left + 1);
      ++compared;
    }
  }
  EXPECT_GT(cut, 150);
  EXPECT_GT(exact, 300);
  EXPECT_GT(whole, 20);
  EXPECT_GT(compared, 100);
}

TEST(FieldBox, OfAConcatenationIsThatOfTheInputThatLiesThere) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 6, 6, 1}});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"picture"});
  builder.Add("below", ConcatOp{.axis = 1}, {"picture", "relu"});
  EXPECT_EQ(FieldBoxOf(builder.graph(), "below", 8, 3), (FieldBox{2, 3, 1, 1, false}));
}

TEST(FieldBox, ThroughASliceThatTurnsThePictureAround) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 6, 7, 1}});
  // The rows from the last to the first, every second column from the fifth back.
  builder.Add("turned", SliceOp{.starts = {0, 5, 4, 0}, .counts = {-1, 6, 3, -1}, .steps = {1, -1, -2, 1}},
              {"picture"});
  builder.Add("pool", PoolOp{.kind = PoolKind::kAverage, .sizes = {2, 2}, .strides = {1, 1}}, {"turned"});
  EXPECT_EQ(FieldBoxOf(builder.graph(), "turned", 1, 2), (FieldBox{4, 0, 1, 1, false}));
  // Rows 0 and 1 of what is turned are 5 and 4, columns 1 and 2 are 2 and 0.
  EXPECT_EQ(FieldBoxOf(builder.graph(), "pool", 0, 1), (FieldBox{4, 0, 2, 3, false}));
  const ReceptivePixels pixels = ReceptivePixelsOf(builder.graph(), "pool", 1, "picture");
  EXPECT_EQ(pixels.count, 4);
  for (const int64_t row : {4, 5}) {
    for (const int64_t column : {0, 2}) EXPECT_TRUE(pixels.Has(row, column)) << row << ' ' << column;
  }
}

TEST(FieldBox, APlaceThatThereIsNotIsRefusedWithThoseThatThereAre) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 4, 6, 1}});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"picture"});
  try {
    FieldBoxOf(builder.graph(), "relu", 4, 0);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("rows 0 to 3 and columns 0 to 5"));
  }
}

}  // namespace
}  // namespace convscope
