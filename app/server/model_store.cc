#include "app/server/model_store.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <system_error>
#include <utility>

#include "app/server/run_names.h"
#include "convscope/base/digest.h"
#include "convscope/nn/architectures.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/run_folder.h"

namespace convscope::server {
namespace {

constexpr size_t kMostSent = 32;  // models that were sent

// Parameters that models share are counted for each of them: too much rather than too little.
int64_t BytesOf(const ModelStore::Entry& entry) {
  auto bytes = static_cast<int64_t>(entry.bytes.size());
  if (!entry.opened) return bytes;
  for (const auto& [name, tensor] : entry.opened->model.file.model.parameters()) bytes += tensor->SizeInBytes();
  return bytes;
}

}  // namespace

ModelStore::ModelStore(const std::vector<std::string>& named, std::filesystem::path runs,
                       const std::filesystem::path& bundled, int64_t most_bytes)
    : runs_(std::move(runs)), most_bytes_(most_bytes) {
  const auto known = [&](const std::string& id) {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
  };
  for (const std::string& name : named) {
    if (FindArchitecture(name) != nullptr || known(name)) continue;
    entries_.push_back({.id = name, .title = name, .origin = "named", .path = name});
    OpenEntry(entries_.back());
    entries_.back().title = entries_.back().opened->model.title() + " (" + name + ")";
  }
  std::vector<std::filesystem::path> files;
  std::error_code failure;
  for (const auto& file : std::filesystem::directory_iterator(bundled, failure)) {
    if (file.path().extension() == ".onnx") files.push_back(file.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) {
    const std::string stem = file.stem().string();
    entries_.push_back(
        {.id = "bundled-" + stem, .title = stem + " (trained)", .origin = "bundled", .path = file.string()});
  }
  for (const Architecture& architecture : Architectures()) {
    const std::string name(architecture.name);
    entries_.push_back({.id = name,
                        .title = name + " (untrained)",
                        .origin = "built-in",
                        .description = std::string(architecture.description),
                        .path = name});
  }
}

const std::list<ModelStore::Entry>& ModelStore::All() {
  FindRuns();
  return entries_;
}

// A training writes its model again after each epoch.
void ModelStore::FindRuns() {
  std::map<std::string, std::filesystem::file_time_type> found;
  std::error_code failure;
  for (std::filesystem::directory_iterator folder(runs_, failure), end; !failure && folder != end;
       folder.increment(failure)) {
    const RunFolder run{folder->path()};
    const std::string name = run.path.filename().string();
    std::error_code none;  // no model yet
    if (!IsRunName(name) || folder->is_symlink(none) || !run.HasRun()) continue;
    const auto written = std::filesystem::last_write_time(run.model(), none);
    if (!none) found.emplace(name, written);
  }
  std::erase_if(entries_, [&](Entry& entry) {
    const bool gone = entry.origin == "run" && !found.contains(entry.title);
    if (gone) used_.remove(&entry);
    return gone;
  });
  for (const auto& [name, written] : found) {
    const auto known =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == "run:" + name; });
    if (known == entries_.end()) {
      const auto place = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
        return entry.origin != "named" && entry.origin != "run";
      });
      entries_.insert(
          place,
          {.id = "run:" + name, .title = name, .origin = "run", .path = (runs_ / name).string(), .written = written});
    } else if (known->written != written) {
      known->written = written;
      known->opened.reset();
    }
  }
}

const ModelStore::Entry& ModelStore::Add(std::string bytes) {
  const std::string id = "sent-" + Digest().Add(bytes).ToString();
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
  if (known != entries_.end()) return *known;
  entries_.push_back({.id = id, .title = "the model that was sent", .origin = "sent", .bytes = std::move(bytes)});
  try {
    OpenEntry(entries_.back());
  } catch (...) {
    entries_.pop_back();
    throw;
  }
  Entry& entry = entries_.back();
  entry.title = entry.opened->model.title();
  DropWhatIsTooMuch(entry);
  return entry;
}

std::shared_ptr<const ServedModel> ModelStore::Open(const std::string& id) {
  if (id.starts_with("run:")) FindRuns();
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
  if (found == entries_.end()) {
    throw NoSuchModel({.where = "model",
                       .rule = "a model is built in, named on the command line, a run, or was sent",
                       .received = id,
                       .fix = "send it again, or see GET /api/models"});
  }
  OpenEntry(*found);
  DropWhatIsTooMuch(*found);
  return found->opened;
}

void ModelStore::OpenEntry(Entry& entry) {
  if (!entry.opened) {
    std::vector<std::string> remarks;
    ModelChoice choice(entry.bytes.empty() ? entry.path : entry.title);
    choice.shown_pictures = true;
    choice.tell = [&](const ModelRemark& remark) { remarks.push_back(remark.text); };
    OpenedModel model = entry.bytes.empty() ? OpenModel(choice) : OpenModelBytes(entry.bytes, choice);
    model.file.model = ForOnePicture(model.file.model);
    entry.opened = std::make_shared<const ServedModel>(std::move(model), std::move(remarks));
  }
  used_.remove(&entry);
  used_.push_front(&entry);
}

void ModelStore::DropWhatIsTooMuch(const Entry& but) {
  int64_t bytes = 0;
  size_t sent = 0;
  for (const Entry& entry : entries_) {
    bytes += BytesOf(entry);
    if (!entry.bytes.empty()) ++sent;
  }
  for (auto last = used_.end(); (bytes > most_bytes_ || sent > kMostSent) && last != used_.begin();) {
    --last;
    Entry* const entry = *last;
    const bool serves = bytes > most_bytes_ || !entry->bytes.empty();
    if (entry == &but || !serves) continue;
    bytes -= BytesOf(*entry);
    last = used_.erase(last);
    entry->opened.reset();
    if (entry->bytes.empty()) continue;
    --sent;
    entries_.remove_if([&](const Entry& other) { return &other == entry; });
  }
}

}  // namespace convscope::server
