#include "convscope/figures/internal/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

#include "convscope/figures/internal/png.h"
#include "convscope/figures/internal/text_setter.h"

namespace convscope::internal {
namespace {

std::string Base64(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += i + j <= bytes.size() ? kDigits[group >> (18 - 6 * j) & 63] : '=';
    }
  }
  return text;
}

std::string Escaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else if (c == '>') {
      escaped += "&gt;";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string Hex(Rgb8 color) {
  return fmt::format("#{:02x}{:02x}{:02x}", color.r, color.g, color.b);
}

// A length in points, to a thousandth.
std::string Length(double points) {
  return fmt::format("{:g}", std::round(points * 1000) / 1000);
}

std::string Place(const Box& box) {
  return fmt::format(R"(x="{}" y="{}" width="{}" height="{}")", Length(box.x), Length(box.y), Length(box.width),
                     Length(box.height));
}

// "M0,0 L10,5 20,7"
std::string PathData(const ScenePath& path) {
  std::string data;
  for (size_t i = 0; i < path.points.size(); ++i) {
    data += i == 0 ? "M" : i > 1 ? " " : path.curved ? " C" : " L";
    data += Length(path.points[i].x) + "," + Length(path.points[i].y);
  }
  return data;
}

// The raster with each pixel repeated until there are four to a point: some viewers smooth an enlarged image whatever
// the document asks for, and then smooth the edges of its squares alone.
Raster Enlarged(const Raster& raster, const Box& box) {
  constexpr double kPixelsPerPoint = 4;
  const auto times = [](double points, int pixels) {
    return std::max(1, static_cast<int>(std::ceil(kPixelsPerPoint * points / pixels)));
  };
  const int across = times(box.width, raster.width), down = times(box.height, raster.height);
  Raster enlarged{raster.width * across, raster.height * down, {}};
  enlarged.pixels.reserve(static_cast<size_t>(enlarged.width) * enlarged.height);
  for (int y = 0; y < enlarged.height; ++y) {
    const Rgb8* row = raster.pixels.data() + static_cast<ptrdiff_t>(y / down) * raster.width;
    for (int x = 0; x < enlarged.width; ++x) enlarged.pixels.push_back(row[x / across]);
  }
  return enlarged;
}

}  // namespace

std::string SvgText(const Scene& scene) {
  std::string svg;
  const auto out = std::back_inserter(svg);
  const std::string width = Length(scene.width), height = Length(scene.height);
  fmt::format_to(out,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 R"(<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" )"
                 R"(width="{0}pt" height="{1}pt" viewBox="0 0 {0} {1}" font-family="{2}">)"
                 "\n"
                 R"(<rect width="{0}" height="{1}" fill="#ffffff"/>)"
                 "\n",
                 width, height, kFontFamilies);
  for (const SceneImage& image : scene.images) {
    fmt::format_to(
        out,
        R"(<image {} preserveAspectRatio="none" image-rendering="optimizeSpeed" style="image-rendering:pixelated" )"
        R"(xlink:href="data:image/png;base64,{}"/>)"
        "\n",
        Place(image.box), Base64(PngBytes(Enlarged(image.raster, image.box), 1)));
  }
  for (const SceneRectangle& rectangle : scene.rectangles) {
    fmt::format_to(out, R"(<rect {} fill="{}")", Place(rectangle.box), rectangle.fill ? Hex(*rectangle.fill) : "none");
    if (rectangle.stroke) {
      fmt::format_to(out, R"( stroke="{}" stroke-width="{}")", Hex(*rectangle.stroke), Length(rectangle.stroke_width));
    }
    svg += "/>\n";
  }
  for (const ScenePath& path : scene.paths) {
    fmt::format_to(out, R"(<path d="{}" fill="{}")", PathData(path), path.fill ? Hex(*path.fill) : "none");
    if (path.stroke) {
      fmt::format_to(out, R"( stroke="{}" stroke-width="{}" stroke-linejoin="round"{})", Hex(*path.stroke),
                     Length(path.stroke_width), path.dashed ? R"( stroke-dasharray="3 2")" : "");
    }
    svg += "/>\n";
  }
  for (const SceneText& text : scene.texts) {
    fmt::format_to(out,
                   R"(<text x="{}" y="{}" font-size="{}" fill="{}"{} textLength="{}">{}</text>)"
                   "\n",
                   Length(text.box.x), Length(text.baseline()), Length(text.style.size), Hex(text.color),
                   text.style.bold ? " font-weight=\"bold\"" : "", Length(text.box.width), Escaped(text.text));
  }
  svg += "</svg>\n";
  return svg;
}

}  // namespace convscope::internal
