#include "convscope/tasks/run_data.h"

#include <filesystem>
#include <system_error>

#include "convscope/datasets/named_dataset.h"

namespace convscope {
namespace {

bool IsDataOf(const std::string& source, const RunRecord& run) {
  if (FindNamedDataset(source) != nullptr) return source == run.settings.data;
  std::error_code failure;
  return std::filesystem::equivalent(source, run.data, failure);
}

}  // namespace

std::optional<RunRecord> RunOf(const std::string& model) {
  const RunFolder folder{model};
  if (!folder.HasRun()) return std::nullopt;
  return ReadRunRecord(folder);
}

OpenDataOptions AsTrained(OpenDataOptions options, const RunRecord& run) {
  const bool no_size = options.size[0] == 0 && !run.settings.size.empty();
  // Named data have sizes of their own.
  if (no_size && FindNamedDataset(options.source) == nullptr) {
    options.size = ParsePictureSize(run.settings.size, "size");
  }
  if (!options.test_fraction && IsDataOf(options.source, run)) options.test_fraction = run.settings.test_fraction;
  return options;
}

}  // namespace convscope
