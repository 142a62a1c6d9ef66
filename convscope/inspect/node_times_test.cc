#include "convscope/inspect/node_times.h"

#include <gtest/gtest.h>

#include "convscope/base/error.h"
#include "convscope/kernels/machine_peak.h"
#include "convscope/nn/architectures.h"

namespace convscope {
namespace {

// How long anything takes is the machine's business, so only what must hold on each is asked for.
TEST(NodeTimes, EveryNodeHasOne) {
  Network network = MakeArchitecture("lenet");
  network.Initialize(1);
  const NodeTimes times = MeasureNodeTimes(network.model(), 2);
  EXPECT_EQ(times.size(), network.graph().nodes().size());
  for (const GraphNode& node : network.graph().nodes()) {
    ASSERT_TRUE(times.contains(node.name)) << node.name;
    EXPECT_GE(times.find(node.name)->second, 0);
  }
  EXPECT_THROW(MeasureNodeTimes(network.model(), 0), Error);
  int between = 0;
  MeasureNodeTimes(network.model(), 2, {}, [&] { ++between; });
  EXPECT_EQ(between, 4);  // before the run that is not counted and each of two, and after them
}

TEST(MachinePeak, IsANumberOfOperations) {
  EXPECT_GT(PeakGflops(), 0);
}

}  // namespace
}  // namespace convscope
