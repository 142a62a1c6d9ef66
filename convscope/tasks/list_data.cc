#include "convscope/tasks/list_data.h"

#include <fmt/format.h>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

using internal::Json;
using internal::JsonText;

std::string Megabytes(int64_t bytes) {
  return bytes < 1000000 ? fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3)
                         : fmt::format("{:.0f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

std::string DataListText(const DataPlaces& places) {
  size_t width = 0;
  for (const NamedDataset& dataset : NamedDatasets()) width = std::max(width, dataset.name.size());
  std::string text;
  for (const NamedDataset& dataset : NamedDatasets()) {
    const auto found = FindDataset(dataset, places);
    std::string state =
        dataset.bundled() ? "not found" : fmt::format("not here, {} to fetch", Megabytes(dataset.bytes()));
    if (found) state = fmt::format("{}: {}", Name(found->place), found->folder.string());
    text += fmt::format("{:<{}}  {}\n", dataset.name, width, state);
    text += fmt::format("{:<{}}  {}: {}\n", "", width, dataset.title, dataset.description);
    text += fmt::format("{:<{}}  {} training and {} test pictures, {} x {}, {}, {} classes\n", "", width, dataset.train,
                        dataset.test, dataset.shape[0], dataset.shape[1], dataset.shape[2] == 1 ? "grey" : "colour",
                        dataset.class_names.size());
    text += fmt::format("{:<{}}  licence: {} ({})\n", "", width, dataset.licence, dataset.credit);
  }
  return text;
}

std::string DataListJson(const DataPlaces& places) {
  Json list = Json::array();
  for (const NamedDataset& dataset : NamedDatasets()) {
    const auto found = FindDataset(dataset, places);
    const auto lengths = dataset.shape.lengths();
    list.push_back({{"name", dataset.name},
                    {"title", dataset.title},
                    {"description", dataset.description},
                    {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
                    {"train", dataset.train},
                    {"test", dataset.test},
                    {"classes", dataset.class_names},
                    {"bytes", dataset.bytes()},
                    {"licence", dataset.licence},
                    {"credit", dataset.credit},
                    {"homepage", dataset.homepage},
                    {"mirrors", dataset.mirrors},
                    {"place", found ? Json(Name(found->place)) : Json()},
                    {"folder", found ? Json(found->folder.string()) : Json()}});
  }
  return JsonText({{"datasets", std::move(list)}});
}

std::vector<FetchedDataset> FetchData(const std::vector<std::string>& names, const DataPlaces& places,
                                      const Progress& progress) {
  std::vector<FetchedDataset> result;
  std::vector<std::string> known;
  std::string list;
  for (const NamedDataset& dataset : NamedDatasets()) {
    known.push_back(dataset.name);
    list += (list.empty() ? "" : ", ") + dataset.name;
  }
  for (const std::string& name : names) {
    const NamedDataset* const dataset = FindNamedDataset(name);
    if (dataset == nullptr) {
      throw Error({.where = name,
                   .rule = "a data set that can be fetched must be one of " + list,
                   .received = "another name",
                   .fix = DidYouMean(name, known)});
    }
    result.push_back({.dataset = dataset, .fetched = {}});
  }
  for (FetchedDataset& one : result) one.fetched = Fetch(*one.dataset, places, progress);
  return result;
}

std::string FetchedText(const std::vector<FetchedDataset>& fetched) {
  std::string text;
  for (const auto& [dataset, result] : fetched) {
    if (dataset->bundled()) {
      text += fmt::format("{}: comes with convscope, nothing to fetch\n", dataset->name);
    } else {
      text += fmt::format("{}: {}\n", dataset->name, result.folder.string());
    }
    for (const FetchedFile& file : result.files) {
      std::string from = file.url.empty() ? "was there, and is whole" : "from " + file.url;
      if (file.resumed_from > 0) from += fmt::format(", {} bytes of it from before", file.resumed_from);
      text += fmt::format("  {}: {} bytes, {}\n", file.path.filename().string(), file.bytes, from);
    }
    text += fmt::format("  licence: {} ({})\n", dataset->licence, dataset->credit);
  }
  return text;
}

std::string FetchedJson(const std::vector<FetchedDataset>& fetched) {
  Json list = Json::array();
  for (const auto& [dataset, result] : fetched) {
    Json files = Json::array();
    for (size_t i = 0; i < result.files.size(); ++i) {
      const FetchedFile& file = result.files[i];
      files.push_back({{"path", file.path.string()},
                       {"bytes", file.bytes},
                       {"md5", dataset->files[i].md5},
                       {"url", file.url.empty() ? Json() : Json(file.url)},
                       {"resumed_from", file.resumed_from}});
    }
    list.push_back({{"name", dataset->name},
                    {"bundled", dataset->bundled()},
                    {"folder", dataset->bundled() ? Json() : Json(result.folder.string())},
                    {"licence", dataset->licence},
                    {"credit", dataset->credit},
                    {"files", std::move(files)}});
  }
  return JsonText({{"datasets", std::move(list)}});
}

}  // namespace convscope
