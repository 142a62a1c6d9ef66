#include "convscope/nn/internal/config_values.h"

#include <array>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

[[noreturn]] void Fail(const char* rule, const Config& config) {
  throw Error({.rule = rule, .received = config.ToText()});
}

// One of the names of an enumeration.
template <typename E, size_t n>
void FromNames(const Config& config, const std::array<std::pair<std::string_view, E>, n>& names, E& value) {
  std::vector<std::string> known;
  for (const auto& [name, meaning] : names) {
    known.emplace_back(name);
    if (config.AsString() == nullptr || *config.AsString() != name) continue;
    value = meaning;
    return;
  }
  std::string rule;
  for (const std::string& name : known) rule += (rule.empty() ? "expected \"" : "\" or \"") + name;
  throw Error({.rule = rule + '"', .received = config.ToText()});
}

template <typename E, size_t n>
Config ToName(const std::array<std::pair<std::string_view, E>, n>& names, E value) {
  for (const auto& [name, meaning] : names) {
    if (meaning == value) return name;
  }
  return {};
}

using Mode = VarianceScaling::Mode;
using Distribution = VarianceScaling::Distribution;
constexpr std::array<std::pair<std::string_view, DataFormat>, 2> kFormats = {
    {{"channels_last", DataFormat::kChannelsLast}, {"channels_first", DataFormat::kChannelsFirst}}};
constexpr std::array<std::pair<std::string_view, Interpolation>, 2> kInterpolations = {
    {{"nearest", Interpolation::kNearest}, {"bilinear", Interpolation::kBilinear}}};
constexpr std::array<std::pair<std::string_view, Mode>, 3> kModes = {
    {{"fan_in", Mode::kFanIn}, {"fan_out", Mode::kFanOut}, {"fan_avg", Mode::kFanAverage}}};
constexpr std::array<std::pair<std::string_view, Distribution>, 4> kDistributions = {
    {{"truncated_normal", Distribution::kTruncatedNormal},
     {"normal", Distribution::kTruncatedNormal},  // Keras 2's older name
     {"untruncated_normal", Distribution::kUntruncatedNormal},
     {"uniform", Distribution::kUniform}}};

}  // namespace

void FailPerAxis(int rank, const Config& config) {
  throw Error({.rule = Concat("expected one number, or one for each of ", rank, " axes"), .received = config.ToText()});
}

Config ToConfig(bool value) {
  return value;
}
Config ToConfig(int64_t value) {
  return value;
}
Config ToConfig(double value) {
  return value;
}
Config ToConfig(const std::string& value) {
  return value;
}
Config ToConfig(const std::vector<int64_t>& values) {
  return Config::List(values.begin(), values.end());
}
Config ToConfig(const std::vector<double>& values) {
  if (values.empty()) return {};  // null: not told
  return Config::List(values.begin(), values.end());
}
Config ToConfig(DataFormat format) {
  return ToName(kFormats, format);
}
Config ToConfig(Interpolation interpolation) {
  return ToName(kInterpolations, interpolation);
}
Config ToConfig(Mode mode) {
  return ToName(kModes, mode);
}
Config ToConfig(Distribution distribution) {
  return ToName(kDistributions, distribution);
}

Config ToConfig(const Padding& padding) {
  if (padding.kind == Padding::Kind::kExplicit) return Config::List{padding.before, padding.after};
  return padding.kind == Padding::Kind::kSame ? "same" : "valid";
}

Config ToConfig(const Sides2D& sides) {
  return Config::List{Config::List{sides.top, sides.bottom}, Config::List{sides.left, sides.right}};
}

Config ToConfig(const ActivationChoice& choice) {
  const Activation& activation = choice.value;
  // Keras 3's name; Keras 2 knows it as "swish" alone, which Keras 3 reads too.
  std::string text(Name(activation.kind));
  if (activation == MakeActivation(activation.kind)) return text;
  if (activation.kind == ActivationKind::kGelu) return text + ":tanh";
  text += ':' + ShortestText(activation.alpha);
  if (activation.kind == ActivationKind::kHardSigmoid) text += ':' + ShortestText(activation.beta);
  return text;
}

void FromConfig(const Config& config, KerasVersion, bool& value) {
  if (config.AsBool() == nullptr) Fail("expected true or false", config);
  value = *config.AsBool();
}

void FromConfig(const Config& config, KerasVersion, int64_t& value) {
  const Config& number =
      config.AsList() != nullptr && config.AsList()->size() == 1 ? config.AsList()->front() : config;  // "axis": [3]
  if (number.AsInteger() == nullptr) Fail("expected a whole number", config);
  value = *number.AsInteger();
}

void FromConfig(const Config& config, KerasVersion, double& value) {
  if (config.AsInteger() != nullptr) {
    value = static_cast<double>(*config.AsInteger());
  } else if (config.AsDouble() != nullptr && std::isfinite(*config.AsDouble())) {
    value = *config.AsDouble();
  } else {
    Fail("expected a finite number", config);
  }
}

void FromConfig(const Config& config, KerasVersion, std::string& value) {
  if (config.AsString() == nullptr) Fail("expected a text", config);
  value = *config.AsString();
}

void FromConfig(const Config& config, KerasVersion version, std::vector<int64_t>& values) {
  values.clear();
  if (config.IsNull()) return;
  if (config.AsList() == nullptr) {
    FromConfig(config, version, values.emplace_back());
    return;
  }
  for (const Config& entry : *config.AsList()) {
    if (entry.AsInteger() == nullptr) Fail("expected whole numbers", config);
    values.push_back(*entry.AsInteger());
  }
}

void FromConfig(const Config& config, KerasVersion version, std::vector<double>& values) {
  values.clear();
  if (config.IsNull()) return;
  const auto append = [&](const auto& self, const Config& entry) -> void {
    if (entry.AsList() == nullptr) {
      FromConfig(entry, version, values.emplace_back());
      return;
    }
    for (const Config& inner : *entry.AsList()) self(self, inner);
  };
  append(append, config);
}

void FromConfig(const Config& config, KerasVersion version, Padding& padding) {
  if (config.AsString() != nullptr && *config.AsString() == "valid") {
    padding = Padding::Valid();
  } else if (config.AsString() != nullptr && *config.AsString() == "same") {
    padding = Padding::Same();
  } else if (config.AsList() != nullptr && config.AsList()->size() == 2) {
    std::vector<int64_t> sides;
    FromConfig(config, version, sides);
    padding = Padding::Explicit(sides[0], sides[1]);
  } else {
    Fail("expected \"valid\" or \"same\"", config);
  }
}

void FromConfig(const Config& config, KerasVersion version, Sides2D& sides) {
  const Config::List* list = config.AsList();
  if (list != nullptr && list->size() == 2 && (*list)[0].AsList() != nullptr) {
    std::array<std::vector<int64_t>, 2> axes;
    for (size_t axis = 0; axis < 2; ++axis) {
      FromConfig((*list)[axis], version, axes[axis]);
      if (axes[axis].size() != 2) Fail("expected [[top, bottom], [left, right]]", config);
    }
    sides = {{axes[0][0], axes[0][1]}, {axes[1][0], axes[1][1]}};
    return;
  }
  PerAxis<2> numbers;
  FromConfig(config, version, numbers);
  sides = {numbers[0], numbers[1]};
}

void FromConfig(const Config& config, KerasVersion, DataFormat& format) {
  FromNames(config, kFormats, format);
}
void FromConfig(const Config& config, KerasVersion, Interpolation& interpolation) {
  FromNames(config, kInterpolations, interpolation);
}
void FromConfig(const Config& config, KerasVersion, Mode& mode) {
  FromNames(config, kModes, mode);
}
void FromConfig(const Config& config, KerasVersion, Distribution& distribution) {
  FromNames(config, kDistributions, distribution);
}

void FromConfig(const Config& config, KerasVersion version, ActivationChoice& activation) {
  // A bare name, or a function as Keras 3 may write it: {"class_name": "function", "config": "relu"}.
  const Config* name = config.AsObject() != nullptr ? config.Find("config") : &config;
  if (name == nullptr || name->IsNull()) {
    activation = {};
    return;
  }
  if (name->AsString() == nullptr) Fail("expected the name of an activation", config);
  std::string text = *name->AsString();
  if (text == "silu") text = "swish";
  if (text == "hard_silu") text = "hard_swish";
  activation = ActivationChoice(text);
  if (version == KerasVersion::k2 && text == "hard_sigmoid") activation.value.alpha = 0.2f;
}

}  // namespace convscope::internal
