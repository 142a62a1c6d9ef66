// Tests hold what is computed in float32, forward and backward, against the same in float64. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_PRECISION_CHECK_H_
#define CONVSCOPE_GRAPH_INTERNAL_PRECISION_CHECK_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "convscope/base/random.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/rebuild.h"

namespace convscope {

inline Tensor AsDouble(const Tensor& tensor) {
  Tensor doubled(tensor.shape(), DType::kFloat64);
  std::copy_n(tensor.data<float>(), tensor.size(), doubled.data<double>());
  return doubled;
}

// Runs `graph` and the gradient of `output`, weighted with random seeds, with respect to all inputs and parameters in
// both types, on the same float32 numbers: `given`, and noise of [low, high) for the others. Each tensor that both
// compute may differ by `epsilons` times 2^-24 of its largest value (or of 1, where that is less): the caller derives
// how many roundings lie between.
inline void ExpectFloatMatchesDouble(const Graph& graph, const std::string& output, double epsilons,
                                     NamedTensors given = {}, float low = -1, float high = 1) {
  SCOPED_TRACE("precision of " + output);
  Random random(2, "precision check");
  const auto noise = [&](const Shape& shape, float from, float to) {
    Tensor tensor(shape);
    for (float& value : tensor.view().span()) value = random.Uniform(from, to);
    return Share(std::move(tensor));
  };
  const Graph single = Rebuild(graph, {.parameters_as_inputs = true}).builder.Build();
  const Graph doubled = Rebuild(graph, {.floating = DType::kFloat64, .parameters_as_inputs = true}).builder.Build();
  NamedTensors inputs = std::move(given), wide;
  for (const GraphTensor& tensor : single.tensors()) {
    if (tensor.role == TensorRole::kComputed) continue;
    if (!inputs.contains(tensor.name)) inputs[tensor.name] = noise(tensor.type.shape, low, high);
    const SharedTensor& value = inputs[tensor.name];
    wide[tensor.name] = value->dtype() == DType::kFloat32 ? Share(AsDouble(*value)) : value;
  }
  const SharedTensor seed = noise(single[output].type.shape, -1, 1);
  const GradientTrace fast(Model(single, {}), inputs, output, seed);
  const GradientTrace exact(Model(doubled, {}), wide, output, Share(AsDouble(*seed)));
  int compared = 0;
  for (const GraphTensor& tensor : fast.trace().graph().tensors()) {
    if (tensor.role != TensorRole::kComputed || tensor.type.dtype != DType::kFloat32) continue;
    SCOPED_TRACE(tensor.name);
    const float* got = fast.trace()[tensor.name].data();
    const double* want = exact.trace()[tensor.name].data<double>();
    double largest = 1;
    for (int64_t i = 0; i < tensor.type.shape.NumElements(); ++i) largest = std::max(largest, std::abs(want[i]));
    for (int64_t i = 0; i < tensor.type.shape.NumElements(); ++i) {
      ASSERT_NEAR(got[i], want[i], epsilons * 0x1p-24 * largest) << "element " << i;
    }
    ++compared;
  }
  EXPECT_GT(compared, 1);
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_PRECISION_CHECK_H_
