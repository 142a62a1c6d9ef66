#include "convscope/tasks/filter_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/figures/scale.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::Json;
using internal::JsonText;

std::string RangeText(const ValueRange& range) {
  std::string text = fmt::format("{} to {}", NumberText(range.low), NumberText(range.high));
  if (range.not_finite == range.count) text = "none finite";
  if (range.not_finite > 0) text += fmt::format(" ({} of {} not finite)", range.not_finite, range.count);
  return text;
}

std::string KernelText(const KernelBank& bank, const Graph& graph) {
  std::string text;
  for (size_t i = 0; i < bank.names.size() && i < 4; ++i) text += (i > 0 ? ", " : "") + bank.names[i];
  if (bank.names.size() > 4) text += fmt::format(", ... ({} kernels)", bank.names.size());
  const int64_t channels = graph["input"].type.shape.back();
  if (bank.channels() == 1 && channels > 1) text += fmt::format(", on each of {} channels alone", channels);
  return text;
}

std::string NodeText(const NodeReport& report) {
  // Three digits, or whole milliseconds.
  const std::string time = report.milliseconds < 1000 ? fmt::format("{:.3g}", report.milliseconds)
                                                      : fmt::format("{:.0f}", report.milliseconds);
  return fmt::format("{}{}, {} ms", report.type, report.path.empty() ? "" : ", path " + report.path, time);
}

// "  saved in numbers: input.npy, kernel.npy, conv.npy"
std::string SavedText(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const std::filesystem::path& file : files) {
    text += text.empty() ? fmt::format("  saved in {}: ", file.parent_path().string()) : ", ";
    text += file.filename().string();
  }
  return text + "\n";
}

Json TensorJson(const GraphTensor& tensor, const Tensor& values) {
  constexpr const char* kRoles[] = {"input", "parameter", "computed"};
  const ValueRange range = ExtremesOf(values.view());
  const auto lengths = tensor.type.shape.lengths();
  const bool any = range.not_finite < range.count;
  return {{"name", tensor.name},
          {"role", kRoles[static_cast<int>(tensor.role)]},
          {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
          {"dtype", Name(tensor.type.dtype)},
          {"low", any ? Json(range.low + 0.0f) : Json()},  // -0 + 0 is 0
          {"high", any ? Json(range.high + 0.0f) : Json()},
          {"not_finite", range.not_finite}};
}

Json NodeJson(const Graph& graph, const GraphNode& node, const NodeReport& report) {
  Json attributes = Json::object();
  for (const Attribute& attribute : node.operation->attributes()) {
    std::visit([&](const auto& value) { attributes[attribute.name] = value; }, attribute.value);
  }
  const auto names = [&](const std::vector<int>& tensors) {
    Json list = Json::array();
    for (const int tensor : tensors) list.push_back(graph.tensors()[tensor].name);
    return list;
  };
  return {{"name", node.name},
          {"type", report.type},
          {"attributes", std::move(attributes)},
          {"inputs", names(node.inputs)},
          {"outputs", names(node.outputs)},
          {"path", report.path.empty() ? Json() : Json(report.path)},
          {"milliseconds", report.milliseconds},
          {"multiply_adds", report.multiply_adds}};
}

}  // namespace

std::string FilterReportText(const FilterResult& result, const SavedFiles& saved) {
  std::string text;
  for (size_t p = 0; p < result.pictures.size(); ++p) {
    const FilteredPicture& picture = result.pictures[p];
    const Graph& graph = picture.trace.graph();
    std::vector<std::array<std::string, 4>> lines;
    for (const GraphTensor& tensor : graph.tensors()) {
      std::string remark;
      if (tensor.name == "kernel") remark = KernelText(result.bank, graph);
      for (const NodeReport& report : picture.trace.reports()) {
        if (report.node == tensor.name) remark = NodeText(report);
      }
      lines.push_back({tensor.name, tensor.type.shape.ToString(),
                       RangeText(ExtremesOf(picture.trace[tensor.name].view())), std::move(remark)});
    }
    std::array<size_t, 3> width{};
    for (const auto& line : lines) {
      for (size_t i = 0; i < width.size(); ++i) width[i] = std::max(width[i], line[i].size());
    }
    text += picture.source + "\n";
    for (const auto& line : lines) {
      std::string row =
          fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}", line[0], width[0], line[1], width[1], line[2], width[2], line[3]);
      row.erase(row.find_last_not_of(' ') + 1);
      text += row + "\n";
    }
    if (!saved.tensors.empty()) text += SavedText(saved.tensors[p]);
  }
  if (saved.clipped > 0) {
    text += fmt::format("{}: {} values outside black and white were clipped\n", saved.picture, saved.clipped);
  }
  return text;
}

std::string FilterReportJson(const FilterResult& result, const SavedFiles& saved) {
  // The bias that was added, whether a kernel brought it along or the options gave it: that of the first channel's
  // filters, which those of the others repeat.
  const Trace& first = result.pictures[0].trace;
  Json kernels = Json::array();
  for (size_t i = 0; i < result.bank.names.size(); ++i) {
    const float bias = first.graph().Has("bias") ? first["bias"].data()[i] : 0;
    kernels.push_back({{"name", result.bank.names[i]}, {"bias", bias}});
  }
  Json pictures = Json::array();
  for (size_t p = 0; p < result.pictures.size(); ++p) {
    const FilteredPicture& picture = result.pictures[p];
    const Graph& graph = picture.trace.graph();
    Json tensors = Json::array();
    for (size_t i = 0; i < graph.tensors().size(); ++i) {
      const GraphTensor& tensor = graph.tensors()[i];
      Json& json = tensors.emplace_back(TensorJson(tensor, picture.trace[tensor.name]));
      if (!saved.tensors.empty()) json["file"] = saved.tensors[p][i].string();
    }
    Json nodes = Json::array();
    for (size_t i = 0; i < graph.nodes().size(); ++i) {
      nodes.push_back(NodeJson(graph, graph.nodes()[i], picture.trace.reports()[i]));
    }
    pictures.push_back({{"source", picture.source}, {"tensors", std::move(tensors)}, {"nodes", std::move(nodes)}});
  }
  Json report = {{"kernels", std::move(kernels)}, {"pictures", std::move(pictures)}};
  if (!saved.picture.empty()) report["saved_picture"] = {{"file", saved.picture}, {"clipped", saved.clipped}};
  return JsonText(report);
}

}  // namespace convscope
