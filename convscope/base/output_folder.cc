#include "convscope/tasks/internal/output_folder.h"

#include <system_error>

#include "convscope/base/error.h"

namespace convscope::internal {
namespace {

void RemoveEmpty(const std::vector<std::filesystem::path>& folders) {
  std::error_code not_empty;
  for (const std::filesystem::path& folder : folders) std::filesystem::remove(folder, not_empty);
}

}  // namespace

OutputFolder::OutputFolder(const std::filesystem::path& folder) {
  std::error_code failure;
  for (std::filesystem::path missing = folder; !missing.empty() && !std::filesystem::exists(missing, failure);
       missing = missing.parent_path()) {
    made_.push_back(missing);
  }
  std::filesystem::create_directories(folder, failure);
  // Succeeds, as some libraries see it, when a file has that name.
  if (!failure && !std::filesystem::is_directory(folder)) failure = std::make_error_code(std::errc::not_a_directory);
  if (failure) {
    RemoveEmpty(made_);
    throw Error({.where = folder.string(),
                 .rule = "the folder must exist, or it must be possible to make it",
                 .received = failure.message(),
                 .fix = "choose another folder"});
  }
}

OutputFolder::~OutputFolder() {
  RemoveEmpty(made_);
}

}  // namespace convscope::internal
