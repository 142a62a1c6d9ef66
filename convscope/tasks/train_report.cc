#include "convscope/tasks/train_report.h"

#include <fmt/format.h>

#include <vector>

#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

// What the folder holds now, of what a run may leave.
std::vector<std::string> FilesIn(const RunFolder& folder) {
  std::vector<std::string> files;
  for (const std::filesystem::path& path : {folder.model(), folder.best(), folder.history(), folder.record(),
                                            folder.checkpoint(), folder.curves(), folder.confusion()}) {
    if (std::filesystem::exists(path)) files.push_back(path.filename().string());
  }
  return files;
}

}  // namespace

std::string TrainReportText(const TrainOutcome& outcome, const std::filesystem::path& folder) {
  const RunRecord& record = outcome.record;
  std::string text;
  if (record.test_accuracy) {
    text += fmt::format("test loss {:.4f}, accuracy {:.4f} ({} of {})\n", *record.test_loss, *record.test_accuracy,
                        outcome.test.counts.correct(), outcome.test.counts.total());
  }
  if (record.state.starts_with("stopped")) text += record.state + "\n";
  if (outcome.interrupted) {
    text += fmt::format("interrupted after {} of {} epochs; go on with: convscope train --resume {}\n", record.epochs,
                        record.settings.epochs, folder.string());
  }
  return text + fmt::format("{}: {}\n", folder.string(), fmt::join(FilesIn({folder}), ", "));
}

std::string TrainReportJson(const TrainOutcome& outcome, const std::filesystem::path& folder) {
  const RunRecord& record = outcome.record;
  internal::Json json = {{"run", folder.string()},
                         {"state", record.state},
                         {"epochs", record.epochs},
                         {"steps", outcome.history.step_losses.size()},
                         {"seconds", record.seconds}};
  if (record.test_accuracy) {
    json["test_loss"] = *record.test_loss;
    json["test_accuracy"] = *record.test_accuracy;
  }
  json["files"] = FilesIn({folder});
  return internal::JsonText(json);
}

}  // namespace convscope
