// What readers of data sets ask of the files beside their arrays.
#ifndef CONVSCOPE_DATASETS_INTERNAL_PLAIN_FILES_H_
#define CONVSCOPE_DATASETS_INTERNAL_PLAIN_FILES_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "convscope/base/text.h"

namespace convscope::internal {

inline bool IsFile(const std::filesystem::path& path) {
  std::error_code failure;
  return std::filesystem::is_regular_file(path, failure);
}

// Names of classes, one a line; empty lines are passed over.
inline std::vector<std::string> ParseClassNames(std::string_view text) {
  std::vector<std::string> names;
  for (std::string& line : Split(text, '\n')) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(std::move(line));
  }
  return names;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_DATASETS_INTERNAL_PLAIN_FILES_H_
