// Pictures one after the other in one file: GIF, or WebP without loss, through libvips. Not here: what is on them.
#ifndef CONVSCOPE_IMAGE_ANIMATION_H_
#define CONVSCOPE_IMAGE_ANIMATION_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "convscope/base/progress.h"

namespace convscope {

inline constexpr int kLeastMilliseconds = 10;  // of a frame: a GIF counts in hundredths of a second

struct Animation {
  int width = 0, height = 0;      // of every frame, in pixels
  std::vector<uint8_t> pixels;    // (frames, height, width, 3): red, green, blue
  std::vector<int> milliseconds;  // that each frame is shown, one a frame, at least kLeastMilliseconds

  int frames() const { return static_cast<int>(milliseconds.size()); }
};

// Writes a file that plays again and again, in the format that the ending of `path` names: .gif, of 256 colours a
// frame, or .webp, of all colours. The same frames give the same bytes. Throws Error for another ending, for no frame,
// for pixels that are not as many as the sizes say, for a time below 10 ms, and when the file cannot be written whole;
// then nothing is left behind.
void WriteAnimation(const Animation& animation, const std::filesystem::path& path, const Progress& progress = {});

// Whether the ending of `path` is that of an animation, .gif or .webp.
bool IsAnimationPath(const std::filesystem::path& path);

// Throws the Error that WriteAnimation would throw for this path's ending: to refuse a bad option before the work.
void CheckAnimationPath(const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_ANIMATION_H_
