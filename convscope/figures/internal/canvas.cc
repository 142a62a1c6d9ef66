#include "convscope/figures/internal/canvas.h"

#include <cairo-pdf.h>
#include <cairo.h>

#include <cmath>
#include <cstdint>
#include <memory>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/figures/internal/text_setter.h"

namespace convscope::internal {
namespace {

struct Release {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* cairo) const { cairo_destroy(cairo); }
};
using Surface = std::unique_ptr<cairo_surface_t, Release>;
using Cairo = std::unique_ptr<cairo_t, Release>;

void CheckStatus(cairo_status_t status) {
  if (status == CAIRO_STATUS_SUCCESS) return;
  throw Error({.where = "figure",
               .rule = "the page must be drawn without an error",
               .received = cairo_status_to_string(status)});
}

// Cairo's pixels are 32-bit words, 0x00RRGGBB, in rows of `stride` bytes.
uint32_t* RowOf(cairo_surface_t* surface, int y) {
  unsigned char* row =
      cairo_image_surface_get_data(surface) + static_cast<ptrdiff_t>(y) * cairo_image_surface_get_stride(surface);
  return reinterpret_cast<uint32_t*>(row);
}

Surface SurfaceOf(const Raster& raster) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, raster.width, raster.height));
  CheckStatus(cairo_surface_status(surface.get()));
  for (int y = 0; y < raster.height; ++y) {
    uint32_t* row = RowOf(surface.get(), y);
    const Rgb8* pixels = raster.pixels.data() + static_cast<ptrdiff_t>(y) * raster.width;
    for (int x = 0; x < raster.width; ++x) row[x] = uint32_t{pixels[x].r} << 16 | pixels[x].g << 8 | pixels[x].b;
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

constexpr double kDashes[] = {3, 2};  // points on and off, as in SvgText

void SetColor(cairo_t* cairo, Rgb8 color) {
  cairo_set_source_rgb(cairo, color.r / 255.0, color.g / 255.0, color.b / 255.0);
}

void DrawImage(cairo_t* cairo, const SceneImage& image) {
  const Surface pixels = SurfaceOf(image.raster);
  cairo_save(cairo);
  cairo_translate(cairo, image.box.x, image.box.y);
  cairo_scale(cairo, image.box.width / image.raster.width, image.box.height / image.raster.height);
  cairo_set_source_surface(cairo, pixels.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
  cairo_pattern_set_extend(cairo_get_source(cairo), CAIRO_EXTEND_PAD);
  cairo_rectangle(cairo, 0, 0, image.raster.width, image.raster.height);
  cairo_fill(cairo);
  cairo_restore(cairo);
}

void DrawRectangle(cairo_t* cairo, const SceneRectangle& rectangle) {
  const Box& box = rectangle.box;
  cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
  if (rectangle.fill) {
    SetColor(cairo, *rectangle.fill);
    cairo_fill_preserve(cairo);
  }
  if (rectangle.stroke) {
    SetColor(cairo, *rectangle.stroke);
    cairo_set_line_width(cairo, rectangle.stroke_width);
    cairo_stroke_preserve(cairo);
  }
  cairo_new_path(cairo);
}

void DrawPath(cairo_t* cairo, const ScenePath& path) {
  const std::vector<ScenePoint>& points = path.points;
  if (points.empty()) return;
  cairo_move_to(cairo, points[0].x, points[0].y);
  if (path.curved) {
    for (size_t i = 1; i + 2 < points.size(); i += 3) {
      cairo_curve_to(cairo, points[i].x, points[i].y, points[i + 1].x, points[i + 1].y, points[i + 2].x,
                     points[i + 2].y);
    }
  } else {
    for (size_t i = 1; i < points.size(); ++i) cairo_line_to(cairo, points[i].x, points[i].y);
  }
  if (path.fill) {
    SetColor(cairo, *path.fill);
    cairo_fill_preserve(cairo);
  }
  if (path.stroke) {
    SetColor(cairo, *path.stroke);
    cairo_set_line_width(cairo, path.stroke_width);
    cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
    cairo_set_dash(cairo, kDashes, path.dashed ? 2 : 0, 0);
    cairo_stroke_preserve(cairo);
  }
  cairo_new_path(cairo);
}

void DrawScene(cairo_t* cairo, const Scene& scene) {
  cairo_set_source_rgb(cairo, 1, 1, 1);
  cairo_paint(cairo);
  for (const SceneImage& image : scene.images) DrawImage(cairo, image);
  for (const SceneRectangle& rectangle : scene.rectangles) DrawRectangle(cairo, rectangle);
  for (const ScenePath& path : scene.paths) DrawPath(cairo, path);
  TextSetter setter;
  for (const SceneText& text : scene.texts) {
    SetColor(cairo, text.color);
    setter.Draw(cairo, text.text, text.style, text.box.x, text.baseline());
  }
}

}  // namespace

Raster PixelsOf(const Scene& scene, double pixels_per_point) {
  constexpr double kMostPixels = 32767;  // Cairo's limit
  const double width = std::round(scene.width * pixels_per_point), height = std::round(scene.height * pixels_per_point);
  if (width > kMostPixels || height > kMostPixels) {
    throw Error({.where = "figure",
                 .rule = Concat("a picture of a figure may have ", kMostPixels, " pixels in a direction"),
                 .received = Concat(width, " x ", height),
                 .fix = "write it as .pdf or .svg, or in several figures"});
  }
  Raster raster{static_cast<int>(width), static_cast<int>(height), {}};
  const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, raster.width, raster.height));
  CheckStatus(cairo_surface_status(surface.get()));
  const Cairo cairo(cairo_create(surface.get()));
  cairo_scale(cairo.get(), pixels_per_point, pixels_per_point);
  DrawScene(cairo.get(), scene);
  CheckStatus(cairo_status(cairo.get()));
  cairo_surface_flush(surface.get());

  raster.pixels.resize(static_cast<size_t>(raster.width) * static_cast<size_t>(raster.height));
  ParallelRanges(raster.height, 64, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      const uint32_t* row = RowOf(surface.get(), static_cast<int>(y));
      Rgb8* pixels = raster.pixels.data() + y * raster.width;
      for (int x = 0; x < raster.width; ++x) {
        pixels[x] = {static_cast<uint8_t>(row[x] >> 16), static_cast<uint8_t>(row[x] >> 8),
                     static_cast<uint8_t>(row[x])};
      }
    }
  });
  return raster;
}

std::string PdfBytes(const Scene& scene, const std::string& title) {
  std::string bytes;
  const auto append = [](void* to, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
  };
  const Surface surface(cairo_pdf_surface_create_for_stream(append, &bytes, scene.width, scene.height));
  CheckStatus(cairo_surface_status(surface.get()));
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, PrintableText(title).c_str());
  // The same figure gives the same file, whenever it is drawn.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "");
  const Cairo cairo(cairo_create(surface.get()));
  DrawScene(cairo.get(), scene);
  CheckStatus(cairo_status(cairo.get()));
  cairo_surface_finish(surface.get());
  CheckStatus(cairo_surface_status(surface.get()));
  return bytes;
}

}  // namespace convscope::internal
