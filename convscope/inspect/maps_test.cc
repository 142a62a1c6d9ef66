#include "convscope/inspect/maps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;

// (2, 2, 2, 3): element i is i.
Tensor Counting() {
  Tensor tensor({2, 2, 2, 3});
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i);
  return tensor;
}

TEST(Maps, AreThoseOfOneSample) {
  const Tensor tensor = Counting();
  const auto maps = MapsOf(tensor, "conv", 1);
  EXPECT_EQ(maps.shape(), Shape({2, 2, 3}));
  EXPECT_EQ(maps[0], 12);
  EXPECT_THROW(MapsOf(tensor, "conv", 2), Error);
}

TEST(Maps, OneMapIsAChannelAndTheMeanMapTheirMean) {
  const Tensor tensor = Counting();
  EXPECT_THAT(OneMap(MapsOf(tensor, "conv"), 2, "conv").view().span(), ElementsAre(2, 5, 8, 11));
  EXPECT_THAT(MeanMap(MapsOf(tensor, "conv")).view().span(), ElementsAre(1, 4, 7, 10));
}

TEST(Maps, AChannelThatThereIsNotIsRefusedWithThoseThatThereAre) {
  const Tensor tensor = Counting();
  try {
    OneMap(MapsOf(tensor, "conv"), 3, "conv");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::AllOf(::testing::HasSubstr("conv"), ::testing::HasSubstr("0 to 2")));
  }
}

TEST(Maps, UnitsLinesAndVolumesHaveAShapeToo) {
  EXPECT_EQ(MapShapeOf({1, 10}, "dense").channels, 10);
  EXPECT_EQ(MapShapeOf({1, 7, 4}, "conv1d").columns, 7);
  EXPECT_EQ(MapShapeOf({1, 2, 3, 4, 5}, "conv3d").rows, 6);
  EXPECT_EQ(MapShapeOf({1, 2, 3, 4, 5}, "conv3d").slices, 2);
  EXPECT_FALSE(MapShapeOf({1, 10}, "dense").has_places);
  EXPECT_THROW(MapShapeOf({1}, "scalar"), Error);
}

TEST(Maps, MapTensorsAreWhatTheGraphComputes) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 2, 2, 1}});
  builder.Add("flat", ReshapeOp{}, {"picture"});
  builder.Parameter("kernel", {{4, 3}});
  builder.Add("dense", DenseOp{}, {"flat", "kernel"});
  EXPECT_THAT(MapTensors(builder.Build()), ElementsAre("flat", "dense"));
}

}  // namespace
}  // namespace convscope
