// Tests hold every gradient against finite differences, in double. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_GRADIENT_CHECK_H_
#define CONVSCOPE_GRAPH_INTERNAL_GRADIENT_CHECK_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/rebuild.h"

namespace convscope {

// Float64 noise of [low, high). The values are `low` plus multiples of one step, shuffled, so that no two are equal or
// nearly so: a maximum that a small change of one value would move to another has no derivative to be compared with.
inline Tensor DistinctNoise(Shape shape, Random& random, double low = -1, double high = 1) {
  Tensor tensor(shape, DType::kFloat64);
  const std::span<double> values = tensor.view<double>().span();
  const double step = (high - low) / static_cast<double>(values.size() + 1);
  for (size_t i = 0; i < values.size(); ++i) values[i] = low + step * (static_cast<double>(i) + 0.37);
  for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[random.Bits() % i]);
  return tensor;
}

inline double WeightedSum(const Tensor& tensor, const Tensor& seed) {
  double sum = 0;
  for (int64_t i = 0; i < tensor.size(); ++i) sum += tensor.data<double>()[i] * seed.data<double>()[i];
  return sum;
}

// Checks the gradient of `output`, weighted with random seeds, with respect to every floating input and parameter of
// `graph` (float32; it is rebuilt in float64) against central differences. `given` holds tensors that random numbers
// will not do for, float64 where they are floating; the others are DistinctNoise of [low, high). `data` are inputs
// whose gradient counts as zero whatever it is, as the targets of a loss: they are not checked.
//
// A central difference with step h is off by h^2 / 6 of the third derivative and by rounding, 2^-53 |sum| / h: with
// h = 1e-5 both are below 1e-9 of values near 1, and 1e-7 of the largest gradient leaves room for long sums.
inline void ExpectGradientsMatchDifferences(const Graph& graph, const std::string& output, NamedTensors given = {},
                                            double low = -1, double high = 1,
                                            const std::vector<std::string>& data = {}) {
  SCOPED_TRACE("gradient of " + output);
  const Graph doubled = Rebuild(graph, {.floating = DType::kFloat64, .parameters_as_inputs = true}).builder.Build();
  Random random(1, "gradient check");
  NamedTensors inputs = std::move(given);
  for (const GraphTensor& tensor : doubled.tensors()) {
    if (tensor.role == TensorRole::kComputed || inputs.contains(tensor.name)) continue;
    inputs[tensor.name] = Share(DistinctNoise(tensor.type.shape, random, low, high));
  }
  const SharedTensor seed = Share(DistinctNoise(doubled[output].type.shape, random));
  const Model model(doubled, {});
  const GradientTrace gradients(model, inputs, output, seed);

  constexpr double kStep = 1e-5;
  int checked = 0;
  for (const GraphTensor& tensor : doubled.tensors()) {
    if (tensor.role == TensorRole::kComputed || tensor.type.dtype != DType::kFloat64) continue;
    if (std::find(data.begin(), data.end(), tensor.name) != data.end()) continue;
    SCOPED_TRACE("with respect to " + tensor.name);
    std::vector<double> expected;
    for (int64_t i = 0; i < tensor.type.shape.NumElements(); ++i) {
      double sums[2];
      for (const int side : {0, 1}) {
        NamedTensors moved = inputs;
        Tensor changed = inputs[tensor.name]->Clone();
        changed.data<double>()[i] += side == 0 ? kStep : -kStep;
        moved[tensor.name] = Share(std::move(changed));
        sums[side] = WeightedSum(Trace(model, moved)[output], *seed);
      }
      expected.push_back((sums[0] - sums[1]) / (2 * kStep));
    }
    double largest = 1;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (size_t i = 0; i < expected.size(); ++i) {
      const double gradient = gradients.Has(tensor.name) ? gradients[tensor.name].data<double>()[i] : 0;
      ASSERT_NEAR(gradient, expected[i], 1e-7 * largest) << "element " << i;
    }
    ++checked;
  }
  EXPECT_GT(checked, 0);
}

// Checks that the gradients that the fast kernels compute are those of the references in double, within `tolerance`:
// the same graph, values and seeds as above, float32 numbers all of them.
inline void ExpectFloatGradientsNearDouble(const Graph& graph, const std::string& output, double tolerance,
                                           double low = -1, double high = 1) {
  SCOPED_TRACE("gradient of " + output);
  Random random(2, "gradient check");
  NamedTensors values[2];  // float32, float64
  const auto draw = [&](const std::string& name, const Shape& shape, double from, double to) {
    Tensor wide = DistinctNoise(shape, random, from, to);
    Tensor narrow(shape);
    for (int64_t i = 0; i < wide.size(); ++i) {
      narrow.data()[i] = static_cast<float>(wide.data<double>()[i]);
      wide.data<double>()[i] = narrow.data()[i];
    }
    values[0][name] = Share(std::move(narrow));
    values[1][name] = Share(std::move(wide));
  };
  const DType types[] = {DType::kFloat32, DType::kFloat64};
  std::vector<GradientTrace> gradients;
  for (const int side : {0, 1}) {
    const Graph typed = Rebuild(graph, {.floating = types[side], .parameters_as_inputs = true}).builder.Build();
    if (side == 0) {
      for (const GraphTensor& tensor : typed.tensors()) {
        if (tensor.role != TensorRole::kComputed) draw(tensor.name, tensor.type.shape, low, high);
      }
      draw("seed", typed[output].type.shape, -1, 1);
    }
    const SharedTensor seed = values[side].extract("seed").mapped();
    gradients.emplace_back(Model(typed, {}), values[side], output, seed);
  }
  for (const auto& [name, value] : values[0]) {
    ASSERT_TRUE(gradients[0].Has(name)) << name;
    for (int64_t i = 0; i < value->size(); ++i) {
      ASSERT_NEAR(gradients[0][name].data()[i], gradients[1][name].data<double>()[i], tolerance)
          << "with respect to " << name << ", element " << i;
    }
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_GRADIENT_CHECK_H_
