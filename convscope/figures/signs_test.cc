#include "convscope/figures/signs.h"

#include <gtest/gtest.h>

namespace convscope {
namespace {

TEST(ScaleForSigns, KeepsItsColoursWhateverTheValuesHappenToBe) {
  for (const ValueRange& range : {ValueRange{.low = -1, .high = 8, .count = 9}, ValueRange{.low = 7, .high = 8},
                                  ValueRange{.low = 0, .high = 8}, ValueRange{.low = -8, .high = -2}}) {
    EXPECT_EQ(ScaleFor(range, Signs::kBoth), (Scale{ColorMap::kDiverging, -8, 8}));
  }
  EXPECT_EQ(ScaleFor({.low = 0, .high = 8}, Signs::kNonNegative), (Scale{ColorMap::kViridis, 0, 8}));
  EXPECT_EQ(ScaleFor({.low = 7, .high = 8}, Signs::kNonNegative), (Scale{ColorMap::kViridis, 7, 8}));
}

TEST(ScaleForSigns, DrawsAllZeroAsZero) {
  EXPECT_EQ(ScaleFor(ValueRange{}, Signs::kBoth), (Scale{ColorMap::kDiverging, -1, 1}));
  EXPECT_EQ(ScaleFor(ValueRange{}, Signs::kNonNegative), (Scale{ColorMap::kViridis, 0, 1}));
}

TEST(ScaleForSigns, TellsNegativeValuesThatShouldNotBe) {
  EXPECT_EQ(ScaleFor({.low = -1, .high = 3}, Signs::kNonNegative), (Scale{ColorMap::kDiverging, -3, 3}));
}

}  // namespace
}  // namespace convscope
