#include "convscope/base/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace convscope {
namespace {

TEST(Digest, EveryBitCounts) {
  for (const size_t length : {1u, 7u, 8u, 9u, 100u}) {
    std::string text(length, 'a');
    std::set<std::string> seen = {Digest().Add(text).ToString()};
    for (size_t bit = 0; bit < 8 * length; ++bit) {
      std::string other = text;
      other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
      seen.insert(Digest().Add(other).ToString());
    }
    EXPECT_EQ(seen.size(), 8 * length + 1);
  }
}

TEST(Digest, WhereAnAdditionEndsCounts) {
  EXPECT_NE(Digest().Add("ab").Add("c").value(), Digest().Add("a").Add("bc").value());
  EXPECT_NE(Digest().Add("").value(), Digest().value());
  EXPECT_NE(Digest().Add(std::string(1, '\0')).value(), Digest().Add(std::string(2, '\0')).value());
  EXPECT_EQ(Digest().Add("ab").ToString(), Digest().Add("ab").ToString());
  EXPECT_EQ(Digest().ToString(), "cbf29ce484222325");
  const std::vector<float> numbers = {1, 2};
  EXPECT_NE(Digest().Add(std::span<const float>(numbers)).value(), Digest().value());
}

}  // namespace
}  // namespace convscope
