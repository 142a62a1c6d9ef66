#include "convscope/figures/internal/png.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"

namespace convscope::internal {
namespace {

// Rows are compressed in strips of this many bytes, one a task: fixed, so that the file is the same on any machine.
constexpr int64_t kStripBytes = 512 << 10;

std::string BigEndian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

void AppendChunk(std::string_view type, std::string_view data, std::string* file) {
  *file += BigEndian(static_cast<uint32_t>(data.size()));
  const size_t start = file->size();
  *file += type;
  *file += data;
  const auto* bytes = reinterpret_cast<const Bytef*>(file->data() + start);
  *file += BigEndian(static_cast<uint32_t>(crc32_z(0, bytes, file->size() - start)));
}

// Rows [first, last) as PNG stores them: a byte that names the filter, then the bytes less those of the row above
// ("up"), which turns flat areas and enlarged pixels into zeroes.
std::vector<uint8_t> FilterRows(const Raster& raster, int64_t first, int64_t last) {
  const int64_t width = int64_t{3} * raster.width;
  std::vector<uint8_t> filtered(static_cast<size_t>((last - first) * (width + 1)));
  const auto* bytes = reinterpret_cast<const uint8_t*>(raster.pixels.data());
  uint8_t* out = filtered.data();
  for (int64_t y = first; y < last; ++y) {
    const uint8_t* row = bytes + y * width;
    *out++ = 2;
    if (y == 0) {
      std::memcpy(out, row, static_cast<size_t>(width));
    } else {
      for (int64_t i = 0; i < width; ++i) out[i] = static_cast<uint8_t>(row[i] - row[i - width]);
    }
    out += width;
  }
  return filtered;
}

struct Strip {
  std::string deflated;
  uLong adler = 1;
  int64_t bytes = 0;  // before compression
};

// Strips follow each other in one stream: each but the last ends on a byte's border and promises that more comes.
Strip Deflate(const std::vector<uint8_t>& bytes, bool last) {
  z_stream stream{};
  // Level 1 is several times faster than the default and, on figures, little larger.
  if (deflateInit2(&stream, 1, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw Error({.where = "PNG", .rule = "compression needs memory", .received = "none"});
  }
  Strip strip;
  strip.deflated.resize(deflateBound(&stream, static_cast<uLong>(bytes.size())) + 16);
  stream.next_in = const_cast<Bytef*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(strip.deflated.data());
  stream.avail_out = static_cast<uInt>(strip.deflated.size());
  deflate(&stream, last ? Z_FINISH : Z_SYNC_FLUSH);
  strip.deflated.resize(stream.total_out);
  deflateEnd(&stream);
  strip.adler = adler32_z(adler32_z(0, nullptr, 0), bytes.data(), bytes.size());
  strip.bytes = static_cast<int64_t>(bytes.size());
  return strip;
}

}  // namespace

std::string PngBytes(const Raster& raster, double pixels_per_point) {
  static_assert(sizeof(Rgb8) == 3, "pixels are written as they lie in memory");
  const int64_t rows = std::max<int64_t>(1, kStripBytes / (int64_t{3} * raster.width + 1));
  const int64_t count = (raster.height + rows - 1) / rows;
  std::vector<Strip> strips(static_cast<size_t>(count));
  ParallelFor(count, [&](int64_t i) {
    const int64_t last = std::min<int64_t>(raster.height, (i + 1) * rows);
    strips[i] = Deflate(FilterRows(raster, i * rows, last), i + 1 == count);
  });

  std::string data = "\x78\x01";  // the header of a zlib stream
  uLong adler = 1;
  for (const Strip& strip : strips) {
    data += strip.deflated;
    adler = adler32_combine(adler, strip.adler, static_cast<z_off_t>(strip.bytes));
  }
  data += BigEndian(static_cast<uint32_t>(adler));

  std::string file = "\x89PNG\r\n\x1a\n";
  const std::string size =
      BigEndian(static_cast<uint32_t>(raster.width)) + BigEndian(static_cast<uint32_t>(raster.height));
  AppendChunk("IHDR", size + std::string("\x08\x02\x00\x00\x00", 5), &file);  // 8 bits, RGB, not interlaced
  const std::string density = BigEndian(static_cast<uint32_t>(std::lround(pixels_per_point * 72 / 0.0254)));
  AppendChunk("pHYs", density + density + "\x01", &file);  // pixels a metre
  AppendChunk("IDAT", data, &file);
  AppendChunk("IEND", "", &file);
  return file;
}

}  // namespace convscope::internal
