#include "convscope/tasks/internal/kernel_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convscope::internal {
namespace {

using ::testing::ElementsAre;

TEST(KernelNamesTest, ShortNamesStay) {
  const KernelNames names = NamesOf({"edge", "sobel-x"});
  EXPECT_THAT(names.titles, ElementsAre("edge", "sobel-x"));
  EXPECT_THAT(names.labels, ElementsAre("edge", "sobel-x"));
  EXPECT_EQ(names.legend, "");
}

TEST(KernelNamesTest, WhatIsCommonIsToldOnce) {
  const KernelNames gabor = NamesOf({"gabor:theta=0,size=11,wavelength=5", "gabor:theta=22.5,size=11,wavelength=5"});
  EXPECT_THAT(gabor.titles, ElementsAre("theta=0", "theta=22.5"));
  EXPECT_THAT(gabor.labels, ElementsAre("theta=0", "theta=22.5"));
  EXPECT_EQ(gabor.legend, "kernels gabor:…,size=11,wavelength=5");
  const KernelNames file = NamesOf({"some/folder/h.npy 0", "some/folder/h.npy 1"});
  EXPECT_THAT(file.titles, ElementsAre("kernel 0", "kernel 1"));
  EXPECT_THAT(file.labels, ElementsAre("0", "1"));
  EXPECT_EQ(file.legend, "kernels some/folder/h.npy …");
  const KernelNames longer = NamesOf({"gaussian:size=15", "gaussian:size=15,sigma=2"});
  EXPECT_THAT(longer.labels, ElementsAre("size=15", "size=15,sigma=2"));
}

TEST(KernelNamesTest, WhatCannotBeToldShortlyIsNumberedAndTheLegendSaysWhichIsWhich) {
  const KernelNames names = NamesOf({"edge", "[[1,2,3],[4,5,6],[7,8,9]]", "edge"});
  EXPECT_THAT(names.titles, ElementsAre("0: edge", "1: [[1,2,3],[4,5,6],[7,8,9]]", "2: edge"));
  EXPECT_THAT(names.labels, ElementsAre("0", "1", "2"));
  EXPECT_EQ(names.legend, "0: edge\n1: [[1,2,3],[4,5,6],[7,8,9]]\n2: edge");
  EXPECT_EQ(NamesOf(std::vector<std::string>(9, "")).legend, "");
  EXPECT_EQ(NamesOf(std::vector<std::string>(9, "edge")).legend, "kernels edge");
}

TEST(KernelNamesTest, ManyKernelsAreListedInRunningLines) {
  std::vector<std::string> names(9, "a name of some length");
  names.back() = "another name";
  const std::string legend = NamesOf(names).legend;
  EXPECT_EQ(legend.find('\n'), std::string::npos);
  EXPECT_TRUE(legend.ends_with("; 8: another name")) << legend;
}

}  // namespace
}  // namespace convscope::internal
