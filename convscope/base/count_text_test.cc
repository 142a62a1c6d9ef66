#include "convscope/base/count_text.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(CountText, TakesTheSingularForOneAlone) {
  EXPECT_EQ(CountText(1, "frame"), "1 frame");
  EXPECT_EQ(CountText(0, "frame"), "0 frames");
  EXPECT_EQ(CountText(12, "test picture"), "12 test pictures");
}

}  // namespace
}  // namespace convscope
