#include "convscope/datasets/fetch.h"

#include <system_error>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/datasets/download.h"
#include "convscope/formats/md5.h"

namespace convscope {
namespace {

std::string WithSlash(const std::string& address) {
  return address.empty() || address.ends_with('/') ? address : address + '/';
}

}  // namespace

Fetched Fetch(const NamedDataset& dataset, const DataPlaces& places, const Progress& progress) {
  Fetched fetched;
  if (dataset.bundled()) return fetched;
  fetched.folder = CacheFolder(dataset, places);
  std::error_code failure;
  std::filesystem::create_directories(fetched.folder, failure);
  if (failure) {
    throw Error({.where = fetched.folder.string(),
                 .rule = "the folder of downloads must be writable",
                 .received = failure.message(),
                 .fix = "set XDG_CACHE_HOME to a folder that is"});
  }
  for (const PublishedFile& file : dataset.files) {
    FetchedFile done{.path = fetched.folder / file.name};
    bool there = std::filesystem::is_regular_file(done.path, failure);
    if (there) {
      Report(progress, Concat("checking ", file.name), 0);
      there = Md5OfFile(done.path) == file.md5;
    }
    if (!there) {
      std::vector<std::string> urls;
      if (!places.mirror.empty()) urls.push_back(Concat(WithSlash(places.mirror), dataset.name, "/", file.name));
      for (const std::string& mirror : dataset.mirrors) urls.push_back(WithSlash(mirror) + file.name);
      const Downloaded download =
          Download({.urls = urls, .file = done.path, .md5 = file.md5, .bytes = file.bytes, .progress = progress});
      done.url = download.url;
      done.resumed_from = download.resumed_from;
    }
    done.bytes = static_cast<int64_t>(std::filesystem::file_size(done.path));
    fetched.files.push_back(std::move(done));
  }
  return fetched;
}

}  // namespace convscope
