// Picture files in and out, through libvips.
//
// What opens: JPEG, PNG, WebP, TIFF, GIF (its first frame) and, where libvips was built with it, HEIF and AVIF. Nothing
// else: libvips' other loaders (SVG, PDF, ImageMagick, ...) stay shut whatever a file is named. libvips starts with the
// first call, keeps no cache, prints nothing, and uses ThreadCount() threads.
//
// Not here: drawing (convscope/figures), arrays (convscope/formats), animation.
#ifndef CONVSCOPE_IMAGE_PICTURE_H_
#define CONVSCOPE_IMAGE_PICTURE_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

struct Picture {
  Tensor pixels;       // (H, W, C) float32, C is 1 (grey) or 3 (red, green, blue)
  std::string source;  // the path as it was given, or "standard input"
  std::string format;  // "jpeg", "png", "webp", "tiff", "gif" or "heif"
  int bits = 8;        // of one value in the file: 8, 16, or 32 for floating point
};

struct ReadOptions {
  enum class Colour : uint8_t { kKeep, kGrey, kRgb };
  // kGrey makes 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601) of the values that kRgb would give; kRgb repeats grey three
  // times.
  Colour colour = Colour::kKeep;
  // White in an integer file becomes 255 / scale: an 8-bit value is divided by `scale`, a 16-bit value by 257 * scale
  // (so that both depths of one picture agree). Floating-point files are multiplied by 255 / scale: with the default
  // they are kept as they are. Above 0.
  double scale = 255;
  // Rows times columns; checked from the header, before pixels are allocated.
  int64_t pixel_limit = int64_t{1} << 28;
  Progress progress;
};

// The picture in file `path`; "-" is standard input. Rotated as its EXIF orientation says; transparency is composited
// on white; palettes are resolved; CMYK, Lab and other colour spaces are converted to sRGB. RGB values are those of the
// file: an embedded colour profile is not applied to them, as in OpenCV and Pillow.
//
// Throws Error when there is no such file, it is a folder, empty, not a picture of these kinds, larger than the limit,
// truncated or damaged, or has pixels of another type. Safe to call from several threads.
//
// Example: Picture cat = ReadPicture("chelsea.png", {.colour = ReadOptions::Colour::kGrey});
Picture ReadPicture(const std::filesystem::path& path, const ReadOptions& options = {});

struct WriteOptions {
  int bits = 8;      // 8, or 16 in PNG and TIFF
  int quality = 95;  // of JPEG and WebP, 1 to 100
  Progress progress;
};

// Writes pixels (H, W, 1 or 3), 0 black and 1 white, in the format that the ending of `path` names: .png, .jpg, .jpeg,
// .webp, .tif or .tiff. Returns how many values lay outside [0, 1] (NaN included, written as 0) and were clipped.
// Throws Error for another ending or shape, and when the file cannot be written whole; then nothing is left behind.
int64_t WritePicture(TensorView<const float> pixels, const std::filesystem::path& path,
                     const WriteOptions& options = {});

// Throws the Error that WritePicture would throw for this path's ending: to refuse a bad option before the work starts.
void CheckPicturePath(const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_PICTURE_H_
