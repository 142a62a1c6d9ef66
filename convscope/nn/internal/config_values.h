// How each type of argument stands in a Config, in Keras' form. A layer lists its arguments once (layer_of.h); these
// read and write them.
#ifndef CONVSCOPE_NN_INTERNAL_CONFIG_VALUES_H_
#define CONVSCOPE_NN_INTERNAL_CONFIG_VALUES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/kernels/window.h"
#include "convscope/nn/config.h"
#include "convscope/nn/initializer.h"
#include "convscope/nn/layer_arguments.h"
#include "convscope/nn/regularizer.h"

namespace convscope::internal {

// Whose defaults a file speaks of: Keras 2 and 3 mean different functions by "hard_sigmoid".
enum class KerasVersion : uint8_t { k2, k3 };

Config ToConfig(bool value);
Config ToConfig(int64_t value);
Config ToConfig(double value);
Config ToConfig(const std::string& value);
Config ToConfig(const std::vector<int64_t>& values);
Config ToConfig(const std::vector<double>& values);
Config ToConfig(const Padding& padding);  // "valid", "same", or [before, after] of every axis
Config ToConfig(const Sides2D& sides);    // [[top, bottom], [left, right]]
Config ToConfig(DataFormat format);
Config ToConfig(Interpolation interpolation);
Config ToConfig(const ActivationChoice& activation);
Config ToConfig(const Initializer& initializer);
Config ToConfig(const Regularizer& regularizer);
Config ToConfig(const Constraint& constraint);
Config ToConfig(VarianceScaling::Mode mode);
Config ToConfig(VarianceScaling::Distribution distribution);

// Each throws Error, without a place, for a value that it cannot be.
void FromConfig(const Config& config, KerasVersion version, bool& value);
void FromConfig(const Config& config, KerasVersion version, int64_t& value);
void FromConfig(const Config& config, KerasVersion version, double& value);
void FromConfig(const Config& config, KerasVersion version, std::string& value);
void FromConfig(const Config& config, KerasVersion version, std::vector<int64_t>& values);  // null: none
void FromConfig(const Config& config, KerasVersion version, std::vector<double>& values);   // of any depth, in order
void FromConfig(const Config& config, KerasVersion version, Padding& padding);
void FromConfig(const Config& config, KerasVersion version, Sides2D& sides);
void FromConfig(const Config& config, KerasVersion version, DataFormat& format);
void FromConfig(const Config& config, KerasVersion version, Interpolation& interpolation);
void FromConfig(const Config& config, KerasVersion version, ActivationChoice& activation);
void FromConfig(const Config& config, KerasVersion version, Initializer& initializer);
void FromConfig(const Config& config, KerasVersion version, Regularizer& regularizer);
void FromConfig(const Config& config, KerasVersion version, Constraint& constraint);
void FromConfig(const Config& config, KerasVersion version, VarianceScaling::Mode& mode);
void FromConfig(const Config& config, KerasVersion version, VarianceScaling::Distribution& distribution);

template <typename T>
Config ToConfig(const std::optional<T>& value) {
  return value ? ToConfig(*value) : Config();
}

template <typename T>
void FromConfig(const Config& config, KerasVersion version, std::optional<T>& value) {
  value.reset();
  if (!config.IsNull()) FromConfig(config, version, value.emplace());
}

template <int rank>
Config ToConfig(const PerAxis<rank>& numbers) {
  return numbers.given() ? ToConfig(numbers.values()) : Config();
}

[[noreturn]] void FailPerAxis(int rank, const Config& config);

template <int rank>
void FromConfig(const Config& config, KerasVersion version, PerAxis<rank>& numbers) {
  if (config.IsNull()) {
    numbers = {};
    return;
  }
  std::vector<int64_t> values;
  FromConfig(config, version, values);
  if (values.size() == 1) {
    numbers = PerAxis<rank>(values[0]);
    return;
  }
  if (values.size() != rank) FailPerAxis(rank, config);
  if constexpr (rank == 2) {
    numbers = {values[0], values[1]};
  } else if constexpr (rank == 3) {
    numbers = {values[0], values[1], values[2]};
  }
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_CONFIG_VALUES_H_
