// The operations that move elements and compute nothing: transpose, crop, pad, concat.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "convscope/base/error.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/transpose_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Of(const OperationPtr& operation, const std::vector<Shape>& shapes, DType dtype = DType::kFloat32) {
  GraphBuilder builder;
  std::vector<std::string> names;
  for (const Shape& shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    builder.Input(names.back(), {shape, dtype});
  }
  builder.Add("y", operation, names);
  return builder.Build();
}

// 1, 2, 3, ... through the operation.
Tensor Count(const OperationPtr& operation, const std::vector<Shape>& shapes) {
  NamedTensors inputs;
  float next = 1;
  for (const Shape& shape : shapes) {
    Tensor x(shape);
    for (float& value : x.view().span()) value = next++;
    inputs["x" + std::to_string(inputs.size())] = Share(std::move(x));
  }
  return Trace(Model(Of(operation, shapes), {}), inputs)["y"].Clone();
}

void ExpectRefused(const OperationPtr& operation, const std::vector<Shape>& shapes, const char* text) {
  EXPECT_THAT([&] { Of(operation, shapes); }, ThrowsMessage<Error>(HasSubstr(text)));
}

// Nothing but sums of up to four terms.
void ExpectGradients(const OperationPtr& operation, const std::vector<Shape>& shapes) {
  ExpectGradientsMatchDifferences(Of(operation, shapes), "y");
  ExpectFloatMatchesDouble(Of(operation, shapes), "y", 8);
}

TEST(TransposeOperation, PutsAxesInTheOrderNamed) {
  const Tensor y = Count(TransposeOp{{0, 2, 1}}, {{1, 2, 3}});
  EXPECT_EQ(y.shape(), (Shape{1, 3, 2}));
  EXPECT_THAT(y.view().span(), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_EQ(Of(TransposeOp{{0, 3, 1, 2}}, {{2, 5, 6, 3}}, DType::kUInt8)["y"].type,
            (TensorType{{2, 3, 5, 6}, DType::kUInt8}));
}

TEST(TransposeOperation, HasTheGradientsOfDifferences) {
  for (const std::vector<int64_t>& axes : {std::vector<int64_t>{0, 3, 1, 2}, {2, 0, 3, 1}, {3, 2, 1, 0}}) {
    ExpectGradients(TransposeOp{axes}, {{2, 3, 2, 4}});
  }
}

TEST(TransposeOperation, WantsEveryAxisOnce) {
  for (const std::vector<int64_t>& axes :
       {std::vector<int64_t>{0, 1}, {0, 1, 1}, {0, 1, 3}, {0, -1, 1}, {0, 1, 2, 3}}) {
    ExpectRefused(TransposeOp{axes}, {{2, 3, 4}}, "every axis of its input once");
  }
}

TEST(CropOperation, TakesFromBothEnds) {
  const Tensor y = Count(CropOp{.before = {1, 0}, .after = {0, 2}}, {{3, 4}});
  EXPECT_EQ(y.shape(), (Shape{2, 2}));
  EXPECT_THAT(y.view().span(), ElementsAre(5, 6, 9, 10));
  EXPECT_EQ(Count(CropOp{.before = {2, 0}, .after = {1, 0}}, {{3, 4}}).shape(), (Shape{0, 4}));
}

TEST(CropOperation, HasTheGradientsOfDifferences) {
  ExpectGradients(CropOp{.before = {0, 1, 0, 2}, .after = {1, 1, 0, 0}}, {{2, 4, 2, 3}});
}

TEST(CropOperation, TakesNoMoreThanThereIs) {
  ExpectRefused(CropOp{.before = {2, 0}, .after = {2, 0}}, {{3, 4}}, "[2, 0] and after [2, 0] of (3, 4)");
  ExpectRefused(CropOp{.before = {-1, 0}, .after = {0, 0}}, {{3, 4}}, "0 elements or more");
  ExpectRefused(CropOp{.before = {1}, .after = {1}}, {{3, 4}}, "each axis");
}

// numpy.pad([1, 2, 3], 2, mode).
TEST(PadOperation, PadsAsItsModeSays) {
  const auto pad = [](PadMode mode, double value = 0) {
    return Count(PadOp{.before = {2}, .after = {2}, .mode = mode, .value = value}, {{3}});
  };
  EXPECT_THAT(pad(PadMode::kZero).view().span(), ElementsAre(0, 0, 1, 2, 3, 0, 0));
  EXPECT_THAT(pad(PadMode::kZero, -7).view().span(), ElementsAre(-7, -7, 1, 2, 3, -7, -7));
  EXPECT_THAT(pad(PadMode::kEdge).view().span(), ElementsAre(1, 1, 1, 2, 3, 3, 3));
  EXPECT_THAT(pad(PadMode::kReflect).view().span(), ElementsAre(3, 2, 1, 2, 3, 2, 1));
  EXPECT_THAT(pad(PadMode::kWrap).view().span(), ElementsAre(2, 3, 1, 2, 3, 1, 2));
  EXPECT_THAT(Count(PadOp{.before = {0, 1}, .after = {1, 0}}, {{1, 2}}).view().span(), ElementsAre(0, 1, 2, 0, 0, 0));
}

TEST(PadOperation, HasTheGradientsOfDifferences) {
  for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
    ExpectGradients(PadOp{.before = {0, 2, 1, 0}, .after = {0, 1, 2, 0}, .mode = mode}, {{2, 3, 3, 2}});
    ExpectGradients(PadOp{.before = {1, 2}, .after = {1, 2}, .mode = mode}, {{3, 3}});
  }
}

TEST(PadOperation, TakesElementsOfAnyType) {
  for (const PadMode mode : {PadMode::kZero, PadMode::kReflect}) {
    const OperationPtr pad =
        PadOp{.before = {1}, .after = {2}, .mode = mode, .value = mode == PadMode::kZero ? 9.0 : 0};
    Tensor bytes(Shape{3}, DType::kUInt8), numbers(Shape{3}, DType::kInt64);
    for (int64_t i = 0; i < 3; ++i) {
      bytes.data<uint8_t>()[i] = static_cast<uint8_t>(250 + i);
      numbers.data<int64_t>()[i] = (int64_t{1} << 60) + i;
    }
    const int64_t large = int64_t{1} << 60;
    const Trace small(Model(Of(pad, {{3}}, DType::kUInt8), {}), {{"x0", Share(std::move(bytes))}});
    const Trace wide(Model(Of(pad, {{3}}, DType::kInt64), {}), {{"x0", Share(std::move(numbers))}});
    if (mode == PadMode::kZero) {
      EXPECT_THAT(small["y"].view<uint8_t>().span(), ElementsAre(9, 250, 251, 252, 9, 9));
      EXPECT_THAT(wide["y"].view<int64_t>().span(), ElementsAre(9, large, large + 1, large + 2, 9, 9));
    } else {
      EXPECT_THAT(small["y"].view<uint8_t>().span(), ElementsAre(251, 250, 251, 252, 251, 250));
      EXPECT_THAT(wide["y"].view<int64_t>().span(),
                  ElementsAre(large + 1, large, large + 1, large + 2, large + 1, large));
    }
  }
}

TEST(PadOperation, RefusesWhatAModeCannotDo) {
  ExpectRefused(PadOp{.before = {3}, .after = {0}, .mode = PadMode::kReflect}, {{3}}, "reflect");
  ExpectRefused(PadOp{.before = {4}, .after = {0}, .mode = PadMode::kWrap}, {{3}}, "wrap");
  ExpectRefused(PadOp{.before = {1}, .after = {0}, .mode = PadMode::kEdge}, {{0}}, "edge");
  ExpectRefused(PadOp{.before = {1}, .after = {0}, .mode = PadMode::kEdge, .value = 2}, {{3}}, "not with a value");
  ExpectRefused(PadOp{.before = {-1}, .after = {0}}, {{3}}, "0 or more");
  ExpectRefused(PadOp{.before = {1}, .after = {0}}, {{3, 3}}, "each axis");
}

TEST(ConcatOperation, JoinsAlongAnAxis) {
  EXPECT_THAT(Count(ConcatOp{}, {{2, 1}, {2, 2}}).view().span(), ElementsAre(1, 3, 4, 2, 5, 6));
  EXPECT_THAT(Count(ConcatOp{.axis = 0}, {{1, 2}, {2, 2}}).view().span(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(Count(ConcatOp{.axis = -2}, {{2, 3, 4, 1}, {2, 3, 1, 1}, {2, 3, 0, 1}}).shape(), (Shape{2, 3, 5, 1}));
}

TEST(ConcatOperation, HasTheGradientsOfDifferences) {
  for (const int64_t axis : {-1, 0, 1}) {
    std::vector<Shape> shapes;
    for (const int64_t length : {2, 3, 1}) {
      std::vector<int64_t> lengths = {2, 2, 3};
      lengths[axis < 0 ? 2 : axis] = length;
      shapes.push_back(Shape(lengths));
    }
    ExpectGradients(ConcatOp{.axis = axis}, shapes);
  }
  ExpectGradients(ConcatOp{}, {{2, 2}});
  GraphBuilder builder;
  builder.Input("x", {{2, 3}});
  builder.Add("y", ConcatOp{}, {"x", "x"});
  ExpectGradientsMatchDifferences(builder.Build(), "y");
}

TEST(ConcatOperation, RefusesShapesThatDifferElsewhere) {
  ExpectRefused(ConcatOp{}, {{2, 3}, {3, 3}}, "(2, 3) float32 and (3, 3) float32");
  ExpectRefused(ConcatOp{}, {{2, 3}, {2, 3, 1}}, "one shape elsewhere");
  ExpectRefused(ConcatOp{.axis = 2}, {{2, 3}}, "-2 to 1");
  ExpectRefused(ConcatOp{.axis = -3}, {{2, 3}}, "-2 to 1");
}

}  // namespace
}  // namespace convscope
