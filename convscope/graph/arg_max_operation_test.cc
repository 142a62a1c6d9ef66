#include "convscope/graph/arg_max_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/operation_check.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::vector<int64_t> Places(const ArgMaxOp& op, const Tensor& x) {
  return ValuesOf<int64_t>(Computed(op, {Share(x.Clone())})[0]);
}

TEST(ArgMaxOperation, FindsTheLargestAlongAnyAxis) {
  const Tensor x = Tensor::Of({2, 3, 2}, {1, 9, 5, 2, 3, 4, -7, -2, -7, -1, 0, -1});
  EXPECT_THAT(Places({.axis = 0}, x), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(Places({.axis = 1}, x), ElementsAre(1, 0, 2, 1));
  EXPECT_THAT(Places({}, x), ElementsAre(1, 0, 1, 1, 1, 0));
  EXPECT_THAT(Places({.axis = 1, .least = true}, x), ElementsAre(0, 1, 0, 0));
  EXPECT_EQ(Computed(ArgMaxOp{.axis = 1}, {Share(x.Clone())})[0].shape(), (Shape{2, 1, 2}));
  EXPECT_EQ(Computed(ArgMaxOp{.axis = 1, .keep_axis = false}, {Share(x.Clone())})[0].shape(), (Shape{2, 2}));
}

TEST(ArgMaxOperation, TellsTheFirstOrTheLastOfEquals) {
  const Tensor x = Tensor::Of({5}, {1, 3, 1, 3, 2});
  EXPECT_THAT(Places({}, x), ElementsAre(1));
  EXPECT_THAT(Places({.last = true}, x), ElementsAre(3));
  EXPECT_THAT(Places({.least = true}, x), ElementsAre(0));
  EXPECT_THAT(Places({.least = true, .last = true}, x), ElementsAre(2));
}

TEST(ArgMaxOperation, ANaNIsFound) {
  const Tensor x = Tensor::Of({5}, {1, kNaN, 9, kNaN, -9});
  for (const bool least : {false, true}) {
    EXPECT_THAT(Places({.least = least}, x), ElementsAre(1));
    EXPECT_THAT(Places({.least = least, .last = true}, x), ElementsAre(3));
  }
}

TEST(ArgMaxOperation, KnowsIntegers) {
  const int64_t large = int64_t{1} << 60;  // a double does not tell these apart
  EXPECT_THAT(Places({}, TensorOf<int64_t>({3}, {large, large + 1, large})), ElementsAre(1));
  EXPECT_THAT(Places({.least = true}, TensorOf<uint8_t>({3}, {200, 7, 9})), ElementsAre(1));
}

TEST(ArgMaxOperation, ExplainsEveryElement) {
  const SharedTensor x = Share(Tensor::Of({2, 3, 2}, {1, 9, 5, 2, 3, 4, -7, -2, -7, kNaN, 0, -1}));
  for (const int64_t axis : {0, 1, 2}) {
    ExpectExplained(ArgMaxOp{.axis = axis}, {x});
    ExpectExplained(ArgMaxOp{.axis = axis, .keep_axis = false, .least = true}, {x});
  }
}

TEST(ArgMaxOperation, RefusesAnAxisThatIsNotThere) {
  const auto infer = [](int64_t axis, const Shape& shape) {
    return [=] { OperationPtr(ArgMaxOp{.axis = axis})->Infer(std::vector<TensorType>{{shape}}); };
  };
  EXPECT_THAT(infer(2, {2, 3}), ThrowsMessage<Error>(HasSubstr("-2 to 1; received 2")));
  EXPECT_THAT(infer(0, {}), ThrowsMessage<Error>(HasSubstr("scalar")));
  EXPECT_THAT(infer(1, {2, 0}), ThrowsMessage<Error>(HasSubstr("(2, 0)")));
}

}  // namespace
}  // namespace convscope
