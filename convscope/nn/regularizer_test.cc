#include "convscope/nn/regularizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(RegularizerTest, EachKindIsATermOfBoth) {
  EXPECT_EQ(Regularizer(L1{0.5}), Regularizer(L1L2{.l1 = 0.5}));
  EXPECT_EQ(Regularizer(L2{0.5}), Regularizer(L1L2{.l2 = 0.5}));
  EXPECT_EQ(Regularizer(L2{}).l2, 0.01);
  EXPECT_TRUE(Regularizer().IsNone());
  EXPECT_FALSE(Regularizer(L1{}).IsNone());
}

// Two rounding errors of a float, and the 1e-7 that keeps from a division by zero.
constexpr float kSlack = 3e-7f;

TEST(ConstraintTest, MaxNormShortensWhatIsLongerAlongItsAxes) {
  Tensor values = Tensor::Of({2, 3}, {3, 0.3f, 0, 4, 0.4f, 0});
  Constrain(MaxNorm{.max_value = 2}, values);
  const float expected[] = {1.2f, 0.3f, 0, 1.6f, 0.4f, 0};
  for (int i = 0; i < 6; ++i) EXPECT_NEAR(values.data()[i], expected[i], 2 * kSlack) << i;
}

TEST(ConstraintTest, UnitNormOfSeveralAxesLeavesEachFilterWithNormOne) {
  Tensor values({2, 2, 3, 4});
  for (int64_t i = 0; i < values.size(); ++i) values.data()[i] = static_cast<float>(i + 1);
  Constrain(UnitNorm{.axes = {0, 1, -2}}, values);
  for (int filter = 0; filter < 4; ++filter) {
    double sum = 0;
    for (int i = filter; i < 48; i += 4) {
      sum += static_cast<double>(values.data()[i]) * static_cast<double>(values.data()[i]);
    }
    EXPECT_NEAR(sum, 1, 12 * static_cast<double>(kSlack));
  }
}

TEST(ConstraintTest, NonNegSetsWhatIsBelowZeroToZeroAndKeepsNaN) {
  Tensor values = Tensor::Of({4}, {-1, 2, std::numeric_limits<float>::quiet_NaN(), 0});
  Constrain(NonNeg{}, values);
  EXPECT_EQ(values.data()[0], 0);
  EXPECT_EQ(values.data()[1], 2);
  EXPECT_TRUE(std::isnan(values.data()[2]));
  Constrain(MaxNorm{}, values);
  EXPECT_TRUE(std::isnan(values.data()[2]));
}

TEST(ConstraintTest, NoneChangesNothing) {
  Tensor values = Tensor::Of({2}, {-5, 50});
  Constrain({}, values);
  EXPECT_EQ(values.data()[0], -5);
  EXPECT_EQ(values.data()[1], 50);
}

TEST(ConstraintTest, ErrorsNameTheAxis) {
  Tensor values({2, 3});
  EXPECT_THAT([&] { Constrain(UnitNorm{.axes = {2}}, values); },
              ThrowsMessage<Error>(AllOf(HasSubstr("(2, 3)"), HasSubstr("received 2"))));
  EXPECT_THAT([&] { Constrain(UnitNorm{.axes = {1, -1}}, values); }, ThrowsMessage<Error>(HasSubstr("once")));
  EXPECT_THAT([&] { Constrain(MaxNorm{.max_value = 0}, values); }, ThrowsMessage<Error>(HasSubstr("above 0")));
}

}  // namespace
}  // namespace convscope
