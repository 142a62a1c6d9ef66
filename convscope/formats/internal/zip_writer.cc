#include "convscope/formats/internal/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <new>

#include "convscope/base/error.h"
#include "convscope/base/file.h"

namespace convscope::internal {

struct ZipWriter::Handle {
  archive* writer = archive_write_new();
  ~Handle() { archive_write_free(writer); }
};

ZipWriter::ZipWriter(const std::filesystem::path& path, const std::filesystem::path& shown)
    : shown_(shown.string()), handle_(std::make_unique<Handle>()) {
  archive* const writer = handle_->writer;
  if (writer == nullptr) throw std::bad_alloc();
  if (archive_write_set_format_zip(writer) != ARCHIVE_OK ||
      archive_write_zip_set_compression_store(writer) != ARCHIVE_OK ||
      archive_write_open_filename(writer, path.c_str()) != ARCHIVE_OK) {
    Fail();
  }
}

ZipWriter::~ZipWriter() = default;

void ZipWriter::Fail() const {
  const char* const text = archive_error_string(handle_->writer);
  throw Error({.where = shown_, .rule = "the file must be writable", .received = text == nullptr ? "an error" : text});
}

void ZipWriter::Add(const std::string& name, std::span<const std::string_view> pieces) {
  int64_t size = 0;
  for (const std::string_view piece : pieces) size += static_cast<int64_t>(piece.size());
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(archive_entry_new(), archive_entry_free);
  if (entry == nullptr) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), size);
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  archive_entry_set_mtime(entry.get(), 315532800, 0);  // 1980, where zip's dates begin
  if (archive_write_header(handle_->writer, entry.get()) != ARCHIVE_OK) Fail();
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const la_ssize_t put = archive_write_data(handle_->writer, piece.data(), piece.size());
      if (put <= 0) Fail();
      piece.remove_prefix(static_cast<size_t>(put));
    }
  }
}

void ZipWriter::Finish() {
  if (archive_write_close(handle_->writer) != ARCHIVE_OK) Fail();
}

void WriteZip(const std::filesystem::path& path, const std::function<void(ZipWriter& zip)>& add) {
  WriteFileAtomically(path, [&](const std::filesystem::path& temporary) {
    ZipWriter zip(temporary, path);
    add(zip);
    zip.Finish();
  });
}

}  // namespace convscope::internal
