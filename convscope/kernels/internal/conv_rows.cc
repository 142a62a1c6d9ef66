#include "convscope/kernels/internal/conv_rows.h"

#include <algorithm>
#include <cstring>

namespace convscope::internal {
namespace {

constexpr int64_t kLine = 16;  // floats in a cache line

}  // namespace

void SourceRows(const ConvSpec& spec, int64_t output_row, std::span<int64_t> rows) {
  const WindowAxis& depth = spec.depth();
  const WindowAxis& height = spec.rows();
  const int64_t oh = output_row % height.out();
  const int64_t od = output_row / height.out() % depth.out();
  const int64_t n = output_row / height.out() / depth.out();
  int64_t tap = 0;
  for (int64_t kd = 0; kd < depth.size; ++kd) {
    const int64_t d = SourceIndex(od * depth.stride + kd * depth.dilation - depth.pad_before, depth.in, spec.pad_mode);
    for (int64_t kh = 0; kh < height.size; ++kh) {
      const int64_t h =
          SourceIndex(oh * height.stride + kh * height.dilation - height.pad_before, height.in, spec.pad_mode);
      rows[tap++] = d < 0 || h < 0 ? -1 : (n * depth.in + d) * height.in + h;
    }
  }
}

std::vector<Strip> CutStrips(const ConvSpec& spec, int64_t pixels, bool in_place) {
  const WindowAxis& columns = spec.columns();
  const int64_t out = columns.out();
  // Windows [inner_begin, inner_end) lie inside the input.
  int64_t inner_begin = out, inner_end = out;
  if (in_place) {
    inner_begin = std::min(out, (columns.pad_before + columns.stride - 1) / columns.stride);
    const int64_t last_start = columns.in + columns.pad_before - columns.extent();
    inner_end = last_start < 0 ? inner_begin : std::clamp(last_start / columns.stride + 1, inner_begin, out);
  }
  std::vector<Strip> strips;
  const auto cut = [&](int64_t begin, int64_t end, bool packed) {
    const int64_t count = (end - begin + pixels - 1) / pixels;
    for (int64_t i = 0; i < count; ++i) {
      strips.push_back({begin + (end - begin) * i / count, begin + (end - begin) * (i + 1) / count, packed});
    }
  };
  cut(0, inner_begin, true);
  cut(inner_begin, inner_end, false);
  cut(inner_end, out, true);
  return strips;
}

void PackRow(const ConvSpec& spec, const float* row, int64_t first, int64_t count, int64_t phases, int64_t pitch,
             float* packed) {
  const int64_t channels = spec.channels;
  const int64_t width = spec.columns().in;
  const size_t pixel_bytes = static_cast<size_t>(channels) * sizeof(float);
  int64_t i = 0;
  while (i < count) {
    const int64_t x = first + i;
    if (phases == 1 && row != nullptr && x >= 0 && x < width) {  // the run of real pixels, at once
      const int64_t run = std::min(count - i, width - x);
      std::memcpy(packed + i * channels, row + x * channels, static_cast<size_t>(run) * pixel_bytes);
      i += run;
      continue;
    }
    float* to = packed + i % phases * pitch + i / phases * channels;
    const int64_t source = row == nullptr ? -1 : SourceIndex(x, width, spec.pad_mode);
    if (source < 0) {
      std::fill_n(to, channels, 0.0f);
    } else if (channels == 1) {
      *to = row[source];
    } else {
      std::memcpy(to, row + source * channels, pixel_bytes);
    }
    ++i;
  }
}

RowCache::RowCache(int64_t slots, int64_t floats_per_row)
    : tags_(static_cast<size_t>(slots)),
      // Odd in cache lines, so that the rows of a column of taps do not fall into the same set of the cache.
      pitch_(((floats_per_row + kLine - 1) / kLine | 1) * kLine),
      memory_(Shape{slots * pitch_}) {}

void RowCache::Clear() {
  std::fill(tags_.begin(), tags_.end(), Tag{});
}

float* RowCache::Slot(int64_t row, bool* found) {
  ++clock_;
  size_t oldest = 0;
  for (size_t i = 0; i < tags_.size(); ++i) {
    if (tags_[i].used != 0 && tags_[i].row == row) {
      tags_[i].used = clock_;
      *found = true;
      return memory_.data() + static_cast<int64_t>(i) * pitch_;
    }
    if (tags_[i].used < tags_[oldest].used) oldest = i;
  }
  tags_[oldest] = {row, clock_};
  *found = false;
  return memory_.data() + static_cast<int64_t>(oldest) * pitch_;
}

}  // namespace convscope::internal
