#include "convscope/base/output_folder.h"

#include <system_error>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/internal/temporary_name.h"

namespace convscope {

// The folders that were missing, innermost first.
struct OutputFolder::Made {
  std::vector<std::filesystem::path> folders;
  std::vector<internal::TemporaryName> names;

  ~Made() {
    std::error_code not_empty;
    for (const std::filesystem::path& folder : folders) std::filesystem::remove(folder, not_empty);
  }
};

OutputFolder::OutputFolder(const std::filesystem::path& folder) : made_(std::make_unique<Made>()) {
  std::error_code failure;
  for (std::filesystem::path missing = folder; !missing.empty() && !std::filesystem::exists(missing, failure);
       missing = missing.parent_path()) {
    made_->folders.push_back(missing);
    made_->names.emplace_back(missing, internal::TemporaryName::Kind::kFolder);
  }
  std::filesystem::create_directories(folder, failure);
  // Succeeds, as some libraries see it, when a file has that name.
  if (!failure && !std::filesystem::is_directory(folder)) failure = std::make_error_code(std::errc::not_a_directory);
  if (failure) {
    throw Error({.where = folder.string(),
                 .rule = "the folder must exist, or it must be possible to make it",
                 .received = failure.message(),
                 .fix = "choose another folder"});
  }
}

OutputFolder::~OutputFolder() = default;

}  // namespace convscope
