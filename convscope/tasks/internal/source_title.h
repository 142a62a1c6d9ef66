// What a figure calls a picture: a path there takes a line, and says little that the file's name does not. Not for
// users.
#ifndef CONVSCOPE_TASKS_INTERNAL_SOURCE_TITLE_H_
#define CONVSCOPE_TASKS_INTERNAL_SOURCE_TITLE_H_

#include <filesystem>
#include <string>

namespace convscope::internal {

// "data/pictures/coffee.png" -> "coffee.png"; "mnist test 7" stays.
inline std::string SourceTitle(const std::string& source) {
  const std::string name = std::filesystem::path(source).filename().string();
  return name.empty() ? source : name;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_SOURCE_TITLE_H_
