#include "convscope/filters/preset.h"

#include <cmath>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

void CheckArgument(const Preset& preset, const PresetParameter& parameter, double value) {
  const bool whole = parameter.kind == PresetParameter::Kind::kReal || value == std::floor(value);
  const bool odd = parameter.kind != PresetParameter::Kind::kOdd || std::fmod(value, 2) == 1;
  if (value >= parameter.low && value <= parameter.high && whole && odd) return;
  const char* kind = parameter.kind == PresetParameter::Kind::kReal    ? "a number"
                     : parameter.kind == PresetParameter::Kind::kWhole ? "a whole number"
                                                                       : "an odd number";
  throw Error({.where = std::string(preset.name),
               .rule = Concat(parameter.name, " must be ", kind, " from ", ShortestText(parameter.low), " to ",
                              ShortestText(parameter.high), parameter.unit.empty() ? "" : " ", parameter.unit),
               .received = ShortestText(value)});
}

}  // namespace

const Preset& FindPreset(std::string_view name) {
  std::vector<std::string> names;
  for (const Preset& preset : Presets()) {
    if (preset.name == name) return preset;
    names.emplace_back(preset.name);
  }
  throw Error({.rule = "a kernel's name must be that of a preset",
               .received = Concat('"', name, '"'),
               .fix = DidYouMean(name, names)});
}

Matrix PresetMatrix(const Preset& preset, std::span<const double> arguments) {
  std::vector<double> values;
  for (const PresetParameter& parameter : preset.parameters) values.push_back(parameter.standard);
  if (!arguments.empty()) {
    if (arguments.size() != values.size()) {
      throw Error({.where = std::string(preset.name),
                   .rule = Concat("it must be given ", values.size(), " values, one a parameter, or none"),
                   .received = Concat(arguments.size())});
    }
    values.assign(arguments.begin(), arguments.end());
  }
  for (size_t i = 0; i < values.size(); ++i) CheckArgument(preset, preset.parameters[i], values[i]);
  Matrix matrix = preset.matrix(values);
  // Divided, not multiplied by the inverse, which would round twice.
  for (double& value : matrix.values) value /= preset.divisor;
  return matrix;
}

double PresetBias(const Preset& preset) {
  return preset.offset / 255;
}

Kernel BuildPreset(const Preset& preset, std::span<const double> arguments) {
  return MakeKernel(std::string(preset.name), PresetMatrix(preset, arguments), PresetBias(preset));
}

}  // namespace convscope
