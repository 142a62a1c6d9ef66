#include "convscope/tasks/internal/kernel_panels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convscope::internal {
namespace {

using ::testing::ElementsAre;

KernelNames Numbers(size_t kernels) {
  return NamesOf(std::vector<std::string>(kernels));
}

TEST(KernelPanelsTest, FewPlanesAreMatricesAndManyAreAGrid) {
  std::vector<Tensor> arrays;
  Tensor kernels(Shape{2, 2, 3, 2});
  for (int64_t i = 0; i < kernels.size(); ++i) kernels.data()[i] = static_cast<float>(i);
  const std::vector<Panel> planes = KernelPanels(kernels, NamesOf({"a", "b"}), {}, arrays);
  ASSERT_EQ(planes.size(), 6u);
  // Channel 1 of filter "b" at (1, 0): row 1, column 0 of 2 x 2, channel 1 of 3, filter 1 of 2.
  EXPECT_EQ(planes[4].title, "b");
  EXPECT_EQ(std::get<MatrixPlot>(planes[4].content).values[2], ((1 * 2 + 0) * 3 + 1) * 2 + 1);
  // A scale for each kernel, shared by its channels.
  const auto scale = [&](size_t i) { return *std::get<MatrixPlot>(planes[i].content).scale; };
  EXPECT_EQ(scale(3), scale(5));
  EXPECT_EQ(scale(0).high, 22);
  EXPECT_EQ(scale(3).high, 23);
  const std::vector<Panel> grid = KernelPanels(Tensor::Zeros({3, 3, 1, 17}), Numbers(17), {}, arrays);
  ASSERT_EQ(grid.size(), 1u);
  EXPECT_EQ(std::get<GridPlot>(grid[0].content).values.shape(), (Shape{3, 3, 17}));
}

TEST(KernelPanelsTest, MoreNumbersThanAPageTakesAreAGrid) {
  std::vector<Tensor> arrays;
  EXPECT_EQ(KernelPanels(Tensor::Zeros({5, 5, 1, 9}), Numbers(9), {}, arrays).size(), 9u);
  EXPECT_EQ(KernelPanels(Tensor::Zeros({5, 5, 1, 10}), Numbers(10), {}, arrays).size(), 1u);
  EXPECT_EQ(KernelPanels(Tensor::Zeros({15, 15, 1, 1}), NamesOf({"one"}), {}, arrays).size(), 1u);
  EXPECT_TRUE(std::holds_alternative<MatrixPlot>(
      KernelPanels(Tensor::Zeros({21, 21, 1, 1}), NamesOf({"one"}), {}, arrays)[0].content));
}

TEST(KernelPanelsTest, KernelsOfAGridShareAScaleUnlessItHidesOne) {
  std::vector<Tensor> arrays;
  Tensor kernels(Shape{1, 2, 1, 17});
  for (int64_t i = 0; i < kernels.size(); ++i) kernels.data()[i] = 1;
  const auto scaling = [&] {
    return std::get<GridPlot>(KernelPanels(kernels, Numbers(17), {}, arrays)[0].content).scaling;
  };
  EXPECT_EQ(scaling(), GridPlot::Scaling::kGiven);
  kernels.data()[3] = 100;
  EXPECT_EQ(scaling(), GridPlot::Scaling::kPerMap);
}

TEST(KernelPanelsTest, AGridOfKernelsWithChannelsIsATable) {
  std::vector<Tensor> arrays;
  const KernelNames names = NamesOf({"h.npy 0", "h.npy 1", "h.npy 2", "h.npy 3", "h.npy 4", "h.npy 5"});
  const Panel panel = KernelPanels(Tensor::Zeros({5, 5, 3, 6}), names, {"red", "green", "blue"}, arrays)[0];
  EXPECT_EQ(panel.caption, "6 kernels, 5 x 5 x 3");
  const auto& grid = std::get<GridPlot>(panel.content);
  EXPECT_EQ(grid.columns, 6);
  EXPECT_THAT(grid.row_names, ElementsAre("red", "green", "blue"));
  EXPECT_THAT(grid.column_names, ElementsAre("h.npy 0", "h.npy 1", "h.npy 2", "h.npy 3", "h.npy 4", "h.npy 5"));
}

TEST(KernelPanelsTest, ARowIsAKernelWhereEachHasSeveralMatrices) {
  std::vector<Tensor> arrays;
  const Tensor kernels = Tensor::Zeros({3, 3, 3, 4});
  const auto rows = RowsOfKernels(
      KernelPanels(kernels, NamesOf({"a", "b", "c", "d"}), {"red", "green", "blue"}, arrays), kernels.shape());
  ASSERT_EQ(rows.size(), 4u);
  ASSERT_EQ(rows[1].size(), 3u);
  EXPECT_EQ(rows[1][2].title, "b");
  EXPECT_EQ(rows[1][2].caption, "kernel, 3 x 3, blue");
}

}  // namespace
}  // namespace convscope::internal
