// A map as a table of its numbers, the positive ones green: in a terminal, as CSV, as an HTML page.
#ifndef CONVSCOPE_TASKS_NUMBER_TABLE_H_
#define CONVSCOPE_TASKS_NUMBER_TABLE_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "convscope/tasks/show_features.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// map: (H, W). Rows and columns are numbered from 0. Where a row is wider than `width` characters the table goes on
// below with the columns that are left. `colours`: positive cells get a green ground, by escape sequences.
std::string NumberTableText(TensorView<const float> map, int width, bool colours);

// A line a row, numbers that read back as the same floats; no names.
std::string NumberTableCsv(TensorView<const float> map);
std::string NumberTableHtml(TensorView<const float> map, const std::string& title);

// What a table of the one layer of `features` shows: map `channel` (default: 0); of a layer without rows and columns
// unit `channel` alone (default: all, as one row).
struct LayerTable {
  Tensor map;         // (H, W)
  std::string title;  // "conv_1, map 39 of bag.png"
  std::string note;   // where no channel was asked for: of how many maps it is the first
};
// Throws Error where there are several layers or the layer has no such map or unit.
LayerTable TableOf(const Features& features, std::optional<int64_t> channel = {});

// Whether `path` ends as a table does: .csv or .html.
bool IsTablePath(const std::filesystem::path& path);
// Writes a .csv or .html file.
void SaveNumberTable(TensorView<const float> map, const std::string& title, const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_NUMBER_TABLE_H_
