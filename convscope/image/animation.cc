#include "convscope/image/animation.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/image/internal/vips_library.h"

namespace convscope {
namespace {

using internal::GFree;
using internal::StartVips;
using internal::TakeVipsError;
using internal::VipsOwned;

bool IsGif(const std::filesystem::path& path) {
  return LowerCaseEnding(path) == ".gif";
}

void Check(const Animation& animation, const std::string& where) {
  const int64_t size = int64_t{3} * animation.width * animation.height * animation.frames();
  if (animation.width < 1 || animation.height < 1 || animation.frames() < 1 ||
      size != static_cast<int64_t>(animation.pixels.size())) {
    throw Error({.where = where,
                 .rule = "an animation has a frame at least, and height x width x 3 values a frame",
                 .received = Concat(animation.frames(), " frames of ", animation.height, " x ", animation.width,
                                    " and ", animation.pixels.size(), " values")});
  }
  const int least = *std::min_element(animation.milliseconds.begin(), animation.milliseconds.end());
  if (least < kLeastMilliseconds) {
    throw Error({.where = where,
                 .rule = Concat("a frame is shown for ", kLeastMilliseconds, " ms at least"),
                 .received = Concat(least)});
  }
}

}  // namespace

bool IsAnimationPath(const std::filesystem::path& path) {
  return IsGif(path) || LowerCaseEnding(path) == ".webp";
}

void CheckAnimationPath(const std::filesystem::path& path) {
  if (IsAnimationPath(path)) return;
  const std::string ending = LowerCaseEnding(path);
  throw Error({.where = path.string(),
               .rule = "an animation's name must end in .gif or .webp",
               .received = ending.empty() ? "no ending" : ending});
}

void WriteAnimation(const Animation& animation, const std::filesystem::path& path, const Progress& progress) {
  const std::string where = path.string();
  CheckAnimationPath(path);
  const bool gif = IsGif(path);
  Check(animation, where);
  StartVips();
  const std::string what = "writing " + where;
  Report(progress, what, 0);

  // To libvips, an animation is one tall picture and the height of its pages.
  const VipsOwned<VipsImage> tall(vips_image_new_from_memory(animation.pixels.data(), animation.pixels.size(),
                                                             animation.width, animation.height * animation.frames(), 3,
                                                             VIPS_FORMAT_UCHAR));
  VipsImage* tagged = nullptr;
  if (!tall || vips_copy(tall.get(), &tagged, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) != 0) {
    throw Error({.where = where, .rule = "an animation must fit libvips' limits", .received = TakeVipsError()});
  }
  const VipsOwned<VipsImage> image(tagged);
  std::vector<int> delays = animation.milliseconds;
  vips_image_set_int(image.get(), "page-height", animation.height);
  vips_image_set_array_int(image.get(), "delay", delays.data(), animation.frames());
  vips_image_set_int(image.get(), "loop", 0);

  void* bytes = nullptr;
  size_t length = 0;
  // No dithering: the dots of flat colours would differ from frame to frame.
  const int failed = gif ? vips_gifsave_buffer(image.get(), &bytes, &length, "dither", 0.0, "effort", 3, nullptr)
                         : vips_webpsave_buffer(image.get(), &bytes, &length, "lossless", TRUE, "effort", 2, nullptr);
  if (failed != 0) {
    throw Error({.where = where,
                 .rule = "an animation must fit the limits of its format",
                 .received = TakeVipsError(),
                 .fix = gif ? "write .webp, or fewer frames" : "write .gif, or fewer frames"});
  }
  const std::unique_ptr<void, GFree> owned(bytes);
  const std::string_view piece(static_cast<const char*>(bytes), length);
  WriteFileAtomically(path, {&piece, 1});
  Report(progress, what, 1);
}

}  // namespace convscope
