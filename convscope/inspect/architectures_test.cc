// Every built-in network, looked into: what its layers make of a picture, and what that is made of, are numbers.
#include "convscope/nn/architectures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/graph/gradient.h"
#include "convscope/inspect/maps.h"

namespace convscope {
namespace {

// With the smallest input that it can be made for.
Network Small(const Architecture& architecture) {
  for (const int64_t side : {28, 32, 64, 96}) {
    for (const int64_t channels : {1, 3}) {
      ArchitectureOptions options{.input = Shape{side, side, channels}, .classes = {}};
      if (architecture.tells_classes) options.classes = 10;
      try {
        return MakeArchitecture(architecture.name, options);
      } catch (const Error&) {
        continue;
      }
    }
  }
  return MakeArchitecture(architecture.name);
}

Tensor RandomTensor(const Shape& shape, uint64_t seed) {
  Tensor tensor(shape);
  Random random(seed, "architectures test");
  for (float& value : tensor.view().span()) value = random.Normal();
  return tensor;
}

// How many values are no numbers.
int64_t NotFinite(const Tensor& tensor) {
  const auto values = tensor.view().span();
  return std::count_if(values.begin(), values.end(), [](float value) { return !std::isfinite(value); });
}

TEST(BuiltInNetworks, HaveFiniteMapsAndGradients) {
  ASSERT_EQ(Architectures().size(), 10u);
  for (const Architecture& architecture : Architectures()) {
    SCOPED_TRACE(std::string(architecture.name));
    Network network = Small(architecture);
    network.Initialize(1);
    const Model model = network.model();
    const Graph& graph = model.graph();
    const std::string &input = network.inputs()[0], &output = network.outputs()[0];
    const NamedTensors picture = {{input, Share(RandomTensor(graph[input].type.shape, 7))}};
    // Not of the sum: that of a softmax is 1 whatever the picture.
    const SharedTensor seed = Share(RandomTensor(graph[output].type.shape, 8));
    const GradientTrace gradients(model, picture, output, seed);
    int64_t derived = 0;
    for (const std::string& name : MapTensors(graph)) {
      EXPECT_EQ(NotFinite(gradients.trace()[name]), 0) << name;
      if (!gradients.Has(name)) continue;
      ++derived;
      EXPECT_EQ(NotFinite(gradients[name]), 0) << "gradient of " << name;
    }
    EXPECT_GT(derived, 1);
    const auto of_picture = gradients[input].view().span();
    EXPECT_EQ(NotFinite(gradients[input]), 0);
    if (architecture.name == "lenet") continue;  // its last layer begins with zeroes, which hand nothing back
    EXPECT_TRUE(std::any_of(of_picture.begin(), of_picture.end(), [](float value) { return value != 0; }));
  }
}

}  // namespace
}  // namespace convscope
