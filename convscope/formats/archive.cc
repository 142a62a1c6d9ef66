#include "convscope/formats/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <utility>
#include <vector>

#include "convscope/base/byte_source.h"
#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/gzip.h"

namespace convscope {

// What libarchive reads through, where the archive is packed: its own gzip filter does not look at the checksum.
struct ArchiveReader::Handle {
  archive* reader = archive_read_new();
  std::unique_ptr<ByteSource> unpacked;
  std::vector<std::byte> block;
  std::exception_ptr failure;  // of `unpacked`: no exception may pass through libarchive
  ~Handle() { archive_read_free(reader); }

  la_ssize_t ReadBlock() {
    try {
      return static_cast<la_ssize_t>(unpacked->Read(block));
    } catch (...) {
      failure = std::current_exception();
      return -1;
    }
  }

  void Rethrow() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

ArchiveReader::ArchiveReader(const std::filesystem::path& path)
    : where_(path.string()), handle_(std::make_unique<Handle>()) {
  constexpr size_t kBlockBytes = size_t{1} << 17;
  std::array<std::byte, 2> start{};
  FileSource source(path);  // says what is wrong with the file better than libarchive does
  left_bytes_ = std::max(int64_t{1} << 28, 128 * source.MostBytes());
  source.Read(start);
  archive* const reader = handle_->reader;
  if (reader == nullptr) throw std::bad_alloc();
  archive_read_support_format_tar(reader);
  int status;
  if (start[0] == std::byte{0x1f} && start[1] == std::byte{0x8b}) {
    handle_->unpacked = OpenPlainOrGzip(path);
    handle_->block.resize(kBlockBytes);
    const auto read = [](archive*, void* data, const void** block) -> la_ssize_t {
      auto* const handle = static_cast<Handle*>(data);
      *block = handle->block.data();
      return handle->ReadBlock();
    };
    status = archive_read_open(reader, handle_.get(), nullptr, read, nullptr);
  } else {
    archive_read_support_format_zip_seekable(reader);  // with its directory, without which it is a truncated one
    status = archive_read_open_filename(reader, path.c_str(), kBlockBytes);
  }
  handle_->Rethrow();
  if (status != ARCHIVE_OK) {
    throw Error({.where = where_,
                 .rule = "this must be a zip, tar or tar.gz archive",
                 .received = "something else",
                 .fix = "it may be truncated: get it again"});
  }
}

ArchiveReader::~ArchiveReader() = default;

void ArchiveReader::Fail(const std::string& what) const {
  throw Error({.where = name_.empty() ? where_ : Concat(where_, ", ", name_),
               .rule = "an archive must be whole and undamaged",
               .received = what,
               .fix = "get it again"});
}

bool ArchiveReader::Next() {
  constexpr int64_t kMostEntries = 10000;
  name_.clear();
  archive_entry* entry = nullptr;
  while (true) {
    const int status = archive_read_next_header(handle_->reader, &entry);
    handle_->Rethrow();
    if (status == ARCHIVE_EOF) {
      // To the very end, where the checksum is.
      while (handle_->unpacked && handle_->ReadBlock() > 0) {
      }
      handle_->Rethrow();
      return false;
    }
    if (status < ARCHIVE_WARN) {
      const char* const text = archive_error_string(handle_->reader);
      Fail(text == nullptr ? "damaged data" : text);
    }
    if (++entries_ > kMostEntries) Fail(Concat("more than ", kMostEntries, " entries"));
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* const name = archive_entry_pathname(entry);
    name_ = name == nullptr ? "" : name;
    return true;
  }
}

std::string ArchiveReader::Read(int64_t limit_bytes, const std::function<int64_t(std::string_view beginning)>& stated) {
  std::string bytes;
  bool is_stated = !stated;
  const auto check = [&](size_t count) {
    if (static_cast<int64_t>(count) <= limit_bytes) return;
    throw Error({.where = Concat(where_, ", ", name_),
                 .rule = stated && is_stated ? Concat("it says itself that it holds ", limit_bytes, " bytes")
                                             : Concat("a file of this kind may hold at most ", limit_bytes, " bytes"),
                 .received = "more"});
  };
  const void* piece = nullptr;
  size_t size = 0;
  la_int64_t offset = 0;
  while (true) {
    const int status = archive_read_data_block(handle_->reader, &piece, &size, &offset);
    handle_->Rethrow();
    if (status == ARCHIVE_EOF) break;
    // A warning here is a checksum that does not fit.
    if (status != ARCHIVE_OK) {
      const char* const text = archive_error_string(handle_->reader);
      Fail(text == nullptr ? "damaged data" : text);
    }
    // A hole in a sparse file of a tar would be zeroes; none of what is read here is one.
    if (offset != static_cast<la_int64_t>(bytes.size())) Fail("a file with holes");
    check(bytes.size() + size);
    left_bytes_ -= static_cast<int64_t>(size);
    if (left_bytes_ < 0) {
      throw Error({.where = Concat(where_, ", ", name_),
                   .rule = "what an archive holds is at most 128 times as long as the archive, or 256 MiB",
                   .received = "more",
                   .fix = "pack it less, if it is what it should be"});
    }
    bytes.append(static_cast<const char*>(piece), size);
    if (is_stated) continue;
    const int64_t whole = stated(bytes);
    if (whole < 0 || whole > limit_bytes) continue;
    is_stated = true;
    limit_bytes = whole;
    check(bytes.size());
  }
  return bytes;
}

}  // namespace convscope
