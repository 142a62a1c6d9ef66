#include "convscope/tasks/run_folder.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/library_versions.h"
#include "convscope/base/parallel.h"
#include "convscope/formats/onnx.h"
#include "convscope/image/library_versions.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/run_lock.h"
#include "convscope/train/fit.h"

namespace convscope {
namespace {

constexpr int64_t kMostRecordBytes = int64_t{1} << 20;
constexpr int64_t kMostCheckpointBytes = int64_t{1} << 33;

// The processor as Linux calls it; empty elsewhere.
std::string ProcessorName() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "";
}

internal::Json MachineJson() {
  internal::Json json;
  utsname system{};
  if (uname(&system) == 0) {
    json["system"] = std::string(system.sysname) + " " + system.release;
    json["architecture"] = system.machine;
  }
  json["processor"] = ProcessorName();
  json["cores"] = std::thread::hardware_concurrency();
  json["threads"] = ThreadCount();
  return json;
}

internal::Json VersionsJson() {
  internal::Json json = {{"convscope", CONVSCOPE_VERSION}, {"compiler", __VERSION__}};
  for (const auto& [library, version] : CoreLibraryVersions()) json[library] = version;
  json["protobuf"] = ProtobufVersion();
  json["libvips"] = LibvipsVersion();
  return json;
}

// Of `folder` and all below it. Not a recursive_directory_iterator, which ends at the first folder that it cannot read.
void AddRuns(const std::filesystem::path& folder, std::vector<FoundFolder>* found) {
  if (RunFolder{folder}.HasRun()) found->push_back({folder, ""});
  std::error_code failure;
  std::filesystem::directory_iterator entry(folder, failure);
  for (; !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;
    if (std::filesystem::is_directory(entry->symlink_status(ignored))) AddRuns(entry->path(), found);
  }
  if (failure) found->push_back({folder, "cannot be read: " + failure.message()});
}

}  // namespace

void WriteRunRecord(const RunFolder& folder, const RunRecord& record) {
  internal::Json json;
  json["versions"] = VersionsJson();
  json["machine"] = MachineJson();
  json["state"] = record.state;
  json["settings"] = internal::Json::parse(SettingsJson(record.settings));
  json["data"] = {
      {"location", record.data}, {"train_pictures", record.train_pictures}, {"test_pictures", record.test_pictures}};
  json["parameters"] = record.parameters;
  json["process"] = static_cast<int64_t>(getpid());
  json["epochs"] = record.epochs;
  json["steps"] = record.steps;
  json["seconds"] = record.seconds;
  if (record.test_loss) json["test_loss"] = *record.test_loss;
  if (record.test_accuracy) json["test_accuracy"] = *record.test_accuracy;
  const std::string text = internal::JsonText(json);
  WriteFileAtomically(folder.record(), std::array<std::string_view, 1>{text});
}

RunRecord ReadRunRecord(const RunFolder& folder) {
  const std::string where = folder.record().string();
  const std::string text = ReadFile(folder.record(), kMostRecordBytes);
  RunRecord record;
  try {
    const auto json = internal::Json::parse(text);
    record.settings = ParseSettings(json.at("settings").dump(), where);
    json.at("state").get_to(record.state);
    const auto& data = json.at("data");
    data.at("location").get_to(record.data);
    data.at("train_pictures").get_to(record.train_pictures);
    data.at("test_pictures").get_to(record.test_pictures);
    json.at("parameters").get_to(record.parameters);
    json.at("epochs").get_to(record.epochs);
    record.steps = json.value("steps", int64_t{0});
    json.at("seconds").get_to(record.seconds);
    // A loss that was not finite is null in JSON.
    const auto number = [&](const char* name) -> std::optional<double> {
      if (!json.contains(name) || !json.at(name).is_number()) return std::nullopt;
      return json.at(name).get<double>();
    };
    record.test_loss = number("test_loss");
    record.test_accuracy = number("test_accuracy");
  } catch (const nlohmann::json::exception& error) {
    throw Error({.where = where, .rule = "run.json is what train writes", .received = error.what()});
  }
  if (record.state == "running" && !RunLock::IsHeld(folder.path)) record.state = "broken off";
  return record;
}

History ReadRunHistory(const RunFolder& folder) {
  return CheckpointHistory(ReadFile(folder.checkpoint(), kMostCheckpointBytes), folder.checkpoint().string());
}

bool RunFolder::HasRun() const {
  std::error_code ignored;
  return std::filesystem::exists(std::filesystem::symlink_status(record(), ignored));
}

std::vector<FoundFolder> FindRuns(const std::filesystem::path& folder) {
  std::error_code failure;
  if (!std::filesystem::is_directory(folder, failure)) {
    throw Error({.where = folder.string(), .rule = "runs are looked for in a folder", .received = "no folder"});
  }
  std::vector<FoundFolder> found;
  AddRuns(folder, &found);
  std::sort(found.begin(), found.end(), [](const FoundFolder& a, const FoundFolder& b) { return a.path < b.path; });
  return found;
}

}  // namespace convscope
