#include "convscope/graph/top_k_operation.h"

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
using ::testing::IsNan;
using ::testing::ThrowsMessage;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(TopKOperation, GivesTheLargestInOrder) {
  const SharedTensor x = Share(Tensor::Of({2, 4}, {3, 1, 7, 5, -1, -2, -4, -3}));
  const std::vector<Tensor> two = Computed(TopKOp{.k = 2}, {x});
  EXPECT_THAT(ValuesOf<float>(two[0]), ElementsAre(7, 5, -1, -2));
  EXPECT_THAT(ValuesOf<int64_t>(two[1]), ElementsAre(2, 3, 0, 1));
  EXPECT_EQ(two[0].shape(), (Shape{2, 2}));
  const std::vector<Tensor> least = Computed(TopKOp{.k = 3, .largest = false}, {x});
  EXPECT_THAT(ValuesOf<float>(least[0]), ElementsAre(1, 3, 5, -4, -3, -2));
  const std::vector<Tensor> across = Computed(TopKOp{.k = 2, .axis = 0}, {x});
  EXPECT_THAT(ValuesOf<float>(across[0]), ElementsAre(3, 1, 7, 5, -1, -2, -4, -3));
  EXPECT_THAT(ValuesOf<int64_t>(across[1]), ElementsAre(0, 0, 0, 0, 1, 1, 1, 1));
  EXPECT_EQ(Computed(TopKOp{.k = 0}, {x})[0].shape(), (Shape{2, 0}));
}

TEST(TopKOperation, OfEqualsTheFirstComesFirstAndNaNIsLargest) {
  const SharedTensor x = Share(Tensor::Of({6}, {2, kNaN, 5, 2, kNaN, 5}));
  const std::vector<Tensor> largest = Computed(TopKOp{.k = 6}, {x});
  EXPECT_THAT(ValuesOf<float>(largest[0]), ElementsAre(IsNan(), IsNan(), 5, 5, 2, 2));
  EXPECT_THAT(ValuesOf<int64_t>(largest[1]), ElementsAre(1, 4, 2, 5, 0, 3));
  EXPECT_THAT(ValuesOf<int64_t>(Computed(TopKOp{.k = 6, .largest = false}, {x})[1]), ElementsAre(0, 3, 2, 5, 1, 4));
  const SharedTensor bytes = Share(TensorOf<uint8_t>({4}, {200, 3, 200, 9}));
  EXPECT_THAT(ValuesOf<int64_t>(Computed(TopKOp{.k = 3}, {bytes})[1]), ElementsAre(0, 2, 3));
}

TEST(TopKOperation, HasTheGradientsOfDifferences) {
  for (const int64_t axis : {0, 1, 2}) {
    for (const bool largest : {true, false}) {
      ExpectGradientsMatchDifferences(OneOperation(TopKOp{.k = 2, .axis = axis, .largest = largest}, {{{3, 4, 2}}}),
                                      "y0");
    }
  }
}

TEST(TopKOperation, ReadsAllOfItsAxis) {
  const OperationPtr top = TopKOp{.k = 2, .axis = 1};
  const std::vector<TensorType> types = {{{2, 3, 2}}};
  EXPECT_THAT(ElementsRead(top->Reads(types)[0], {2, 3, 2}, {2, 2, 2}, 5), ElementsAre(7, 9, 11));
}

TEST(TopKOperation, RefusesMoreThanThereAre) {
  const auto infer = [](const TopKOp& op) {
    return [=] { OperationPtr(op)->Infer(std::vector<TensorType>{{{2, 3}}}); };
  };
  EXPECT_THAT(infer({.k = 4}), ThrowsMessage<Error>(HasSubstr("0 to 3 are chosen; received 4")));
  EXPECT_THAT(infer({.k = 1, .axis = 5}), ThrowsMessage<Error>(HasSubstr("-2 to 1; received 5")));
}

}  // namespace
}  // namespace convscope
