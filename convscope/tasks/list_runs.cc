#include "convscope/tasks/list_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/tasks/internal/history_json.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/number_in.h"

namespace convscope {

namespace {

std::string NameBelow(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::string name = path.lexically_relative(folder).string();
  return name == "." ? std::filesystem::absolute(path).lexically_normal().filename().string() : name;
}

}  // namespace

RunList ListRuns(const std::filesystem::path& folder) {
  RunList list;
  for (const FoundFolder& found : FindRuns(folder)) {
    const std::string name = NameBelow(found.path, folder);
    if (!found.problem.empty()) {
      list.skipped.push_back({name, found.problem});
      continue;
    }
    const RunFolder run{found.path};
    try {
      list.runs.push_back({.name = name, .folder = run, .record = ReadRunRecord(run)});
    } catch (const Error& error) {
      list.skipped.push_back({name, error.what()});
    }
  }
  return list;
}

RunComparison CompareRuns(const std::vector<ListedRun>& runs) {
  RunComparison comparison;
  for (const ListedRun& run : runs) {
    try {
      History history = ReadRunHistory(run.folder);
      if (history.epochs.empty()) {
        comparison.skipped.push_back({run.name, fmt::format("no epoch is done yet, which is what runs are compared by "
                                                            "({} of its first one)",
                                                            CountText(std::ssize(history.step_losses), "step"))});
      } else {
        comparison.histories.push_back({run.name, std::move(history)});
      }
    } catch (const Error& error) {
      comparison.skipped.push_back({run.name, error.what()});
    }
  }
  return comparison;
}

std::string SkippedText(const std::vector<SkippedFolder>& skipped) {
  std::string text;
  for (const auto& [name, why] : skipped) text += fmt::format("skipped {}: {}\n", name, why);
  return text;
}

std::string ComparisonText(const RunComparison& comparison) {
  const std::string why = WhyTrainingCurves(comparison.histories);
  return (why.empty() ? "" : why + "\n") + SkippedText(comparison.skipped);
}

// Of a table's last column: why a run failed may fill a paragraph, which --json has whole.
std::string ShortState(const std::string& state) {
  size_t end = 60;
  if (state.size() <= end) return state;
  while ((static_cast<unsigned char>(state[end]) & 0xC0) == 0x80) --end;  // not within a character
  return state.substr(0, end) + " ...";
}

// "2/5"; where a third epoch was broken off, how much of it was done: "2.40/5".
std::string EpochsText(const RunRecord& record) {
  const int64_t batch = record.settings.batch_size;
  const int64_t epoch_steps = batch > 0 ? (record.train_pictures + batch - 1) / batch : 0;
  if (epoch_steps == 0 || record.steps <= record.epochs * epoch_steps) {
    return fmt::format("{}/{}", record.epochs, record.settings.epochs);
  }
  const double done = static_cast<double>(record.steps) / static_cast<double>(epoch_steps);
  return fmt::format("{:.2f}/{}", done, record.settings.epochs);
}

std::string RunsText(const RunList& list) {
  const std::vector<ListedRun>& runs = list.runs;
  if (runs.empty()) return "no runs\n" + SkippedText(list.skipped);
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
    const auto number = [](const std::optional<double>& value) {
      return value ? internal::NumberIn("{:.4f}", *value) : "-";
    };
    text += fmt::format("{:<{}}  {:<{}}  {:<{}}  {:>6}  {:>4}  {:>9}  {:>9}  {:>8.1f}  {}\n", run.name, name,
                        r.settings.model, model, r.settings.data, data, EpochsText(r), r.settings.seed,
                        number(r.test_loss), number(r.test_accuracy), r.seconds, ShortState(r.state));
  }
  return text + SkippedText(list.skipped);
}

std::string RunsJson(const RunList& list, const RunComparison* comparison) {
  internal::Json json = {{"runs", internal::Json::array()}, {"skipped", internal::Json::array()}};
  for (const ListedRun& run : list.runs) {
    internal::Json entry = {{"name", run.name},
                            {"folder", run.folder.path.string()},
                            {"state", run.record.state},
                            {"epochs", run.record.epochs},
                            {"steps", run.record.steps},
                            {"seconds", run.record.seconds},
                            {"parameters", run.record.parameters}};
    if (run.record.test_loss) entry["test_loss"] = *run.record.test_loss;
    if (run.record.test_accuracy) entry["test_accuracy"] = *run.record.test_accuracy;
    entry["settings"] = internal::Json::parse(SettingsJson(run.record.settings));
    if (comparison != nullptr) {
      for (const NamedHistory& named : comparison->histories) {
        if (named.name == run.name) entry["history"] = internal::HistoryJson(named.history);
      }
    }
    json["runs"].push_back(std::move(entry));
  }
  const auto skip = [&](const std::vector<SkippedFolder>& skipped) {
    for (const auto& [name, why] : skipped) json["skipped"].push_back({{"name", name}, {"why", why}});
  };
  skip(list.skipped);
  if (comparison != nullptr) skip(comparison->skipped);
  return internal::JsonText(json);
}

Figure RunsFigure(const RunComparison& comparison) {
  if (comparison.histories.empty()) {
    throw Error({.where = "runs", .rule = "runs are compared by their epochs", .received = "no run that has done one"});
  }
  return ComparedCurvesFigure(comparison.histories);
}

}  // namespace convscope
