#include "convscope/data/class_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The first forty labels of Fashion-MNIST's test part.
Dataset FirstForty() {
  const std::vector<int32_t> labels = {9, 2, 1, 1, 6, 1, 4, 6, 5, 7, 4, 5, 7, 3, 4, 1, 2, 4, 8, 0,
                                       2, 5, 7, 9, 1, 4, 6, 0, 9, 3, 8, 8, 3, 3, 8, 0, 7, 5, 7, 9};
  return Dataset({.name = "forty", .images = Tensor::Zeros({40, 1, 1, 1}, DType::kUInt8), .labels = labels});
}

TEST(ClassPlaces, TheFirstOfEachClassAmongTwenty) {
  EXPECT_THAT(ClassPlaces(FirstForty(), {.first = 20, .most = 1}),
              ElementsAre(ElementsAre(19), ElementsAre(2), ElementsAre(1), ElementsAre(13), ElementsAre(6),
                          ElementsAre(8), ElementsAre(4), ElementsAre(9), ElementsAre(18), ElementsAre(0)));
}

TEST(ClassPlaces, AllOfEachClassAmongForty) {
  EXPECT_THAT(ClassPlaces(FirstForty(), {.first = 40}),
              ElementsAre(ElementsAre(19, 27, 35), ElementsAre(2, 3, 5, 15, 24), ElementsAre(1, 16, 20),
                          ElementsAre(13, 29, 32, 33), ElementsAre(6, 10, 14, 17, 25), ElementsAre(8, 11, 21, 37),
                          ElementsAre(4, 7, 26), ElementsAre(9, 12, 22, 36, 38), ElementsAre(18, 30, 31, 34),
                          ElementsAre(0, 23, 28, 39)));
}

TEST(ClassPlaces, AClassWithoutAPictureHasNoPlace) {
  const auto places = ClassPlaces(FirstForty(), {.first = 3});
  EXPECT_THAT(places[0], IsEmpty());
  EXPECT_THAT(places[9], ElementsAre(0));
}

}  // namespace
}  // namespace convscope
