// Golden pictures, for tests: a figure as it was drawn when somebody looked at it, and how far another is from it. Not
// for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_GOLDEN_CHECK_H_
#define CONVSCOPE_FIGURES_INTERNAL_GOLDEN_CHECK_H_

#include <gtest/gtest.h>
#include <vips/vips.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "convscope/base/file.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/figures/figure.h"
#include "convscope/figures/layout.h"
#include "convscope/figures/scene.h"

namespace convscope::internal {

// A PNG file as libvips, which has no part in writing it, reads it.
inline Raster ReadPng(std::string_view bytes) {
  if (VIPS_INIT("test") != 0) ADD_FAILURE() << vips_error_buffer();
  VipsImage* image = vips_image_new_from_buffer(bytes.data(), bytes.size(), "", nullptr);
  if (image == nullptr) {
    ADD_FAILURE() << vips_error_buffer();
    return {};
  }
  EXPECT_EQ(image->Bands, 3);
  Raster raster{image->Xsize, image->Ysize, {}};
  size_t size = 0;
  void* pixels = vips_image_write_to_memory(image, &size);
  if (pixels == nullptr) {
    ADD_FAILURE() << vips_error_buffer();
  } else {
    const auto* first = static_cast<const Rgb8*>(pixels);
    raster.pixels.assign(first, first + size / 3);
  }
  g_free(pixels);
  g_object_unref(image);
  return raster;
}

// How far two pictures are apart: the mean over all values, and the largest over means of 8 x 8 pixels, which a line or
// a letter moved by a fraction of a pixel hardly changes and a missing one does.
struct Difference {
  double mean = 0, block = 0;
};
inline Difference Compare(const Raster& a, const Raster& b) {
  Difference difference;
  for (int top = 0; top < a.height; top += 8) {
    for (int left = 0; left < a.width; left += 8) {
      double red = 0, green = 0, blue = 0;
      const int bottom = std::min(a.height, top + 8), right = std::min(a.width, left + 8);
      for (int y = top; y < bottom; ++y) {
        for (int x = left; x < right; ++x) {
          const Rgb8 p = a.pixels[y * a.width + x], q = b.pixels[y * b.width + x];
          red += p.r - q.r;
          green += p.g - q.g;
          blue += p.b - q.b;
          difference.mean += std::abs(p.r - q.r) + std::abs(p.g - q.g) + std::abs(p.b - q.b);
        }
      }
      const double most = std::max({std::fabs(red), std::fabs(green), std::fabs(blue)});
      difference.block = std::max(difference.block, most / ((bottom - top) * (right - left)));
    }
  }
  difference.mean /= 3.0 * static_cast<double>(a.pixels.size());
  return difference;
}

// Compares with the file, whose path is relative to the sources' root, or writes it when CONVSCOPE_UPDATE_GOLDEN is set
// (see convscope/figures/testdata/README.md).
inline void ExpectGolden(const std::string& file, const std::string& png) {
  const std::filesystem::path path = SourceFile(file);
  if (std::getenv("CONVSCOPE_UPDATE_GOLDEN") != nullptr) {
    const std::string_view piece = png;
    WriteFileAtomically(path, {&piece, 1});
    return;
  }
  const Raster drawn = ReadPng(png), golden = ReadPng(ReadFile(path, 1 << 24));
  ASSERT_EQ(drawn.width, golden.width);
  ASSERT_EQ(drawn.height, golden.height);
  const Difference difference = Compare(drawn, golden);
  EXPECT_LT(difference.mean, 1) << "of 255, in " << path;
  EXPECT_LT(difference.block, 24) << "of 255, in " << path;
}

// The golden pictures are drawn with DejaVu Sans; with another font, texts are broken elsewhere.
inline bool HasDejaVuSans() {
  const Tensor one = Tensor::Of({1, 1}, {1});
  const Scene scene = LayOut({.title = "Hamburgefonts", .rows = {{{.content = MapPlot{.values = one.view()}}}}});
  const auto title = std::find_if(scene.texts.begin(), scene.texts.end(),
                                  [](const SceneText& text) { return text.role == SceneText::Role::kFigureTitle; });
  return std::fabs(title->box.width - 122.86) < 0.5;  // bold, 14 points
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_GOLDEN_CHECK_H_
