#include "convscope/tasks/output_place.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "convscope/base/error.h"

namespace convscope {
namespace {

namespace fs = std::filesystem;

// Why files cannot be made in `folder`, which exists; empty when they can.
std::string Obstacle(const fs::path& folder) {
  std::error_code failure;
  if (!fs::is_directory(folder, failure)) return folder.string() + " is not a folder";
  return access(folder.c_str(), W_OK | X_OK) == 0 ? "" : folder.string() + ": " + std::strerror(errno);
}

fs::path Absolute(const fs::path& path) {
  std::error_code failure;
  const fs::path absolute = fs::absolute(path, failure).lexically_normal();
  const fs::path resolved = fs::weakly_canonical(absolute, failure);
  return failure ? absolute : resolved;
}

}  // namespace

void CheckOutputFile(const fs::path& file) {
  std::error_code failure;
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  std::string obstacle = fs::exists(folder, failure) ? Obstacle(folder) : folder.string() + " does not exist";
  if (obstacle.empty() && fs::is_directory(file, failure)) obstacle = "a folder of this name";
  if (obstacle.empty()) return;
  throw Error({.where = file.string(),
               .rule = "the file must be writable",
               .received = obstacle,
               .fix = "choose another folder, or make this one"});
}

void CheckOutputFolder(const fs::path& folder) {
  std::error_code failure;
  fs::path nearest = Absolute(folder);
  while (nearest.has_relative_path() && !fs::exists(nearest, failure)) nearest = nearest.parent_path();
  const std::string obstacle = Obstacle(nearest);
  if (obstacle.empty()) return;
  throw Error({.where = folder.string(),
               .rule = "the folder must exist and be writable, or it must be possible to make it",
               .received = obstacle,
               .fix = "choose another folder"});
}

bool SamePlace(const fs::path& a, const fs::path& b) {
  return Absolute(a) == Absolute(b);
}

}  // namespace convscope
