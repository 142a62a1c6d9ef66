#include "convscope/tasks/layer_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "convscope/base/error.h"
#include "convscope/graph/add_operation.h"
#include "convscope/inspect/map_layer.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(LayerNames, AreOneWithCommasWhereThereIsSuchALayerAndElseThePieces) {
  const auto known = [](const std::string& name) { return name == "mixed,3" || name == "conv"; };
  EXPECT_THAT(LayerNames({"mixed,3"}, known), ElementsAre("mixed,3"));
  EXPECT_THAT(LayerNames({"conv,mixed"}, known), ElementsAre("conv", "mixed"));
  EXPECT_THAT(LayerNames({"conv", "mixed,3", "a,b"}, known), ElementsAre("conv", "mixed,3", "a", "b"));
  EXPECT_THAT(LayerNames({}, known), IsEmpty());
}

TEST(LayerNames, OfANodeAreThoseOfItsFirstOutput) {
  GraphBuilder builder;
  builder.Input("x", {{1, 4}});
  builder.Add("/add/Add,1", AddOp{}, {"x", "x"}, {"sum"});
  builder.Add("again", AddOp{}, {"sum", "x"});
  const Graph graph = builder.Build();
  EXPECT_THAT(LayerNames({"/add/Add,1", "again,sum"}, graph), ElementsAre("sum", "again", "sum"));
  EXPECT_THAT(LayerNames({"/add"}, graph), ElementsAre("/add"));  // for others to refuse
  EXPECT_EQ(MapLayer(graph, "/add/Add,1"), "sum");
  EXPECT_THROW(MapLayer(graph, "/add"), Error);
}

TEST(LayerNames, SeveralAreRefusedWhereOneIsMeant) {
  const auto known = [](const std::string& name) { return name == "mixed,3" || name == "conv" || name == "pool"; };
  for (const char* const one : {"conv", "mixed,3", "cnov", "conv,cnov", ""}) EXPECT_NO_THROW(CheckOneLayer(one, known));
  try {
    CheckOneLayer("conv,pool", known);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("one layer is looked at here"), HasSubstr("2 of them, conv,pool")));
  }
}

}  // namespace
}  // namespace convscope
