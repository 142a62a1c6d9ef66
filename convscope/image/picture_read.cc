#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/image/decode_picture.h"
#include "convscope/image/internal/vips_library.h"
#include "convscope/image/picture.h"

namespace convscope {
namespace {

using internal::LoadHeif;
using internal::StartVips;
using internal::TakeVipsError;
using internal::VipsOwned;

// The loaders that may run, by libvips' names, and what Picture::format calls them.
constexpr std::array<std::pair<std::string_view, const char*>, 6> kLoaders = {{
    {"jpegload_source", "jpeg"},
    {"pngload_source", "png"},
    {"webpload_source", "webp"},
    {"tiffload_source", "tiff"},
    {"gifload_source", "gif"},
    {"heifload_source", "heif"},
}};

// An open file of which libvips holds a duplicate.
VipsOwned<VipsSource> OpenSource(const std::filesystem::path& path, const std::string& shown) {
  int descriptor = STDIN_FILENO;
  if (path != "-") {
    descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      throw Error({.where = shown,
                   .rule = "a picture file must exist and be readable",
                   .received = std::strerror(errno),
                   .fix = "check its name"});
    }
  }
  struct stat status {};
  const bool known = fstat(descriptor, &status) == 0;
  VipsOwned<VipsSource> source(vips_source_new_from_descriptor(descriptor));
  if (path != "-") close(descriptor);
  if (known && S_ISDIR(status.st_mode)) {
    throw Error(
        {.where = shown, .rule = "a picture must be a file", .received = "a folder", .fix = "name the files in it"});
  }
  if (!source) throw Error({.where = shown, .rule = "a picture must be readable", .received = TakeVipsError()});
  return source;
}

// "a file that begins with ..." for a file that no loader knows.
std::string Beginning(VipsSource* source) {
  std::array<unsigned char, 8> start;
  if (vips_source_rewind(source) != 0) return "something else";
  const gint64 length = vips_source_read(source, start.data(), start.size());
  if (length <= 0) return "an empty file";
  std::string text;
  for (gint64 i = 0; i < length; ++i) text += std::isprint(start[i]) != 0 ? static_cast<char>(start[i]) : '.';
  return Concat("a file that begins with \"", text, '"');
}

using Loader = std::pair<std::string_view, const char*>;

// Null when none that may run knows the file.
const Loader* LoaderOf(VipsSource* source) {
  const char* type_name = vips_foreign_find_load_source(source);
  if (type_name == nullptr) {
    TakeVipsError();  // would be told with the next error of another file
    return nullptr;
  }
  const std::string_view nickname = vips_nickname_find(g_type_from_name(type_name));
  const auto* found =
      std::find_if(kLoaders.begin(), kLoaders.end(), [&](const Loader& l) { return l.first == nickname; });
  return found == kLoaders.end() ? nullptr : found;
}

// The libvips name and our name of the loader for `source`; throws Error when none that may run knows the file.
Loader FindLoader(VipsSource* source, const std::string& shown) {
  const Loader* loader = LoaderOf(source);
  if (loader == nullptr && LoadHeif()) loader = LoaderOf(source);
  if (loader != nullptr) return *loader;
  throw Error({.where = shown,
               .rule = "a picture must be a whole JPEG, PNG, WebP, TIFF, GIF or HEIF file",
               .received = Beginning(source),
               .fix = "get it again, or convert it to PNG"});
}

[[noreturn]] void FailDamaged(const std::string& shown) {
  const std::string cause = TakeVipsError();
  throw Error({.where = shown,
               .rule = "a picture file must be whole and undamaged",
               .received = cause.empty() ? "data that end too early" : cause,
               .fix = "get the file again"});
}

VipsOwned<VipsImage> Open(VipsSource* source, std::string_view loader, const std::string& shown) {
  VipsImage* image = nullptr;
  if (vips_call(loader.data(), source, &image, "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_ERROR,
                nullptr) != 0) {
    FailDamaged(shown);
  }
  return VipsOwned<VipsImage>(image);
}

// The same picture as grey or RGB, where it is CMYK, Lab, or whatever else libvips can convert.
VipsOwned<VipsImage> WithPlainColours(VipsOwned<VipsImage> image, const std::string& shown) {
  switch (vips_image_get_interpretation(image.get())) {
    case VIPS_INTERPRETATION_MULTIBAND:
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16:
    case VIPS_INTERPRETATION_sRGB:
    case VIPS_INTERPRETATION_RGB:
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_scRGB:
      return image;
    default:
      break;
  }
  VipsImage* converted = nullptr;
  if (vips_colourspace(image.get(), &converted, VIPS_INTERPRETATION_sRGB, nullptr) != 0) FailDamaged(shown);
  return VipsOwned<VipsImage>(converted);
}

// How stored pixels become those of the result, and where they go.
struct Conversion {
  int colours;        // 1 or 3, the colour values of a stored pixel
  bool alpha;         // one more value follows them
  int64_t channels;   // 1 or 3, of a pixel of the result
  float most;         // the stored value of white and of opaque
  float divisor;      // a stored value over this is a value of the result
  float* out;         // of the stored pixel at the top left
  int64_t down = 0;   // floats in the result from a stored pixel to the one below
  int64_t right = 0;  // and to the one at its right
};

// ITU-R BT.601.
float Luma(float red, float green, float blue) {
  return 0.299f * red + 0.587f * green + 0.114f * blue;
}

// A row of `width` stored pixels.
template <typename Stored>
void ConvertRow(const Stored* in, int64_t width, const Conversion& to, float* out) {
  const int64_t bands = to.colours + (to.alpha ? 1 : 0);
  if (bands == to.channels && to.right == to.channels) {
    for (int64_t i = 0; i < width * bands; ++i) out[i] = static_cast<float>(in[i]) / to.divisor;
    return;
  }
  const float white = to.most / to.divisor;
  const int green = to.colours == 1 ? 0 : 1;
  const int blue = to.colours == 1 ? 0 : 2;
  for (int64_t x = 0; x < width; ++x, in += bands, out += to.right) {
    const float opacity = to.alpha ? static_cast<float>(in[to.colours]) / to.most : 1.0f;
    const auto value = [&](int band) {
      const float plain = static_cast<float>(in[band]) / to.divisor;
      return to.alpha ? opacity * plain + (1.0f - opacity) * white : plain;
    };
    if (to.channels == 3) {
      out[0] = value(0);
      out[1] = value(green);
      out[2] = value(blue);
    } else {
      out[0] = to.colours == 1 ? value(0) : Luma(value(0), value(green), value(blue));
    }
  }
}

// Decodes the picture strip by strip into `to`.
//
// Decoding runs in this thread and only the conversion in several: decoders are serial anyway, and vips_sink, which
// would call us back from many threads, at times loses the error of a truncated file and yields black rows instead.
template <typename Stored>
void Decode(VipsImage* image, const Conversion& to, const Progress& progress, const std::string& shown) {
  constexpr int kStripRows = 128;
  const int h = vips_image_get_height(image);
  const int w = vips_image_get_width(image);
  const std::string what = "reading " + shown;
  const VipsOwned<VipsRegion> strip(vips_region_new(image));
  for (int top = 0; top < h; top += kStripRows) {
    Report(progress, what, static_cast<double>(top) / h);
    const VipsRect place{.left = 0, .top = top, .width = w, .height = std::min(kStripRows, h - top)};
    if (vips_region_prepare(strip.get(), &place) != 0) FailDamaged(shown);
    const int64_t grain = std::max(1, (1 << 16) / w);  // rows
    ParallelRanges(place.height, grain, [&](int64_t begin, int64_t end) {
      for (int64_t y = top + begin; y < top + end; ++y) {
        ConvertRow(reinterpret_cast<const Stored*>(VIPS_REGION_ADDR(strip.get(), 0, static_cast<int>(y))), w, to,
                   to.out + y * to.down);
      }
    });
  }
  Report(progress, what, 1);
}

// The strides that put an h x w picture upright: where its first row and column are seen is what EXIF's orientation
// (1 to 8) states. Sides are swapped from 5 on.
void Orient(int orientation, int64_t h, int64_t w, Conversion& to) {
  const bool swapped = orientation >= 5;
  const bool rows_reversed = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_reversed = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  to.down = swapped ? to.channels : w * to.channels;
  to.right = swapped ? h * to.channels : to.channels;
  if (rows_reversed) {
    to.out += (h - 1) * to.down;
    to.down = -to.down;
  }
  if (columns_reversed) {
    to.out += (w - 1) * to.right;
    to.right = -to.right;
  }
}

void CheckSize(int64_t h, int64_t w, int64_t limit, const std::string& shown) {
  if (h <= limit / w) return;
  throw Error({.where = shown,
               .rule = Concat("a picture may have at most ", limit, " pixels"),
               .received = Concat(w, " x ", h, " (width x height) in its header"),
               .fix = "make it smaller, or cut a piece out of it"});
}

// Bits of a stored value, or 0 for a type that pictures do not have here.
int BitsOf(VipsBandFormat format) {
  switch (format) {
    case VIPS_FORMAT_UCHAR:
      return 8;
    case VIPS_FORMAT_USHORT:
      return 16;
    case VIPS_FORMAT_FLOAT:
      return 32;
    default:
      return 0;
  }
}

void CheckReadScale(double scale, const std::string& shown) {
  if (scale > 0) return;
  throw Error({.where = shown, .rule = "the scale must be above 0", .received = ShortestText(scale)});
}

Picture DecodeFrom(VipsSource* source, const std::string& shown, const ReadOptions& options) {
  const auto [loader, format] = FindLoader(source, shown);
  VipsOwned<VipsImage> image = Open(source, loader, shown);
  const int64_t h = vips_image_get_height(image.get());
  const int64_t w = vips_image_get_width(image.get());
  CheckSize(h, w, options.pixel_limit, shown);
  const int orientation = vips_image_get_orientation(image.get());
  image = WithPlainColours(std::move(image), shown);

  const int bands = vips_image_get_bands(image.get());
  const VipsBandFormat stored = vips_image_get_format(image.get());
  const int bits = BitsOf(stored);
  if (bits == 0 || bands > 4) {
    throw Error({.where = shown,
                 .rule = "a picture must have 1 to 4 channels of 8-bit, 16-bit or 32-bit floating-point values",
                 .received = Concat(bands, " of type ", vips_enum_nick(VIPS_TYPE_BAND_FORMAT, stored)),
                 .fix = "convert it to an 8-bit RGB picture first"});
  }

  const int colours = bands < 3 ? 1 : 3;
  const bool keep = options.colour == ReadOptions::Colour::kKeep;
  const int64_t channels = keep ? colours : options.colour == ReadOptions::Colour::kGrey ? 1 : 3;
  const bool swapped = orientation >= 5;
  Picture picture{.pixels = Tensor(Shape{swapped ? w : h, swapped ? h : w, channels}),
                  .source = shown,
                  .format = format,
                  .bits = bits};
  const float most = bits == 8 ? 255.0f : bits == 16 ? 65535.0f : 1.0f;
  Conversion to{.colours = colours,
                .alpha = bands > colours,
                .channels = channels,
                .most = most,
                .divisor = static_cast<float>(most / 255.0 * options.scale),
                .out = picture.pixels.data()};
  Orient(orientation, h, w, to);

  if (bits == 8) Decode<uint8_t>(image.get(), to, options.progress, shown);
  if (bits == 16) Decode<uint16_t>(image.get(), to, options.progress, shown);
  if (bits == 32) Decode<float>(image.get(), to, options.progress, shown);
  return picture;
}

}  // namespace

Picture ReadPicture(const std::filesystem::path& path, const ReadOptions& options) {
  const std::string shown = path == "-" ? "standard input" : path.string();
  CheckReadScale(options.scale, shown);
  StartVips();
  return DecodeFrom(OpenSource(path, shown).get(), shown, options);
}

Picture DecodePicture(std::string_view bytes, const std::string& source, const ReadOptions& options) {
  CheckReadScale(options.scale, source);
  if (bytes.empty()) {
    throw Error({.where = source, .rule = "a picture has bytes", .received = "none", .fix = "send a picture file"});
  }
  StartVips();
  const VipsOwned<VipsSource> memory(vips_source_new_from_memory(bytes.data(), bytes.size()));
  if (!memory) throw Error({.where = source, .rule = "a picture must be readable", .received = TakeVipsError()});
  return DecodeFrom(memory.get(), source, options);
}

}  // namespace convscope
