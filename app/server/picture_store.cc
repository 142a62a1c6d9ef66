#include "app/server/picture_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "convscope/base/digest.h"
#include "convscope/image/decode_picture.h"

namespace convscope::server {
namespace {

constexpr int64_t kMostPixels = int64_t{1} << 25;

int64_t BytesOf(const PictureStore::Entry& entry) {
  int64_t bytes = static_cast<int64_t>(entry.bytes.size());
  for (const SharedTensor& tensor : entry.decoded) bytes += tensor ? tensor->SizeInBytes() : 0;
  return bytes;
}

}  // namespace

PictureStore::PictureStore(const std::vector<std::filesystem::path>& folders, int64_t most_bytes)
    : most_bytes_(most_bytes) {
  for (const std::filesystem::path& folder : folders) {
    std::error_code failure;
    for (const auto& file : std::filesystem::directory_iterator(folder, failure)) {
      if (file.path().extension() != ".png") continue;
      const std::string name = file.path().stem().string();
      entries_.push_back({.id = name, .title = name, .file = file.path()});
    }
  }
}

std::vector<const PictureStore::Entry*> PictureStore::Bundled() const {
  std::vector<const Entry*> bundled;
  for (const Entry& entry : entries_) {
    if (!entry.file.empty()) bundled.push_back(&entry);
  }
  std::sort(bundled.begin(), bundled.end(), [](const Entry* a, const Entry* b) { return a->id < b->id; });
  return bundled;
}

const PictureStore::Entry& PictureStore::Add(std::string bytes) {
  const std::string id = "sent-" + Digest().Add(bytes).ToString();
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
  if (known != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, known);
    return entries_.front();
  }
  Entry entry{.id = id, .title = "the picture", .bytes = std::move(bytes)};
  Decode(entry, ReadOptions::Colour::kKeep);
  entries_.push_front(std::move(entry));
  DropWhatIsTooMuch();
  return entries_.front();
}

SharedTensor PictureStore::Pixels(const std::string& id, ReadOptions::Colour colour) {
  SharedTensor pixels = Decode(Find(id), colour);
  DropWhatIsTooMuch();
  return pixels;
}

PictureStore::Entry& PictureStore::Find(const std::string& id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.id == id; });
  if (found == entries_.end()) {
    throw NoSuchPicture(
        {.where = "picture", .rule = "a picture is bundled, or was sent", .received = id, .fix = "send it again"});
  }
  entries_.splice(entries_.begin(), entries_, found);
  return entries_.front();
}

SharedTensor PictureStore::Decode(Entry& entry, ReadOptions::Colour colour) {
  SharedTensor& decoded = entry.decoded[static_cast<size_t>(colour)];
  if (decoded) return decoded;
  const ReadOptions options{.colour = colour, .pixel_limit = kMostPixels};
  Picture picture =
      entry.file.empty() ? DecodePicture(entry.bytes, entry.title, options) : ReadPicture(entry.file, options);
  const Shape shape = picture.pixels.shape();
  entry.format = picture.format;
  entry.height = shape[0];
  entry.width = shape[1];
  if (colour == ReadOptions::Colour::kKeep) entry.channels = shape[2];
  decoded = Share(std::move(picture.pixels).Reshaped({1, shape[0], shape[1], shape[2]}));
  return decoded;
}

void PictureStore::DropWhatIsTooMuch() {
  int64_t bytes = 0;
  for (const Entry& entry : entries_) bytes += BytesOf(entry);
  for (auto last = std::prev(entries_.end()); bytes > most_bytes_ && last != entries_.begin();) {
    const auto entry = last--;
    bytes -= BytesOf(*entry);
    if (entry->file.empty()) {
      entries_.erase(entry);
    } else {
      for (SharedTensor& tensor : entry->decoded) tensor.reset();
    }
  }
}

}  // namespace convscope::server
