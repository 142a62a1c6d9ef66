#include "convscope/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string Bytes(std::initializer_list<int> values) {
  std::string bytes;
  for (const int value : values) bytes += static_cast<char>(value);
  return bytes;
}

std::string ErrorOf(std::string_view bytes, const IdxLimits& limits = {}) {
  try {
    ParseIdx(bytes, "file.idx", limits);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseIdx, ReadsEachTypeBigEndian) {
  const Tensor bytes = ParseIdx(Bytes({0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255}), "");
  EXPECT_EQ(bytes.shape(), (Shape{2, 3}));
  EXPECT_THAT(bytes.view<uint8_t>().span(), ElementsAre(1, 2, 3, 4, 5, 255));
  EXPECT_THAT(ParseIdx(Bytes({0, 0, 9, 1, 0, 0, 0, 2, 127, 255}), "").view<int8_t>().span(), ElementsAre(127, -1));
  EXPECT_THAT(ParseIdx(Bytes({0, 0, 11, 1, 0, 0, 0, 3, 1, 2, 255, 254, 0, 7}), "").view<int32_t>().span(),
              ElementsAre(258, -2, 7));
  EXPECT_THAT(ParseIdx(Bytes({0, 0, 12, 1, 0, 0, 0, 2, 0, 1, 0, 0, 255, 255, 255, 255}), "").view<int32_t>().span(),
              ElementsAre(65536, -1));
  EXPECT_THAT(ParseIdx(Bytes({0, 0, 13, 1, 0, 0, 0, 1, 0xC0, 0x20, 0, 0}), "").view<float>().span(),
              ElementsAre(-2.5f));
  EXPECT_THAT(ParseIdx(Bytes({0, 0, 14, 1, 0, 0, 0, 1, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0}), "").view<double>().span(),
              ElementsAre(1.5));
}

TEST(ParseIdx, RefusesOtherFiles) {
  for (const std::string& bytes :
       {std::string(), Bytes({0, 0, 8}), std::string("PNG, surely"), Bytes({0, 0, 10, 1, 0, 0, 0, 0}),
        Bytes({0, 0, 8, 0}), Bytes({0, 0, 8, 9, 0, 0, 0, 1}), Bytes({0, 0, 8, 2, 0, 0, 0, 1, 0, 0})}) {
    EXPECT_THAT(ErrorOf(bytes), HasSubstr("file.idx: an IDX file must begin with 0, 0"));
  }
  EXPECT_THAT(ErrorOf(""), HasSubstr("an empty file"));
  EXPECT_THAT(ErrorOf("PNG!"), HasSubstr("bytes 80, 78, 71, 33"));
}

TEST(ParseIdx, RefusesAHeaderThatLies) {
  const std::string header = Bytes({0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2});
  EXPECT_EQ(ErrorOf(header + "12345678"), "no error");
  EXPECT_THAT(ErrorOf(header + "1234567"), HasSubstr("shape (2, 2, 2) and type uint8 must be followed by 8 bytes"));
  EXPECT_THAT(ErrorOf(header + "1234567"), HasSubstr("7"));
  EXPECT_THAT(ErrorOf(header + "123456789"), HasSubstr("received more"));
}

TEST(ParseIdx, TakesNoMemoryForWhatCannotBe) {
  // 2 gigabytes, which the limit allows, of a file that holds none of them.
  EXPECT_THAT(ErrorOf(Bytes({0, 0, 8, 2, 0, 1, 0, 0, 0, 0, 0x80, 0})), HasSubstr("must be followed by 2147483648"));
  EXPECT_THAT(ErrorOf(Bytes({0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255})), HasSubstr("at most 2147483648"));
  std::string most = Bytes({0, 0, 14, 8});
  for (int axis = 0; axis < 8; ++axis) most += Bytes({255, 255, 255, 255});
  EXPECT_THAT(ErrorOf(most), HasSubstr("lengths (4294967295, 4294967295"));
  EXPECT_THAT(ErrorOf(Bytes({0, 0, 8, 1, 0, 0, 0, 5, 1, 2, 3, 4, 5}), {.elements = 4}), HasSubstr("at most 4 numbers"));
}

TEST(ParseIdx, AnyDamageIsAnErrorOrAnArrayNeverACrash) {
  const std::string whole = Bytes({0, 0, 12, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8});
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(ErrorOf(whole.substr(0, length)), HasSubstr("file.idx")) << length;
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    for (const int bit : {1, 2, 4, 8, 16, 32, 64, 128}) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      ErrorOf(damaged);
    }
  }
}

}  // namespace
}  // namespace convscope
