// The files inside an archive, one after the other: zip, tar, tar.gz (through libarchive).
//
// Nothing is unpacked onto the disk, so the names inside can do no harm there.
#ifndef CONVSCOPE_FORMATS_ARCHIVE_H_
#define CONVSCOPE_FORMATS_ARCHIVE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace convscope {

class ArchiveReader {
 public:
  // Throws Error when the file cannot be read or is no such archive.
  explicit ArchiveReader(const std::filesystem::path& path);
  ~ArchiveReader();

  // Goes to the next file, past folders and links; false at the end. Throws Error when the archive is damaged or holds
  // more than 10,000 entries.
  bool Next();
  const std::string& name() const {
    return name_;
  }  // as the archive states it: "cifar-10-batches-bin/data_batch_1.bin"

  // The bytes of that file, once. Throws Error when it is damaged or holds more than `limit_bytes`, or more than it
  // says itself: `stated` is called with its beginning, longer each time, until it returns how many bytes there are;
  // -1: not known yet. So a file of zeros that is packed into little is not unpacked before its header is looked at.
  // All files that are read hold at most 128 times as many bytes as the archive, and any archive 256 MiB: numbers and
  // pictures are packed into a half or a tenth, and what claims far more is made to fill the memory.
  std::string Read(int64_t limit_bytes, const std::function<int64_t(std::string_view beginning)>& stated = {});

 private:
  struct Handle;
  [[noreturn]] void Fail(const std::string& what) const;

  std::string where_;
  std::unique_ptr<Handle> handle_;
  std::string name_;
  int64_t entries_ = 0;
  int64_t left_bytes_ = 0;  // that may still be unpacked
};

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_ARCHIVE_H_
