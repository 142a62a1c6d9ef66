#include "convscope/kernels/internal/conv_rows.h"

#include <algorithm>
#include <bit>

namespace convscope::internal {
namespace {

constexpr int64_t kLine = 16;  // floats in a cache line

}  // namespace

void SourceRows(const ConvSpec& spec, int64_t output_row, std::span<int64_t> rows) {
  const WindowAxis& depth = spec.depth();
  const WindowAxis& height = spec.rows();
  const int64_t out_rows = height.out(), out_depth = depth.out();
  const int64_t plane = output_row / out_rows, oh = output_row % out_rows;
  const int64_t n = plane / out_depth, od = plane % out_depth;
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
    // A strip narrower than a few vectors would run at the speed of scalars.
    constexpr int64_t kNarrow = 16;
    if (inner_begin > 0) inner_begin = std::min(std::max(inner_begin, kNarrow), inner_end);
    if (inner_end < out) inner_end = std::max(std::min(inner_end, out - kNarrow), inner_begin);
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

void PackRow(const ConvSpec& spec, const float* row, int64_t first, int64_t count, int64_t stride,
             std::span<const int64_t> phases, int64_t pitch, float* packed) {
  const int64_t channels = spec.channels;
  const int64_t width = spec.columns().in;
  for (const int64_t phase : phases) {
    const int64_t start = first + phase;
    const int64_t pixels = std::max<int64_t>(0, (count - phase + stride - 1) / stride);
    // Pixels [inner_begin, inner_end) of this phase are real ones.
    const int64_t inner_begin = start >= 0 ? 0 : std::min((-start + stride - 1) / stride, pixels);
    const int64_t inner_end =
        start >= width ? inner_begin : std::clamp((width - start + stride - 1) / stride, inner_begin, pixels);
    const auto pad = [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j) {
        const int64_t source = SourceIndex(start + j * stride, width, spec.pad_mode);
        if (source < 0) {
          std::fill_n(packed + j * channels, channels, 0.0f);
        } else {
          std::copy_n(row + source * channels, channels, packed + j * channels);
        }
      }
    };
    pad(0, inner_begin);
    if (stride == 1) {
      std::copy_n(row + (start + inner_begin) * channels, (inner_end - inner_begin) * channels,
                  packed + inner_begin * channels);
    } else if (channels <= 4) {  // a loop over so few channels for each pixel would cost more than what it copies
      for (int64_t c = 0; c < channels; ++c) {
        for (int64_t j = inner_begin; j < inner_end; ++j) {
          packed[j * channels + c] = row[(start + j * stride) * channels + c];
        }
      }
    } else {
      for (int64_t j = inner_begin; j < inner_end; ++j) {
        std::copy_n(row + (start + j * stride) * channels, channels, packed + j * channels);
      }
    }
    pad(inner_end, pixels);
    packed += pitch;
  }
}

RowCache::RowCache(int64_t slots, int64_t floats_per_row)
    : tags_(static_cast<size_t>(slots)),
      heads_(std::bit_ceil(static_cast<size_t>(slots))),
      // Odd in cache lines, so that the rows of a column of taps do not fall into the same set of the cache.
      pitch_(((floats_per_row + kLine - 1) / kLine | 1) * kLine),
      memory_(Shape{slots * pitch_}) {
  Clear();
}

void RowCache::Clear() {
  const auto slots = static_cast<int32_t>(tags_.size());
  for (int32_t i = 0; i < slots; ++i) tags_[static_cast<size_t>(i)] = {.older = i - 1, .newer = i + 1};
  tags_.back().newer = kNone;
  oldest_ = 0;
  newest_ = slots - 1;
  std::fill(heads_.begin(), heads_.end(), kNone);
}

void RowCache::MakeNewest(int32_t slot) {
  if (slot == newest_) return;
  Tag& tag = tags_[static_cast<size_t>(slot)];
  (tag.older == kNone ? oldest_ : tags_[static_cast<size_t>(tag.older)].newer) = tag.newer;
  tags_[static_cast<size_t>(tag.newer)].older = tag.older;
  tags_[static_cast<size_t>(newest_)].newer = slot;
  tag.older = newest_;
  tag.newer = kNone;
  newest_ = slot;
}

// Takes a slot's row out of the list of its place.
void RowCache::Forget(int32_t slot) {
  const Tag& tag = tags_[static_cast<size_t>(slot)];
  if (tag.row < 0) return;
  int32_t* link = &HeadOf(tag.row);
  while (*link != slot) link = &tags_[static_cast<size_t>(*link)].next;
  *link = tag.next;
}

float* RowCache::Slot(int64_t row, bool* found) {
  int32_t slot = HeadOf(row);
  while (slot != kNone && tags_[static_cast<size_t>(slot)].row != row) slot = tags_[static_cast<size_t>(slot)].next;
  *found = slot != kNone;
  if (!*found) {
    slot = oldest_;
    Forget(slot);
    tags_[static_cast<size_t>(slot)].row = row;
    tags_[static_cast<size_t>(slot)].next = HeadOf(row);
    HeadOf(row) = slot;
  }
  MakeNewest(slot);
  return memory_.data() + slot * pitch_;
}

}  // namespace convscope::internal
