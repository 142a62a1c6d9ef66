// The operations that pick and repeat elements and compute nothing: slice, gather, expand, tile, depth to space.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/depth_to_space_operation.h"
#include "convscope/graph/expand_operation.h"
#include "convscope/graph/gather_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/slice_operation.h"
#include "convscope/graph/tile_operation.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr DType kTypes[] = {DType::kFloat32, DType::kFloat64, DType::kUInt8, DType::kInt8,
                            DType::kInt32,   DType::kInt64,   DType::kBool};

Graph Of(const OperationPtr& operation, const Shape& x, DType dtype = DType::kFloat32) {
  GraphBuilder builder;
  builder.Input("x", {x, dtype});
  builder.Add("y", operation, {"x"});
  return builder.Build();
}

// 0, 1, 2, ...
Tensor Counting(const Shape& shape) {
  Tensor x(shape);
  for (int64_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i);
  return x;
}

Tensor Through(const OperationPtr& operation, const Shape& shape) {
  return Trace(Model(Of(operation, shape), {}), {{"x", Share(Counting(shape))}})["y"].Clone();
}

void ExpectRefused(const OperationPtr& operation, const Shape& x, const char* text) {
  EXPECT_THAT([&] { Of(operation, x); }, ThrowsMessage<Error>(HasSubstr(text)));
}

// That output element e is the input's element source(e), whatever the type of the elements, and that Reads and Explain
// say so (`exactly`: Reads lists no other).
template <typename Source>
void ExpectPicks(const OperationPtr& operation, const Shape& x, const Shape& y, const Source& source,
                 bool exactly = true) {
  const Graph graph = Of(operation, x);
  ASSERT_EQ(graph["y"].type.shape, y);
  const Tensor floats = Counting(x);
  const Tensor* tensors[] = {&floats};
  const TensorType types[] = {{x}};
  const InputReads reads = operation->Reads(types)[0];
  for (int64_t e = 0; e < y.NumElements(); ++e) {
    const std::vector<int64_t> read = ElementsRead(reads, x, y, e);
    if (exactly) {
      EXPECT_THAT(read, ElementsAre(source(e)));
    } else {
      EXPECT_THAT(read, testing::Contains(source(e)));
    }
    const std::optional<Arithmetic> how = operation->Explain(tensors, e);
    ASSERT_TRUE(how);
    ASSERT_EQ(how->terms.size(), 1u);
    EXPECT_EQ(how->terms[0].element, source(e));
    EXPECT_EQ(how->value, static_cast<double>(source(e)));
  }
  for (const DType dtype : kTypes) {
    SCOPED_TRACE(Name(dtype));
    const auto size = static_cast<int64_t>(SizeInBytes(dtype));
    Tensor input(x, dtype);
    Random random(5, "bytes");
    for (int64_t i = 0; i < input.SizeInBytes(); ++i) {
      input.bytes()[i] = static_cast<std::byte>(dtype == DType::kBool ? random.Bits() % 2 : random.Bits() % 256);
    }
    const SharedTensor shared = Share(std::move(input));
    const Trace trace(Model(Of(operation, x, dtype), {}), {{"x", shared}});
    ASSERT_EQ(trace["y"].dtype(), dtype);
    for (int64_t e = 0; e < y.NumElements(); ++e) {
      for (int64_t b = 0; b < size; ++b) {
        ASSERT_EQ(trace["y"].bytes()[e * size + b], shared->bytes()[source(e) * size + b]) << "element " << e;
      }
    }
  }
}

void ExpectGradients(const OperationPtr& operation, const Shape& x, double epsilons = 8) {
  ExpectGradientsMatchDifferences(Of(operation, x), "y");
  ExpectFloatMatchesDouble(Of(operation, x), "y", epsilons);
}

TEST(SliceOperation, PicksPlacesAtSteps) {
  // numpy: x[:, 3:0:-2, 1:4:2] of 2 x 4 x 5.
  ExpectPicks(SliceOp{.starts = {0, 3, 1}, .counts = {-1, 2, 2}, .steps = {1, -2, 2}}, {2, 4, 5}, {2, 2, 2},
              [](int64_t e) { return e / 4 * 20 + (3 - e / 2 % 2 * 2) * 5 + 1 + e % 2 * 2; });
  // Whole rows, backwards, and a run of columns.
  ExpectPicks(SliceOp{.starts = {2, 0}, .counts = {3, -1}, .steps = {-1, 1}}, {3, 20}, {3, 20},
              [](int64_t e) { return (2 - e / 20) * 20 + e % 20; });
  ExpectPicks(SliceOp{.starts = {0, 1}, .counts = {-1, 18}, .steps = {1, 1}}, {3, 20}, {3, 18},
              [](int64_t e) { return e / 18 * 20 + 1 + e % 18; });
  EXPECT_EQ(Through(SliceOp{.starts = {0, 7}, .counts = {-1, 0}, .steps = {1, 3}}, {2, 4}).shape(), (Shape{2, 0}));
}

TEST(SliceOperation, HasTheGradientsOfDifferences) {
  ExpectGradients(SliceOp{.starts = {0, 3, 1}, .counts = {-1, 2, 2}, .steps = {1, -2, 2}}, {2, 4, 5});
  ExpectGradients(SliceOp{.starts = {0, 1, 0}, .counts = {-1, 2, 4}, .steps = {1, 1, 1}}, {2, 4, 5});
  ExpectGradients(SliceOp{.starts = {1, 3}, .counts = {1, 1}, .steps = {-5, 4}}, {2, 4});
  GraphBuilder builder;
  builder.Input("x", {{2, 3}});
  builder.Add("nothing", SliceOp{.starts = {0, 2}, .counts = {-1, 0}, .steps = {1, 1}}, {"x"});
  EXPECT_NO_THROW(builder.Input("seed", {{2, 0}}); AddGradients(builder, {{"nothing", "seed"}}, {"x"}));
}

TEST(SliceOperation, KeepsTheWholeBatchWhateverItIs) {
  const Graph graph = Of(SliceOp{.starts = {0, 1}, .counts = {-1, 2}, .steps = {1, 1}}, {1, 4});
  EXPECT_EQ(Rebuild(graph, {.batch = 3}).builder.graph()["y"].type.shape, (Shape{3, 2}));
}

TEST(SliceOperation, RefusesPlacesThatAreNotThere) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  for (const SliceOp& op :
       {SliceOp{{4}, {1}, {1}}, SliceOp{{-1}, {1}, {1}}, SliceOp{{1}, {4}, {1}}, SliceOp{{0}, {2}, {4}},
        SliceOp{{1}, {3}, {-1}}, SliceOp{{0}, {2}, {0}}, SliceOp{{1}, {-1}, {1}}, SliceOp{{0}, {-1}, {2}},
        SliceOp{{0}, {-2}, {1}}, SliceOp{{0}, {kMost}, {kMost}}, SliceOp{{3}, {kMost}, {kLeast}},
        SliceOp{{0}, {2}, {1, 1}}, SliceOp{{}, {}, {}}}) {
    ExpectRefused(op, {4}, "a slice reads places that are there");
  }
  ExpectRefused(SliceOp{{4}, {1}, {2}}, {4}, "starts [4], counts [1], steps [2] of (4,)");
}

Graph Gathering(const OperationPtr& operation, const Shape& data, const Shape& indices, DType dtype = DType::kFloat32,
                DType index_type = DType::kInt64) {
  GraphBuilder builder;
  builder.Input("x", {data, dtype});
  builder.Input("i", {indices, index_type});
  builder.Add("y", operation, {"x", "i"});
  return builder.Build();
}

SharedTensor Indices(const Shape& shape, const std::vector<int64_t>& values, DType dtype = DType::kInt64) {
  Tensor tensor(shape, dtype);
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (dtype == DType::kInt64) {
      tensor.data<int64_t>()[i] = values[i];
    } else {
      tensor.data<int32_t>()[i] = static_cast<int32_t>(values[i]);
    }
  }
  return Share(std::move(tensor));
}

TEST(GatherOperation, PicksAlongAnAxisByIndices) {
  // numpy.take(x, [[0, -1], [1, 1]], axis=1) of 2 x 3 x 2.
  for (const DType index_type : {DType::kInt32, DType::kInt64}) {
    const Graph graph = Gathering(GatherOp{.axis = 1}, {2, 3, 2}, {2, 2}, DType::kFloat32, index_type);
    const SharedTensor indices = Indices({2, 2}, {0, -1, 1, 1}, index_type);
    const SharedTensor x = Share(Counting({2, 3, 2}));
    const Trace trace(Model(graph, {}), {{"x", x}, {"i", indices}});
    EXPECT_EQ(trace["y"].shape(), (Shape{2, 2, 2, 2}));
    EXPECT_THAT(trace["y"].view().span(), ElementsAre(0, 1, 4, 5, 2, 3, 2, 3, 6, 7, 10, 11, 8, 9, 8, 9));
    const OperationPtr gather = GatherOp{.axis = 1};
    const Tensor* tensors[] = {x.get(), indices.get()};
    const TensorType types[] = {{{2, 3, 2}}, {{2, 2}, index_type}};
    for (int64_t e = 0; e < 16; ++e) {
      const std::optional<Arithmetic> how = gather->Explain(tensors, e);
      ASSERT_TRUE(how);
      EXPECT_EQ(how->value, trace["y"].data()[e]);
      EXPECT_EQ(static_cast<float>(how->terms[0].element), trace["y"].data()[e]);
      const std::vector<InputReads> reads = gather->Reads(types);
      EXPECT_THAT(ElementsRead(reads[0], {2, 3, 2}, {2, 2, 2, 2}, e), testing::Contains(how->terms[0].element));
      EXPECT_THAT(ElementsRead(reads[1], {2, 2}, {2, 2, 2, 2}, e), ElementsAre(e / 2 % 4));
    }
  }
}

TEST(GatherOperation, TakesAnAxisAwayForOneIndex) {
  const Graph graph = Gathering(GatherOp{.axis = -1}, {2, 3}, {}, DType::kUInt8);
  Tensor x(Shape{2, 3}, DType::kUInt8);
  for (int64_t i = 0; i < 6; ++i) x.data<uint8_t>()[i] = static_cast<uint8_t>(200 + i);
  const Trace trace(Model(graph, {}), {{"x", Share(std::move(x))}, {"i", Indices({}, {-2})}});
  EXPECT_EQ(trace["y"].shape(), (Shape{2}));
  EXPECT_THAT(trace["y"].view<uint8_t>().span(), ElementsAre(201, 204));
}

TEST(GatherOperation, HasTheGradientsOfDifferences) {
  for (const int64_t axis : {0, 1, 2}) {
    const Graph graph = Gathering(GatherOp{.axis = axis}, {3, 4, 2}, {2, 3});
    const SharedTensor indices = Indices({2, 3}, {1, 0, -1, 1, 1, -2});
    ExpectGradientsMatchDifferences(graph, "y", {{"i", indices}});
    ExpectFloatMatchesDouble(graph, "y", 8, {{"i", indices}});
  }
  // More columns than one thread takes at once.
  const Graph wide = Gathering(GatherOp{}, {3, 300}, {2});
  ExpectFloatMatchesDouble(wide, "y", 8, {{"i", Indices({2}, {2, 2})}});
}

TEST(GatherOperation, RefusesWhatIsNotThere) {
  EXPECT_THAT([] { Gathering(GatherOp{.axis = 2}, {2, 3}, {1}); }, ThrowsMessage<Error>(HasSubstr("-2 to 1")));
  EXPECT_THAT(
      [] {
        Gathering(GatherOp{}, {2, 3}, {1}, DType::kFloat32, DType::kFloat32);
      },
      ThrowsMessage<Error>(HasSubstr("int32 or int64")));
  for (const int64_t index : {3, -4}) {
    for (const OperationPtr& operation : {OperationPtr(GatherOp{.axis = 1}), OperationPtr(GatherElementsOp{1})}) {
      EXPECT_THAT(
          [&] {
            Trace(Model(Gathering(operation, {2, 3}, {1, 1}), {}),
                  {{"x", Share(Counting({2, 3}))}, {"i", Indices({1, 1}, {index})}});
          },
          ThrowsMessage<Error>(HasSubstr("-3 to 2")));
    }
  }
}

TEST(GatherElementsOperation, PicksAnElementForEachIndex) {
  // ONNX' test_gather_elements_1 and _negative_indices: data 1 ... 9.
  const Graph graph = Gathering(GatherElementsOp{}, {3, 3}, {2, 3});
  const SharedTensor x = Share(Counting({3, 3})), indices = Indices({2, 3}, {-1, -2, 0, -2, 0, 0});
  const Trace trace(Model(graph, {}), {{"x", x}, {"i", indices}});
  EXPECT_THAT(trace["y"].view().span(), ElementsAre(6, 4, 2, 3, 1, 2));
  // Fewer rows, of three axes: numpy.take_along_axis(x[:1], i, axis=1).
  const Graph deep = Gathering(GatherElementsOp{-2}, {2, 3, 2}, {1, 4, 2});
  const SharedTensor data = Share(Counting({2, 3, 2})), places = Indices({1, 4, 2}, {0, 1, 2, 2, -1, 0, 1, 1});
  const Trace picked(Model(deep, {}), {{"x", data}, {"i", places}});
  EXPECT_THAT(picked["y"].view().span(), ElementsAre(0, 3, 4, 5, 4, 1, 2, 3));
  const OperationPtr gather = GatherElementsOp{-2};
  const Tensor* tensors[] = {data.get(), places.get()};
  const TensorType types[] = {{{2, 3, 2}}, {{1, 4, 2}, DType::kInt64}};
  for (int64_t e = 0; e < 8; ++e) {
    const std::optional<Arithmetic> how = gather->Explain(tensors, e);
    ASSERT_TRUE(how);
    EXPECT_EQ(how->value, picked["y"].data()[e]);
    EXPECT_THAT(ElementsRead(gather->Reads(types)[0], {2, 3, 2}, {1, 4, 2}, e),
                testing::Contains(how->terms[0].element));
  }
}

TEST(GatherElementsOperation, HasTheGradientsOfDifferences) {
  const std::vector<int64_t> values = {1, 0, -1, 1, 1, 0, 0, -2};
  for (const int64_t axis : {0, 1, 2}) {
    const Graph graph = Gathering(GatherElementsOp{axis}, {2, 3, 2}, {2, 2, 2});
    ExpectGradientsMatchDifferences(graph, "y", {{"i", Indices({2, 2, 2}, values)}});
    ExpectFloatMatchesDouble(graph, "y", 8, {{"i", Indices({2, 2, 2}, values)}});
  }
  EXPECT_THAT([] { Gathering(GatherElementsOp{}, {2, 3}, {2, 4}); }, ThrowsMessage<Error>(HasSubstr("no longer")));
  EXPECT_THAT([] { Gathering(GatherElementsOp{}, {2, 3}, {2}); }, ThrowsMessage<Error>(HasSubstr("along axis 0")));
}

TEST(ExpandOperation, RepeatsAsBroadcastingDoes) {
  ExpectPicks(ExpandOp{{2, 3, 4}}, {3, 1}, {2, 3, 4}, [](int64_t e) { return e / 4 % 3; });
  ExpectPicks(ExpandOp{{5, -1, -1}}, {1, 3, 20}, {5, 3, 20}, [](int64_t e) { return e % 60; });
  ExpectPicks(ExpandOp{{3, 1}}, {2, 1, 4}, {2, 3, 4}, [](int64_t e) { return e / 12 * 4 + e % 4; });
  ExpectPicks(ExpandOp{{}}, {2, 3}, {2, 3}, [](int64_t e) { return e; });
  ExpectPicks(ExpandOp{{2, 2}}, {}, {2, 2}, [](int64_t) { return 0; });
}

TEST(ExpandOperation, HasTheGradientsOfDifferences) {
  ExpectGradients(ExpandOp{{2, 3, 4}}, {3, 1}, 32);
  ExpectGradients(ExpandOp{{-1, 3, 1}}, {2, 1, 4}, 32);
  ExpectGradientsMatchDifferences(Of(ExpandOp{{1, 4}}, {2, 4}), "y");
}

TEST(ExpandOperation, KeepsTheBatchWhateverItIs) {
  const Graph graph = Of(ExpandOp{{-1, 4, 2}}, {1, 1, 2});
  EXPECT_EQ(Rebuild(graph, {.batch = 3}).builder.graph()["y"].type.shape, (Shape{3, 4, 2}));
  ExpectRefused(ExpandOp{{2, 3}}, {2, 4}, "(2, 4)");
  ExpectRefused(ExpandOp{{-1, 4}}, {4}, "-1 where the input has that axis");
  ExpectRefused(ExpandOp{{-2}}, {4}, "0 or more");
}

TEST(TileOperation, LaysCopiesSideBySide) {
  ExpectPicks(TileOp{{2, 1, 3}}, {2, 2, 2}, {4, 2, 6},
              [](int64_t e) { return e / 12 % 2 * 4 + e / 6 % 2 * 2 + e % 6 % 2; });
  ExpectPicks(TileOp{{2, 1}}, {2, 20}, {4, 20}, [](int64_t e) { return e % 40; });
  EXPECT_EQ(Through(TileOp{{0, 2}}, {2, 3}).shape(), (Shape{0, 6}));
  ExpectGradients(TileOp{{2, 1, 3}}, {2, 2, 2}, 16);
  ExpectRefused(TileOp{{2}}, {2, 3}, "repeats [2] of (2, 3)");
  ExpectRefused(TileOp{{2, -1}}, {2, 3}, "0 times or more");
  ExpectRefused(TileOp{{2, int64_t{1} << 62}}, {2, 3}, "possible length");
}

// ONNX' test_depthtospace_example and _crd_mode_example, with channels last.
TEST(DepthToSpaceOperation, MakesPixelsOfChannels) {
  constexpr int64_t kBlock = 2, kRows = 2, kColumns = 3, kChannels = 5;
  const Shape deep = {2, kRows, kColumns, kBlock * kBlock * kChannels};
  const Shape wide = {2, kRows * kBlock, kColumns * kBlock, kChannels};
  for (const bool depth_first : {true, false}) {
    const auto source = [&](int64_t e) {
      const int64_t c = e % kChannels, x = e / kChannels % (kColumns * kBlock);
      const int64_t y = e / kChannels / (kColumns * kBlock) % (kRows * kBlock);
      const int64_t n = e / (kChannels * kColumns * kBlock * kRows * kBlock);
      const int64_t pixel = y % kBlock * kBlock + x % kBlock;
      const int64_t channel = depth_first ? pixel * kChannels + c : c * kBlock * kBlock + pixel;
      return ((n * kRows + y / kBlock) * kColumns + x / kBlock) * deep[3] + channel;
    };
    const DepthToSpaceOp op{.block = kBlock, .depth_first = depth_first};
    ExpectPicks(op, deep, wide, source, /*exactly=*/false);
    ExpectGradients(op, {2, 1, 2, 8});
    if (!depth_first) continue;
    std::vector<int64_t> back(static_cast<size_t>(deep.NumElements()));
    for (int64_t e = 0; e < wide.NumElements(); ++e) back[source(e)] = e;
    ExpectPicks(
        SpaceToDepthOp{.block = kBlock}, wide, deep, [&](int64_t e) { return back[e]; }, /*exactly=*/false);
  }
  ExpectGradients(SpaceToDepthOp{.block = 3}, {2, 3, 6, 2});
  EXPECT_EQ(Through(DepthToSpaceOp{.block = 1}, {1, 2, 2, 3}).shape(), (Shape{1, 2, 2, 3}));
}

TEST(DepthToSpaceOperation, RefusesWhatMakesNoSquares) {
  ExpectRefused(DepthToSpaceOp{}, {1, 2, 2, 6}, "6 channels");
  ExpectRefused(DepthToSpaceOp{}, {2, 2, 8}, "(samples, rows, columns, channels)");
  ExpectRefused(DepthToSpaceOp{.block = 0}, {1, 2, 2, 4}, "1 to 65536");
  ExpectRefused(DepthToSpaceOp{.block = int64_t{1} << 40}, {1, 2, 2, 4}, "1 to 65536");
  ExpectRefused(SpaceToDepthOp{}, {1, 2, 3, 4}, "squares of 2 x 2");
}

}  // namespace
}  // namespace convscope
