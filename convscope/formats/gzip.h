// Gzip files (RFC 1952, through zlib): unpacked while they are read; and packed.
#ifndef CONVSCOPE_FORMATS_GZIP_H_
#define CONVSCOPE_FORMATS_GZIP_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "convscope/base/byte_source.h"

namespace convscope {

// What `packed` unpacks to: one gzip member, or several one after the other. Read throws Error, naming `where`, when
// the file is truncated, damaged (its checksum is looked at when the end is read), or followed by other bytes.
class GzipSource : public ByteSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> packed, std::string where);
  ~GzipSource() override;

  size_t Read(std::span<std::byte> out) override;
  int64_t MostBytes() const override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The bytes of a file, unpacked where it begins as gzip files do, whatever its name. Throws Error when it cannot be
// read.
std::unique_ptr<ByteSource> OpenPlainOrGzip(const std::filesystem::path& path);

// `bytes` as one gzip member.
std::string Gzip(std::string_view bytes);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_GZIP_H_
