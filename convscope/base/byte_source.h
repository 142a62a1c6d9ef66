// Bytes that come one after the other: from memory, from a file. What unpacks a file (gzip) is one as well, so that a
// reader of a format needs to know neither, and holds no second copy of what it reads.
#ifndef CONVSCOPE_BASE_BYTE_SOURCE_H_
#define CONVSCOPE_BASE_BYTE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace convscope {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Fills `out`; returns how many bytes that were, fewer only at the end. Throws Error when they cannot be read.
  virtual size_t Read(std::span<std::byte> out) = 0;

  // No more bytes than this can still come: what a header claims beyond it is a lie, told before memory is taken.
  virtual int64_t MostBytes() const = 0;
};

// Of bytes that outlive it.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
  size_t Read(std::span<std::byte> out) override;
  int64_t MostBytes() const override { return static_cast<int64_t>(bytes_.size()); }

 private:
  std::string_view bytes_;
};

// Of a file, from its beginning.
class FileSource : public ByteSource {
 public:
  // Throws Error when there is no such file, it is a folder, or it cannot be read.
  explicit FileSource(const std::filesystem::path& path);
  ~FileSource() override;
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  size_t Read(std::span<std::byte> out) override;
  int64_t MostBytes() const override { return remaining_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t remaining_ = 0;  // bytes, by the file's size when it was opened
};

}  // namespace convscope

#endif  // CONVSCOPE_BASE_BYTE_SOURCE_H_
