#include "convscope/formats/matrix_text.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 28;
constexpr std::string_view kBlanks = " \t\r\v\f";

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return text.substr(text.size());
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

// The cells of a line, each a part of it. The first separator found of ";", "," and tab rules the line; without one,
// cells are parted by runs of blanks.
std::vector<std::string_view> Cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (const char separator : {';', ',', '\t'}) {
    if (line.find(separator) == std::string_view::npos) continue;
    while (true) {
      const size_t end = line.find(separator);
      cells.push_back(Trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return cells;
      line.remove_prefix(end + 1);
    }
  }
  while (!line.empty()) {
    const std::string_view cell = line.substr(0, line.find_first_of(kBlanks));
    cells.push_back(cell);
    line.remove_prefix(cell.size());
    line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  }
  return cells;
}

}  // namespace

Tensor ParseMatrixText(std::string_view text, const std::string& where) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // the byte order mark that spreadsheets write
  std::vector<float> values;
  int64_t rows = 0;
  size_t columns = 0;
  int64_t line_number = 0;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view whole = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    ++line_number;
    const std::string_view line = Trimmed(whole.substr(0, whole.find('#')));
    if (line.empty()) continue;
    const std::vector<std::string_view> cells = Cells(line);
    if (rows == 0) columns = cells.size();
    if (cells.size() != columns) {
      throw Error({.where = Concat(where, ": line ", line_number),
                   .rule = Concat("every row of a matrix must have as many values as the first, ", columns),
                   .received = Concat(cells.size())});
    }
    for (const std::string_view cell : cells) {
      const auto place = [&] { return Concat("line ", line_number, ", column ", cell.data() - whole.data() + 1); };
      if (cell.empty())
        throw Error({.where = Concat(where, ": ", place()), .rule = "a matrix must have no empty places"});
      try {
        values.push_back(static_cast<float>(ParseNumber(cell, "")));
      } catch (const Error& error) {
        throw error.At(place()).At(where);
      }
    }
    ++rows;
  }
  if (rows == 0) throw Error({.where = where, .rule = "a matrix must have at least one value", .received = "none"});
  return Tensor::Of(Shape{rows, static_cast<int64_t>(columns)}, values);
}

Tensor ReadMatrixText(const std::filesystem::path& path) {
  return ParseMatrixText(ReadFile(path, kMostBytes), path.string());
}

}  // namespace convscope
