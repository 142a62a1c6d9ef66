#include "convscope/tasks/list_runs.h"

#include <fmt/format.h>

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/training_figures.h"

namespace convscope {

std::vector<ListedRun> ListRuns(const std::filesystem::path& folder) {
  std::vector<ListedRun> runs;
  for (const RunFolder& run : FindRuns(folder)) {
    std::string name = run.path.lexically_relative(folder).string();
    if (name == ".") name = std::filesystem::absolute(run.path).lexically_normal().filename().string();
    runs.push_back({.name = name, .folder = run, .record = ReadRunRecord(run)});
  }
  return runs;
}

std::string RunsText(const std::vector<ListedRun>& runs) {
  if (runs.empty()) return "no runs\n";
  size_t name = 3, model = 5, data = 4;
  for (const ListedRun& run : runs) {
    name = std::max(name, run.name.size());
    model = std::max(model, run.record.settings.model.size());
    data = std::max(data, run.record.settings.data.size());
  }
  std::string text =
      fmt::format("{:<{}}  {:<{}}  {:<{}}  {:>6}  {:>4}  {:>9}  {:>9}  {:>8}  {}\n", "run", name, "model", model,
                  "data", data, "epochs", "seed", "test loss", "accuracy", "seconds", "state");
  for (const ListedRun& run : runs) {
    const RunRecord& r = run.record;
    const auto number = [](const std::optional<double>& value) { return value ? fmt::format("{:.4f}", *value) : "-"; };
    text +=
        fmt::format("{:<{}}  {:<{}}  {:<{}}  {:>6}  {:>4}  {:>9}  {:>9}  {:>8.1f}  {}\n", run.name, name,
                    r.settings.model, model, r.settings.data, data, fmt::format("{}/{}", r.epochs, r.settings.epochs),
                    r.settings.seed, number(r.test_loss), number(r.test_accuracy), r.seconds, r.state);
  }
  return text;
}

std::string RunsJson(const std::vector<ListedRun>& runs) {
  internal::Json json = {{"runs", internal::Json::array()}};
  for (const ListedRun& run : runs) {
    internal::Json entry = {{"name", run.name},
                            {"folder", run.folder.path.string()},
                            {"state", run.record.state},
                            {"epochs", run.record.epochs},
                            {"seconds", run.record.seconds},
                            {"parameters", run.record.parameters}};
    if (run.record.test_loss) entry["test_loss"] = *run.record.test_loss;
    if (run.record.test_accuracy) entry["test_accuracy"] = *run.record.test_accuracy;
    entry["settings"] = internal::Json::parse(SettingsJson(run.record.settings));
    json["runs"].push_back(std::move(entry));
  }
  return internal::JsonText(json);
}

Figure RunsFigure(const std::vector<ListedRun>& runs) {
  if (runs.empty()) throw Error({.where = "runs", .rule = "there is a run to draw", .received = "none"});
  std::vector<NamedHistory> histories;
  for (const ListedRun& run : runs) histories.push_back({run.name, ReadRunHistory(run.folder)});
  return ComparedCurvesFigure(histories);
}

}  // namespace convscope
