// Zip archives of files that are stored as they are, written file by file (through libarchive). The same bytes each
// time: no file has a date.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ZIP_WRITER_H_
#define CONVSCOPE_FORMATS_INTERNAL_ZIP_WRITER_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace convscope::internal {

class ZipWriter {
 public:
  // `shown` is named in errors. Throws Error when the file cannot be written.
  ZipWriter(const std::filesystem::path& path, const std::filesystem::path& shown);
  ~ZipWriter();

  // A file of these bytes, in pieces one after the other.
  void Add(const std::string& name, std::span<const std::string_view> pieces);

  // Writes what stands at the end of an archive.
  void Finish();

 private:
  struct Handle;
  [[noreturn]] void Fail() const;

  std::string shown_;
  std::unique_ptr<Handle> handle_;
};

// The archive that `add` fills, whole or not at all.
void WriteZip(const std::filesystem::path& path, const std::function<void(ZipWriter& zip)>& add);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ZIP_WRITER_H_
