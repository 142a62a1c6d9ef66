#include "convscope/tasks/number_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/figures/scale.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/internal/html_text.h"

namespace convscope {
namespace {

// A ground on which both black and white text can be read: black is set beside it.
constexpr std::string_view kGreen = "\x1b[30;48;5;114m", kPlain = "\x1b[0m";

}  // namespace

std::string NumberTableText(TensorView<const float> map, int width, bool colours) {
  const int64_t rows = map.shape()[0], columns = map.shape()[1];
  std::vector<std::string> cells;
  size_t widest = fmt::format("{}", columns - 1).size();
  for (const float value : map.span()) {
    cells.push_back(NumberText(value));
    widest = std::max(widest, cells.back().size());
  }
  const size_t row_name = fmt::format("{}", rows - 1).size();
  const auto room = static_cast<int64_t>(width) - static_cast<int64_t>(row_name);
  const int64_t block = std::max<int64_t>(1, room / static_cast<int64_t>(widest + 1));
  std::string text;
  for (int64_t first = 0; first < columns; first += block) {
    const int64_t last = std::min(columns, first + block);
    if (first > 0) text += "\n";
    text += std::string(row_name, ' ');
    for (int64_t x = first; x < last; ++x) text += fmt::format(" {:>{}}", x, widest);
    text += "\n";
    for (int64_t y = 0; y < rows; ++y) {
      text += fmt::format("{:>{}}", y, row_name);
      for (int64_t x = first; x < last; ++x) {
        const std::string cell = fmt::format("{:>{}}", cells[static_cast<size_t>(y * columns + x)], widest);
        const bool green = colours && map[y * columns + x] > 0;
        text += green ? fmt::format(" {}{}{}", kGreen, cell, kPlain) : " " + cell;
      }
      text += "\n";
    }
  }
  return text;
}

std::string NumberTableCsv(TensorView<const float> map) {
  std::string text;
  for (int64_t i = 0; i < map.size(); ++i) {
    text += fmt::format("{}{}", map[i], (i + 1) % map.shape()[1] == 0 ? "\n" : ",");
  }
  return text;
}

std::string NumberTableHtml(TensorView<const float> map, const std::string& title) {
  const int64_t rows = map.shape()[0], columns = map.shape()[1];
  std::string body = "<p>Cells above 0 are green. Point at a cell for all its digits.</p>\n<div><table>\n<tr><th></th>";
  for (int64_t x = 0; x < columns; ++x) body += fmt::format("<th>{}</th>", x);
  body += "</tr>\n";
  for (int64_t y = 0; y < rows; ++y) {
    body += fmt::format("<tr><th>{}</th>", y);
    for (int64_t x = 0; x < columns; ++x) {
      const float value = map[y * columns + x];
      body += fmt::format("<td{} title=\"row {}, column {}: {}\">{}</td>", value > 0 ? " class=\"positive\"" : "", y, x,
                          value, NumberText(value));
    }
    body += "</tr>\n";
  }
  body += "</table></div>\n";
  return internal::HtmlPage(
      title, body,
      "div { overflow-x: auto; }\ntable { border-collapse: collapse; font: 12px/1.3 ui-monospace, monospace; }\n"
      "td, th { border: 1px solid var(--line); padding: 2px 5px; text-align: right; font-weight: normal; }\n"
      "th { opacity: 0.7; }\n.positive { background: #7fc97f; color: #000; }\n");
}

LayerTable TableOf(const Features& features, std::optional<int64_t> channel) {
  if (features.layers.size() != 1) {
    throw Error({.where = "table",
                 .rule = "a table shows one map of one layer",
                 .received = fmt::format("{} layers", features.layers.size()),
                 .fix = "name the layer"});
  }
  const std::string& layer = features.layers[0];
  const TensorView<const float> maps = MapsOf(features.trace[layer], layer);
  const bool units = maps.shape()[0] * maps.shape()[1] == 1;
  if (units && !channel) {
    return {.map = Tensor::Of({1, maps.shape()[2]}, maps.span()),
            .title = fmt::format("{}, all {} units, of {}", layer, maps.shape()[2], features.shown.source),
            .note = ""};
  }
  const int64_t chosen = channel.value_or(0), count = maps.shape()[2];
  std::string note;
  if (!channel && count > 1) note = fmt::format("the first of {} maps: --channel chooses another", count);
  return {.map = OneMap(maps, chosen, layer),
          .title = fmt::format("{}, {} {} of {}", layer, units ? "unit" : "map", chosen, features.shown.source),
          .note = std::move(note)};
}

bool IsTablePath(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  return ending == ".csv" || ending == ".html";
}

void SaveNumberTable(TensorView<const float> map, const std::string& title, const std::filesystem::path& path) {
  const std::string text = LowerCaseEnding(path) == ".csv" ? NumberTableCsv(map) : NumberTableHtml(map, title);
  WriteFileAtomically(path, std::array<std::string_view, 1>{text});
}

}  // namespace convscope
