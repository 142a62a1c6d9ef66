#include "convscope/tasks/embed_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "convscope/figures/render.h"
#include "convscope/tasks/internal/idx_data.h"

namespace convscope {
namespace {

TEST(EmbedData, PicturesOfMoreThan64PixelsAreDrawnAsMeansOfSquares) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("embed_" + std::to_string(getpid()));
  const auto pixel = [](int64_t i, int64_t y, int64_t x) {
    return static_cast<uint8_t>((i * 31 + y * 7 + x * x) % 256);
  };
  internal::WriteIdxData(folder, 8, 130, 71, pixel);
  OpenDataOptions data;
  data.source = folder.string();
  const Embedding embedding =
      EmbedData({.model = "udacity-filters", .data = data, .layer = "conv", .pictures = 8, .tsne = false});
  std::filesystem::remove_all(folder);
  // 130 / 64 takes squares of 3: 44 rows, the last of one pixel, and 24 columns, the last of two.
  ASSERT_EQ(embedding.pictures.shape(), Shape({8, 44, 24, 1}));
  for (int64_t i = 0; i < 8; ++i) {
    for (int64_t row = 0; row < 44; ++row) {
      for (int64_t column = 0; column < 24; ++column) {
        double sum = 0;
        int64_t count = 0;
        for (int64_t y = 3 * row; y < std::min<int64_t>(3 * row + 3, 130); ++y) {
          for (int64_t x = 3 * column; x < std::min<int64_t>(3 * column + 3, 71); ++x, ++count) sum += pixel(i, y, x);
        }
        // Nine values of at most 1, each rounded, and their sum rounded nine times.
        EXPECT_NEAR(embedding.pictures.data()[(i * 44 + row) * 24 + column], sum / 255 / static_cast<double>(count),
                    2e-6);
      }
    }
  }
  EXPECT_NO_THROW(EncodePng(EmbedFigure(embedding)));
}

}  // namespace
}  // namespace convscope
