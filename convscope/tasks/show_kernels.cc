#include "convscope/tasks/show_kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "convscope/filters/expression.h"
#include "convscope/filters/preset.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/kernel_panels.h"

namespace convscope {
namespace {

using internal::Json;
using internal::JsonText;

constexpr double kSheetHeight = 90;  // of a kernel, in points
constexpr int64_t kSmall = 4;        // rows or columns that fit into it with their numbers

// "gaussian:size=5,sigma=1": what may be written to get the standard kernel.
std::string Signature(const Preset& preset) {
  std::string text(preset.name);
  for (size_t i = 0; i < preset.parameters.size(); ++i) {
    const PresetParameter& parameter = preset.parameters[i];
    text += fmt::format("{}{}={}", i == 0 ? ":" : ",", parameter.name, parameter.standard);
  }
  return text;
}

const char* KindName(PresetParameter::Kind kind) {
  switch (kind) {
    case PresetParameter::Kind::kReal:
      return "number";
    case PresetParameter::Kind::kWhole:
      return "whole number";
    case PresetParameter::Kind::kOdd:
      return "odd number";
  }
  return "";
}

std::string ParameterText(const PresetParameter& parameter) {
  return fmt::format("{}: {}, {} from {} to {}{}{}, default {}", parameter.name, parameter.description,
                     KindName(parameter.kind), parameter.low, parameter.high, parameter.unit.empty() ? "" : " ",
                     parameter.unit, parameter.standard);
}

// The values of the axes from `axis` on, nested.
Json Nested(const Tensor& tensor, int axis, int64_t offset) {
  if (axis == tensor.shape().rank()) return tensor.data()[offset];
  Json list = Json::array();
  int64_t step = 1;
  for (int i = axis + 1; i < tensor.shape().rank(); ++i) step *= tensor.shape()[i];
  for (int64_t i = 0; i < tensor.shape()[axis]; ++i) list.push_back(Nested(tensor, axis + 1, offset + i * step));
  return list;
}

Json KernelJson(const Kernel& kernel) {
  const auto lengths = kernel.values.shape().lengths();
  return {{"name", kernel.name},
          {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
          {"bias", kernel.bias},
          {"values", Nested(kernel.values, 0, 0)}};
}

// The preset that a kernel's name starts with, when the name is a preset and nothing else.
const Preset* PresetOf(const Kernel& kernel) {
  const std::string_view name = std::string_view(kernel.name).substr(0, kernel.name.find(':'));
  const auto presets = Presets();
  const auto found = std::find_if(presets.begin(), presets.end(), [&](const Preset& p) { return p.name == name; });
  return found == presets.end() ? nullptr : &*found;
}

// The plane of channel c and filter f as lines of right-aligned numbers.
std::string PlaneText(const Tensor& kernel, int64_t c, int64_t f) {
  const Shape& shape = kernel.shape();
  const int64_t channels = shape.rank() > 2 ? shape[2] : 1, filters = shape.rank() > 3 ? shape[3] : 1;
  std::vector<std::string> cells;
  size_t width = 0;
  for (int64_t cell = 0; cell < shape[0] * shape[1]; ++cell) {
    cells.push_back(NumberText(kernel.data()[(cell * channels + c) * filters + f]));
    width = std::max(width, cells.back().size());
  }
  std::string text;
  for (int64_t r = 0; r < shape[0]; ++r) {
    text += " ";
    for (int64_t s = 0; s < shape[1]; ++s) text += fmt::format(" {:>{}}", cells[r * shape[1] + s], width);
    text += "\n";
  }
  return text;
}

// What the numbers of a kernel do not tell.
std::string Facts(const Kernel& kernel) {
  std::string text;
  const Preset* preset = PresetOf(kernel);
  if (preset != nullptr && preset->divisor != 1) text += fmt::format(", divided by {}", preset->divisor);
  if (kernel.bias != 0) text += ", bias " + NumberText(kernel.bias);
  return text;
}

}  // namespace

std::string PresetListText() {
  size_t width = 0;
  for (const Preset& preset : Presets()) width = std::max(width, Signature(preset).size());
  std::string text;
  std::string_view family;
  for (const Preset& preset : Presets()) {
    if (preset.family != family) text += fmt::format("{}{}\n", family.empty() ? "" : "\n", preset.family);
    family = preset.family;
    text += fmt::format("  {:<{}}  {}\n", Signature(preset), width, preset.description);
  }
  return text;
}

std::string PresetListJson() {
  Json presets = Json::array();
  for (const Preset& preset : Presets()) {
    Json parameters = Json::array();
    for (const PresetParameter& parameter : preset.parameters) {
      parameters.push_back({{"name", parameter.name},
                            {"description", parameter.description},
                            {"kind", KindName(parameter.kind)},
                            {"unit", parameter.unit},
                            {"low", parameter.low},
                            {"high", parameter.high},
                            {"standard", parameter.standard}});
    }
    Json json = KernelJson(BuildPreset(preset));
    json["family"] = preset.family;
    json["description"] = preset.description;
    json["source"] = preset.source;
    json["parameters"] = std::move(parameters);
    presets.push_back(std::move(json));
  }
  return JsonText({{"presets", std::move(presets)}});
}

std::vector<Kernel> ParseKernels(const std::vector<std::string>& expressions) {
  std::vector<Kernel> kernels;
  for (const std::string& expression : expressions) kernels.push_back(ParseKernel(expression));
  return kernels;
}

std::string KernelsText(const std::vector<Kernel>& kernels) {
  std::string text;
  for (const Kernel& kernel : kernels) {
    const Shape& shape = kernel.values.shape();
    double sum = 0;
    for (const float value : kernel.values.view().span()) sum += value;
    text += fmt::format("{}{}: shape {}, sum {}", text.empty() ? "" : "\n", kernel.name, shape.ToString(),
                        NumberText(static_cast<float>(sum)));
    if (kernel.bias != 0) text += fmt::format(", bias {}", NumberText(kernel.bias));
    text += "\n";
    const int64_t channels = shape.rank() > 2 ? shape[2] : 1, filters = shape.rank() > 3 ? shape[3] : 1;
    for (int64_t f = 0; f < filters; ++f) {
      for (int64_t c = 0; c < channels; ++c) {
        if (channels * filters > 1) text += fmt::format("  filter {}, channel {}\n", f, c);
        text += PlaneText(kernel.values, c, f);
      }
    }
    if (const Preset* preset = PresetOf(kernel)) {
      text += fmt::format("  {}\n", preset->description);
      for (const PresetParameter& parameter : preset->parameters)
        text += fmt::format("  {}\n", ParameterText(parameter));
      text += fmt::format("  source: {}\n", preset->source);
    }
  }
  return text;
}

std::string KernelsJson(const std::vector<Kernel>& kernels) {
  Json list = Json::array();
  for (const Kernel& kernel : kernels) list.push_back(KernelJson(kernel));
  return JsonText({{"kernels", std::move(list)}});
}

OwningFigure MakeKernelSheet(const std::vector<Kernel>& kernels) {
  OwningFigure made;
  std::vector<Kernel> standard;
  if (kernels.empty()) {
    for (const Preset& preset : Presets()) standard.push_back(BuildPreset(preset));
  }
  made.figure.panel_height = kSheetHeight;
  // Presets that need room come last, by themselves, and leave the others their even lines; kernels that were asked for
  // keep their order.
  std::vector<Panel> large;
  made.figure.rows.emplace_back();
  for (const Kernel& kernel : kernels.empty() ? standard : kernels) {
    const Shape& shape = kernel.values.shape();
    const int64_t filters = shape.rank() > 3 ? shape[3] : 1;
    const Tensor bank = kernel.values.Clone().Reshaped({shape[0], shape[1], shape.rank() > 2 ? shape[2] : 1, filters});
    internal::KernelNames names{.titles = {kernel.name}, .labels = {kernel.name}, .legend = ""};
    if (filters > 1) names = {};
    for (int64_t f = 0; filters > 1 && f < filters; ++f) {
      names.titles.push_back(fmt::format("{} {}", kernel.name, f));
      names.labels.push_back(std::to_string(f));
    }
    std::vector<Panel> panels = internal::KernelPanels(bank, names, {}, made.arrays);
    for (Panel& panel : panels) panel.caption += Facts(kernel);
    if (panels.size() == 1) panels[0].title = kernel.name;
    std::vector<std::vector<Panel>> rows = internal::RowsOfKernels(std::move(panels), bank.shape());
    const bool needs_room = shape[0] > kSmall || shape[1] > kSmall;
    if (rows.size() == 1) {
      std::vector<Panel>& shared = kernels.empty() && needs_room ? large : made.figure.rows.back();
      for (Panel& panel : rows[0]) shared.push_back(std::move(panel));
    } else {
      for (std::vector<Panel>& row : rows) made.figure.rows.push_back(std::move(row));
      made.figure.rows.emplace_back();  // of what follows
    }
  }
  made.figure.rows.push_back(std::move(large));
  return made;
}

}  // namespace convscope
