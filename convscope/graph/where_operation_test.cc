#include "convscope/graph/where_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/operation_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(WhereOperation, ChoosesElementByElement) {
  const SharedTensor condition = Share(TensorOf<bool>({2, 1}, {true, false}));
  const auto of = [&](const SharedTensor& x, const SharedTensor& y) { return Computed(WhereOp{}, {condition, x, y}); };
  EXPECT_THAT(ValuesOf<float>(of(Share(Tensor::Of({3}, {1, 2, 3})), Share(Tensor::Of({}, {9})))[0]),
              ElementsAre(1, 2, 3, 9, 9, 9));
  EXPECT_THAT(ValuesOf<int64_t>(of(Share(TensorOf<int64_t>({1}, {7})), Share(TensorOf<int64_t>({2}, {1, 2})))[0]),
              ElementsAre(7, 7, 1, 2));
  EXPECT_THAT(ValuesOf<bool>(of(Share(TensorOf<bool>({1}, {true})), Share(TensorOf<bool>({1}, {false})))[0]),
              ElementsAre(true, false));
}

// What is not chosen does not matter, whatever it is.
TEST(WhereOperation, LeavesOutNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<Tensor> y = Computed(
      WhereOp{},
      {Share(TensorOf<bool>({2}, {true, false})), Share(Tensor::Of({2}, {1, nan})), Share(Tensor::Of({2}, {nan, 2}))});
  EXPECT_THAT(ValuesOf<float>(y[0]), ElementsAre(1, 2));
}

TEST(WhereOperation, HasTheGradientsOfDifferences) {
  const SharedTensor condition = Share(TensorOf<bool>({3, 1}, {true, false, true}));
  for (const auto& [x, y] : std::vector<std::pair<Shape, Shape>>{{{2, 3, 4}, {2, 3, 4}}, {{4}, {2, 3, 4}}, {{}, {}}}) {
    ExpectGradientsMatchDifferences(OneOperation(WhereOp{}, {{{3, 1}, DType::kBool}, {x}, {y}}), "y0",
                                    {{"x0", condition}});
  }
}

TEST(WhereOperation, ExplainsEveryElement) {
  ExpectExplained(WhereOp{}, {Share(TensorOf<bool>({2, 1}, {true, false})), Share(Tensor::Of({3}, {1, 2, 3})),
                              Share(Tensor::Of({1, 1}, {9}))});
}

TEST(WhereOperation, RefusesOtherTypes) {
  const auto infer = [](const std::vector<TensorType>& types) {
    return [=] { OperationPtr(WhereOp{})->Infer(types); };
  };
  EXPECT_THAT(infer({{{2}}, {{2}}, {{2}}}), ThrowsMessage<Error>(HasSubstr("bool")));
  EXPECT_THAT(infer({{{2}, DType::kBool}, {{2}}, {{2}, DType::kInt32}}),
              ThrowsMessage<Error>(HasSubstr("(2,) float32 and (2,) int32")));
  EXPECT_THAT(infer({{{2}, DType::kBool}, {{3}}, {{3}}}), ThrowsMessage<Error>(HasSubstr("(2,) and (3,)")));
}

}  // namespace
}  // namespace convscope
