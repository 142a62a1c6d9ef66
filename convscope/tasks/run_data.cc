#include "convscope/tasks/run_data.h"

#include <filesystem>
#include <system_error>

#include "convscope/datasets/load_dataset.h"
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
  if (!HasOwnPictures(options.source)) {
    const TrainSettings& settings = run.settings;
    if (options.size[0] == 0 && !settings.size.empty()) options.size = ParsePictureSize(settings.size, "size");
    if (options.colour == ReadOptions::Colour::kKeep) options.colour = ColourOf(settings.grey, settings.rgb);
  }
  if (!options.test_fraction && IsDataOf(options.source, run)) options.test_fraction = run.settings.test_fraction;
  return options;
}

}  // namespace convscope
