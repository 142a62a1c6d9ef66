#include "convscope/inspect/affordable_batch.h"

#include <gtest/gtest.h>

#include "convscope/graph/activation_operation.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {
namespace {

Graph Rectifying(int64_t elements, bool fixed = false) {
  GraphBuilder builder;
  builder.Input("picture", {{1, elements}});
  builder.Add("relu", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"picture"});
  if (fixed) builder.Add("fixed", ReshapeOp{.shape = {1, elements, 1}}, {"relu"});
  return builder.Build();
}

TEST(AffordableBatch, IsWhatKeepsAllTensorsInMemory) {
  EXPECT_EQ(AffordableBatch(Rectifying(100), 64), 64);
  EXPECT_EQ(AffordableBatch(Rectifying(int64_t{4} << 20), 64), 24);   // 16 MiB a picture
  EXPECT_EQ(AffordableBatch(Rectifying(int64_t{400} << 20), 64), 1);  // more than there is room for
}

TEST(AffordableBatch, IsOneForAGraphOfOnePictureAlone) {
  EXPECT_EQ(AffordableBatch(Rectifying(100, true), 64), 1);
}

}  // namespace
}  // namespace convscope
