#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <memory>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/image/internal/vips_library.h"
#include "convscope/image/picture.h"

namespace convscope {
namespace {

using internal::GFree;
using internal::StartVips;
using internal::TakeVipsError;
using internal::VipsOwned;

enum class Format : uint8_t { kPng, kJpeg, kWebp, kTiff };

Format FormatOf(const std::filesystem::path& path) {
  const std::string ending = LowerCaseEnding(path);
  if (ending == ".png") return Format::kPng;
  if (ending == ".jpg" || ending == ".jpeg") return Format::kJpeg;
  if (ending == ".webp") return Format::kWebp;
  if (ending == ".tif" || ending == ".tiff") return Format::kTiff;
  throw Error({.where = path.string(),
               .rule = "a picture's name must end in .png, .jpg, .jpeg, .webp, .tif or .tiff",
               .received = ending.empty() ? "no ending" : ending});
}

void Check(const Shape& shape, Format format, const WriteOptions& options, const std::string& where) {
  if (shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3) || shape.NumElements() == 0) {
    throw Error({.where = where,
                 .rule = "a picture must have shape (height, width, 1) or (height, width, 3), none 0",
                 .received = shape.ToString()});
  }
  const bool deep = format == Format::kPng || format == Format::kTiff;
  if (options.bits != 8 && !(options.bits == 16 && deep)) {
    throw Error({.where = where,
                 .rule = "a picture must have 8 bits a value, or 16 in PNG and TIFF",
                 .received = Concat(options.bits)});
  }
  if (options.quality < 1 || options.quality > 100) {
    throw Error({.where = where, .rule = "quality must be 1 to 100", .received = Concat(options.quality)});
  }
}

// Stores round(255 * value) or round(65535 * value), clipped; returns how many were clipped.
template <typename Stored>
int64_t Quantise(std::span<const float> values, Stored* out) {
  constexpr float kMost = std::numeric_limits<Stored>::max();
  std::atomic<int64_t> clipped{0};
  ParallelRanges(static_cast<int64_t>(values.size()), int64_t{1} << 16, [&](int64_t begin, int64_t end) {
    int64_t outside = 0;
    for (int64_t i = begin; i < end; ++i) {
      const float value = values[i];
      const bool inside = value >= 0.0f && value <= 1.0f;  // false for NaN
      outside += inside ? 0 : 1;
      const float kept = value > 0.0f ? std::min(value, 1.0f) : 0.0f;
      out[i] = static_cast<Stored>(kept * kMost + 0.5f);
    }
    clipped += outside;
  });
  return clipped;
}

// The picture as the bytes of a file.
int Encode(VipsImage* image, Format format, int quality, void** bytes, size_t* length) {
  switch (format) {
    case Format::kPng:
      return vips_pngsave_buffer(image, bytes, length, nullptr);
    case Format::kJpeg:
      return vips_jpegsave_buffer(image, bytes, length, "Q", quality, nullptr);
    case Format::kWebp:
      return vips_webpsave_buffer(image, bytes, length, "Q", quality, nullptr);
    case Format::kTiff:
      return vips_tiffsave_buffer(image, bytes, length, nullptr);
  }
  return -1;
}

}  // namespace

void CheckPicturePath(const std::filesystem::path& path) {
  FormatOf(path);
}

int64_t WritePicture(TensorView<const float> pixels, const std::filesystem::path& path, const WriteOptions& options) {
  const std::string where = path.string();
  const Format format = FormatOf(path);
  Check(pixels.shape(), format, options, where);
  StartVips();
  const std::string what = "writing " + where;
  Report(options.progress, what, 0);

  const size_t size = static_cast<size_t>(pixels.size()) * (options.bits / 8);
  const auto stored = std::make_unique_for_overwrite<std::byte[]>(size);
  const int64_t clipped = options.bits == 8 ? Quantise(pixels.span(), reinterpret_cast<uint8_t*>(stored.get()))
                                            : Quantise(pixels.span(), reinterpret_cast<uint16_t*>(stored.get()));

  const Shape& shape = pixels.shape();
  const VipsOwned<VipsImage> plain(vips_image_new_from_memory(
      stored.get(), size, static_cast<int>(shape[1]), static_cast<int>(shape[0]), static_cast<int>(shape[2]),
      options.bits == 8 ? VIPS_FORMAT_UCHAR : VIPS_FORMAT_USHORT));
  VipsImage* tagged = nullptr;
  const bool grey = shape[2] == 1;
  const VipsInterpretation interpretation = options.bits == 8
                                                ? (grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB)
                                                : (grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16);
  void* bytes = nullptr;
  size_t length = 0;
  if (!plain || vips_copy(plain.get(), &tagged, "interpretation", interpretation, nullptr) != 0) {
    throw Error({.where = where, .rule = "a picture must fit libvips' limits", .received = TakeVipsError()});
  }
  const VipsOwned<VipsImage> image(tagged);
  if (Encode(image.get(), format, options.quality, &bytes, &length) != 0) {
    throw Error({.where = where,
                 .rule = "a picture must fit the limits of its format",
                 .received = TakeVipsError(),
                 .fix = "write .png or .tiff instead"});
  }
  const std::unique_ptr<void, GFree> owned(bytes);
  const std::string_view piece(static_cast<const char*>(bytes), length);
  // Encoded in memory first: then one writer, the one that base/file.h tests, meets full disks.
  WriteFileAtomically(path, {&piece, 1});
  Report(options.progress, what, 1);
  return clipped;
}

}  // namespace convscope
