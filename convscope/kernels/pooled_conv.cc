#include "convscope/kernels/pooled_conv.h"

#include <algorithm>
#include <utility>

#include "convscope/base/parallel.h"

namespace convscope {
namespace {

// What lies in between at a time, in floats: half of the second-level cache of common machines.
constexpr int64_t kBandFloats = int64_t{128} << 10;

// The rows [begin, end) of the padded axis that windows [first, last) see.
int64_t FirstSeen(const WindowAxis& rows, int64_t first) {
  return first * rows.stride - rows.pad_before;
}
int64_t EndSeen(const WindowAxis& rows, int64_t last) {
  return (last - 1) * rows.stride - rows.pad_before + rows.extent();
}

}  // namespace

bool PooledConvolution::Takes(const ConvSpec& conv, const PoolSpec& pool) {
  const WindowAxis& rows = pool.axes[1];
  if (conv.rank != 2 || pool.rank != 2 || pool.InputShape() != conv.OutputShape()) return false;
  const bool sticks_out = EndSeen(rows, rows.out()) > rows.in + rows.pad_after;  // with ceil_mode
  const bool pads = rows.pad_before > 0 || rows.pad_after > 0 || sticks_out;
  return (!pads || pool.pad_mode == PadMode::kZero) && (!sticks_out || pool.kind == PoolKind::kMax);
}

bool PooledConvolution::Pays(const ConvSpec& conv, const PoolSpec& pool) {
  constexpr int64_t kLeastFloats = int64_t{256} << 10;  // of a picture
  constexpr int64_t kLeastRows = 14;
  return conv.OutputShape().NumElements() / conv.batch >= kLeastFloats && pool.axes[1].out() >= kLeastRows &&
         pool.axes[1].extent() <= 2 * pool.axes[1].stride;
}

PooledConvolution::PooledConvolution(const ConvSpec& conv, ConvRows rows, const PoolSpec& pool)
    : rows_(std::move(rows)), pool_(pool), row_floats_(conv.columns().out() * conv.filters) {
  const WindowAxis& axis = pool_.axes[1];
  const int64_t seen = std::max(kBandFloats / row_floats_, axis.extent());
  band_ = std::clamp<int64_t>((seen - axis.extent()) / axis.stride + 1, 1, axis.out());
  band_floats_ = ((band_ - 1) * axis.stride + axis.extent()) * row_floats_;
}

void PooledConvolution::operator()(const float* input, float* output) const {
  const int64_t out = pool_.axes[1].out(), all = pool_.batch * out;
  // Parts that are not long beside what they make twice would cost more than they save.
  const int64_t shortest = pool_.axes[1].extent() > pool_.axes[1].stride ? 8 : 2;
  const int64_t parts = std::clamp<int64_t>(all / shortest, 1, int64_t{2} * ThreadCount());
  ParallelFor(parts, [&](int64_t part) {
    works_.With([&] { return Tensor(Shape{band_floats_}); },
                [&](Tensor& rows) {
                  const int64_t end = all * (part + 1) / parts;
                  for (int64_t row = all * part / parts, next = 0; row < end; row = next) {
                    const int64_t picture = row / out;
                    next = std::min(end, (picture + 1) * out);
                    RunPart(input, picture, row - picture * out, next - picture * out, output, rows);
                  }
                });
  });
}

// Rows [begin, end) of one picture of the output.
void PooledConvolution::RunPart(const float* input, int64_t picture, int64_t begin, int64_t end, float* output,
                                Tensor& rows) const {
  const WindowAxis& axis = pool_.axes[1];
  const int64_t pooled_floats = pool_.axes[2].out() * pool_.channels;
  int64_t held_begin = 0, held_end = 0;  // the rows in between that `rows` holds
  for (int64_t row = begin, next = 0; row < end; row = next) {
    next = std::min(end, row + band_);
    const int64_t first = FirstSeen(axis, row), last = EndSeen(axis, next);
    const int64_t from = std::max<int64_t>(first, 0), to = std::min(last, axis.in);
    const int64_t shared = std::max<int64_t>(held_end - from, 0);
    if (shared > 0) {
      std::copy_n(rows.data() + (from - held_begin) * row_floats_, shared * row_floats_, rows.data());
    }
    if (from + shared < to) {
      rows_(input, picture * axis.in + from + shared, picture * axis.in + to, rows.data() + shared * row_floats_);
    }
    held_begin = from;
    held_end = std::max(to, held_begin + shared);

    PoolSpec band = pool_;
    band.batch = 1;
    band.axes[1] = {.in = to - from,
                    .size = axis.size,
                    .stride = axis.stride,
                    .dilation = axis.dilation,
                    .pad_before = from - first,
                    .pad_after = last - to};
    PoolHere(band, rows.data(), output + (picture * axis.out() + row) * pooled_floats);
  }
}

}  // namespace convscope
