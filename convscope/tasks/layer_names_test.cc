#include "convscope/tasks/layer_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(LayerNames, AreOneWithCommasWhereThereIsSuchALayerAndElseThePieces) {
  const auto known = [](const std::string& name) { return name == "mixed,3" || name == "conv"; };
  EXPECT_THAT(LayerNames({"mixed,3"}, known), ElementsAre("mixed,3"));
  EXPECT_THAT(LayerNames({"conv,mixed"}, known), ElementsAre("conv", "mixed"));
  EXPECT_THAT(LayerNames({"conv", "mixed,3", "a,b"}, known), ElementsAre("conv", "mixed,3", "a", "b"));
  EXPECT_THAT(LayerNames({}, known), IsEmpty());
}

}  // namespace
}  // namespace convscope
