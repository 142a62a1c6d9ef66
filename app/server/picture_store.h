// The pictures that a page works on, decoded once: those that come with convscope, by name, and those that were sent,
// by a name made of their bytes. What was sent is dropped when there is too much, the least recently used first; the
// page then sends it again.
#ifndef CONVSCOPE_APP_SERVER_PICTURE_STORE_H_
#define CONVSCOPE_APP_SERVER_PICTURE_STORE_H_

#include <cstdint>
#include <filesystem>
#include <list>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/graph/named_tensors.h"
#include "convscope/image/picture.h"

namespace convscope::server {

// Of a picture that is not, or no longer, there.
class NoSuchPicture : public Error {
 public:
  using Error::Error;
};

class PictureStore {
 public:
  struct Entry {
    std::string id, title;
    std::string bytes;           // of the file that was sent; empty: bundled, and read from `file`
    std::filesystem::path file;  // of a bundled one
    std::string format;
    int64_t height = 0, width = 0, channels = 0;
    SharedTensor decoded[3];  // by ReadOptions::Colour; (1, H, W, C)
  };

  // The pictures of the folders; `most_bytes` of what was sent and what was decoded, together.
  PictureStore(const std::vector<std::filesystem::path>& folders, int64_t most_bytes);

  // The bundled ones, by name; their sizes are known once they were asked for.
  std::vector<const Entry*> Bundled() const;

  // Decodes what was sent; throws Error when it is no picture.
  const Entry& Add(std::string bytes);

  // The pixels; throws NoSuchPicture. The tensor outlives its place here.
  SharedTensor Pixels(const std::string& id, ReadOptions::Colour colour);

 private:
  Entry& Find(const std::string& id);
  SharedTensor Decode(Entry& entry, ReadOptions::Colour colour);
  void DropWhatIsTooMuch();

  std::list<Entry> entries_;  // the last used first
  int64_t most_bytes_;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_PICTURE_STORE_H_
