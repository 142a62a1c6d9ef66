#include "convscope/formats/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

// Deflate turns one byte into at most 1,032: a match of 258 takes at least 2 bits (zlib's technical details).
constexpr int64_t kMostRatio = 1032;
constexpr size_t kPackedBytes = size_t{1} << 16;  // read at a time

}  // namespace

struct GzipSource::State {
  std::unique_ptr<ByteSource> packed;
  std::string where;
  z_stream stream{};
  std::array<std::byte, kPackedBytes> input;
  bool in_member = true;  // between the beginning of a member and its end
  bool ended = false;

  [[noreturn]] void Fail(const std::string& received) const {
    throw Error({.where = where,
                 .rule = "a gzip file must be whole and undamaged",
                 .received = received,
                 .fix = "get the file again"});
  }

  // False at the end of the file.
  bool Refill() {
    const size_t got = packed->Read(input);
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(got);
    return got > 0;
  }
};

GzipSource::GzipSource(std::unique_ptr<ByteSource> packed, std::string where) : state_(std::make_unique<State>()) {
  state_->packed = std::move(packed);
  state_->where = std::move(where);
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&state_->stream, kGzipOnly) != Z_OK) throw std::bad_alloc();
}

GzipSource::~GzipSource() {
  inflateEnd(&state_->stream);
}

int64_t GzipSource::MostBytes() const {
  // zlib itself holds up to 32 bits of input, and up to 258 bytes of output of a match that is written in part.
  constexpr int64_t kHeld = 5;
  return state_->ended ? 0 : kMostRatio * (state_->packed->MostBytes() + state_->stream.avail_in + kHeld);
}

size_t GzipSource::Read(std::span<std::byte> out) {
  State& s = *state_;
  size_t filled = 0;
  while (filled < out.size() && !s.ended) {
    if (s.stream.avail_in == 0 && !s.Refill()) {
      if (s.in_member) s.Fail(Concat("one that ends after ", s.stream.total_in, " bytes, too early"));
      s.ended = true;
      break;
    }
    if (!s.in_member) {  // another member follows
      inflateReset(&s.stream);
      s.in_member = true;
    }
    // avail_out is 32 bits wide.
    const size_t piece = std::min<size_t>(out.size() - filled, size_t{1} << 30);
    s.stream.next_out = reinterpret_cast<Bytef*>(out.data() + filled);
    s.stream.avail_out = static_cast<uInt>(piece);
    const int status = inflate(&s.stream, Z_NO_FLUSH);
    filled += piece - s.stream.avail_out;
    if (status == Z_STREAM_END) {
      s.in_member = false;
    } else if (status != Z_OK && status != Z_BUF_ERROR) {
      s.Fail(s.stream.msg != nullptr ? s.stream.msg : "damaged data");
    }
  }
  return filled;
}

std::unique_ptr<ByteSource> OpenPlainOrGzip(const std::filesystem::path& path) {
  std::array<std::byte, 2> start{};
  {
    FileSource look(path);
    look.Read(start);
  }
  auto file = std::make_unique<FileSource>(path);
  if (start[0] != std::byte{0x1f} || start[1] != std::byte{0x8b}) return file;
  return std::make_unique<GzipSource>(std::move(file), path.string());
}

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS, kUsualMemory = 8;
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kUsualMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string packed;
  std::array<char, kPackedBytes> piece;
  int state = Z_OK;
  while (state != Z_STREAM_END) {
    if (stream.avail_in == 0 && !bytes.empty()) {  // zlib counts in 32 bits
      const size_t most = std::min(bytes.size(), size_t{1} << 30);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(most);
      bytes.remove_prefix(most);
    }
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    state = deflate(&stream, bytes.empty() ? Z_FINISH : Z_NO_FLUSH);
    packed.append(piece.data(), piece.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return packed;
}

}  // namespace convscope
