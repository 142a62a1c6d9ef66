#include "convscope/kernels/window.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The padded axis of five elements, three more on each side; -1 is a zero.
std::vector<int64_t> Padded(PadMode mode) {
  std::vector<int64_t> sources;
  for (int64_t i = -3; i < 8; ++i) sources.push_back(SourceIndex(i, 5, mode));
  return sources;
}

TEST(SourceIndex, FollowsTheMode) {
  EXPECT_THAT(Padded(PadMode::kZero), ElementsAre(-1, -1, -1, 0, 1, 2, 3, 4, -1, -1, -1));
  EXPECT_THAT(Padded(PadMode::kEdge), ElementsAre(0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 4));
  EXPECT_THAT(Padded(PadMode::kReflect), ElementsAre(3, 2, 1, 0, 1, 2, 3, 4, 3, 2, 1));
  EXPECT_THAT(Padded(PadMode::kWrap), ElementsAre(2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2));
}

TEST(WindowAxis, SamePaddingIsTensorFlows) {
  for (int64_t in = 1; in <= 30; ++in) {
    for (int64_t size = 1; size <= 7; ++size) {
      for (int64_t stride = 1; stride <= 4; ++stride) {
        for (int64_t dilation = 1; dilation <= 3; ++dilation) {
          const WindowAxis axis = MakeWindowAxis(in, size, stride, dilation, Padding::Same(), PadMode::kZero);
          EXPECT_EQ(axis.out(), (in + stride - 1) / stride);
          EXPECT_GE(axis.pad_after, axis.pad_before);
          EXPECT_LE(axis.pad_after, axis.pad_before + 1);
        }
      }
    }
  }
}

TEST(WindowAxis, ValidPaddingDropsWhatIsLeftOver) {
  EXPECT_EQ(MakeWindowAxis(375, 3, 2, 1, Padding::Valid(), PadMode::kZero).out(), 187);
  EXPECT_EQ(MakeWindowAxis(28, 5, 1, 1, Padding::Valid(), PadMode::kZero).out(), 24);
  EXPECT_EQ(MakeWindowAxis(28, 5, 1, 2, Padding::Valid(), PadMode::kZero).out(), 20);
}

TEST(WindowAxis, CeilModeKeepsALastWindowOnlyIfItStartsInside) {
  const auto out = [](int64_t in, int64_t size, int64_t stride, int64_t before, int64_t after) {
    return MakeWindowAxis(in, size, stride, 1, Padding::Explicit(before, after), PadMode::kZero, true).out();
  };
  EXPECT_EQ(out(5, 2, 2, 0, 0), 3);
  EXPECT_EQ(out(4, 2, 2, 0, 0), 2);
  EXPECT_EQ(out(4, 1, 3, 0, 0), 2);
  EXPECT_EQ(out(3, 2, 2, 1, 1), 2) << "a third window would start in the padding after the input";
}

template <typename Body>
std::string ErrorOf(const Body& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string ErrorOf(int64_t in, int64_t size, int64_t stride, int64_t dilation, Padding padding, PadMode mode) {
  return ErrorOf([&] { MakeWindowAxis(in, size, stride, dilation, padding, mode); });
}

TEST(MakeWindowAxis, SaysWhatIsWrong) {
  const Padding none = Padding::Valid();
  EXPECT_EQ(ErrorOf(5, 3, 1, 1, none, PadMode::kZero), "no error");
  EXPECT_EQ(ErrorOf(5, 3, 0, 1, none, PadMode::kZero), "stride must be from 1 to 2^31; received 0");
  EXPECT_EQ(ErrorOf(5, 3, 1, 0, none, PadMode::kZero), "dilation must be from 1 to 2^31; received 0");
  EXPECT_EQ(ErrorOf(5, 0, 1, 1, none, PadMode::kZero), "the window's size must be from 1 to 2^31; received 0");
  EXPECT_EQ(ErrorOf(0, 1, 1, 1, none, PadMode::kZero), "the input's length must be from 1 to 2^31; received 0");
  EXPECT_THAT(ErrorOf(5, INT64_MAX, 1, 1, none, PadMode::kZero), HasSubstr("must be from 1 to 2^31"));
  EXPECT_THAT(ErrorOf(5, 3, 1, 1, Padding::Explicit(-1, 0), PadMode::kZero), HasSubstr("padding must be from 0"));
  EXPECT_THAT(
      ErrorOf(5, 3, 1, 3, Padding::Explicit(1, 0), PadMode::kZero),
      HasSubstr("7 long with its dilation, must fit into the padded input; received an input of 5 padded to 6"));
  EXPECT_EQ(ErrorOf(5, 3, 1, 1, Padding::Explicit(4, 4), PadMode::kReflect), "no error");
  EXPECT_THAT(ErrorOf(5, 3, 1, 1, Padding::Explicit(0, 5), PadMode::kReflect),
              HasSubstr("reflect padding of an input of 5 reaches at most 4; received 5"));
  EXPECT_EQ(ErrorOf(5, 3, 1, 1, Padding::Explicit(5, 5), PadMode::kWrap), "no error");
  EXPECT_THAT(ErrorOf(5, 3, 1, 1, Padding::Explicit(6, 0), PadMode::kWrap), HasSubstr("at most 5; received 6"));
}

TEST(ParsePadMode, ReadsTheFourNames) {
  for (const PadMode mode : {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap}) {
    EXPECT_EQ(ParsePadMode(Name(mode), "--padding"), mode);
  }
  EXPECT_EQ(ErrorOf([] { ParsePadMode("mirror", "--pad-mode"); }),
            "--pad-mode: the padding mode is zero, edge, reflect or wrap; received \"mirror\"");
}

}  // namespace
}  // namespace convscope
