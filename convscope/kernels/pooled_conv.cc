#include "convscope/kernels/pooled_conv.h"

#include <algorithm>
#include <utility>

#include "convscope/base/parallel.h"
#include "convscope/kernels/internal/work_pool.h"
#include "convscope/tensor/tensor.h"

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

struct PooledConvolution::Impl {
  Impl(const ConvSpec& conv, ConvRows of, const PoolSpec& then);

  void Run(const float* input, float* output);
  void RunPart(const float* input, int64_t picture, int64_t begin, int64_t end, float* output, Tensor& held) const;

  ConvRows rows;
  PoolSpec pool;
  int64_t row_floats;   // of what lies in between
  int64_t band;         // output rows that are pooled at a time
  int64_t band_floats;  // what they are pooled from
  internal::WorkPool<Tensor> works;
};

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

PooledConvolution::Impl::Impl(const ConvSpec& conv, ConvRows of, const PoolSpec& then)
    : rows(std::move(of)), pool(then), row_floats(conv.columns().out() * conv.filters) {
  const WindowAxis& axis = pool.axes[1];
  const int64_t seen = std::max(kBandFloats / row_floats, axis.extent());
  band = std::clamp<int64_t>((seen - axis.extent()) / axis.stride + 1, 1, axis.out());
  band_floats = ((band - 1) * axis.stride + axis.extent()) * row_floats;
}

void PooledConvolution::Impl::Run(const float* input, float* output) {
  const int64_t out = pool.axes[1].out(), all = pool.batch * out;
  // Parts that are not long beside what they make twice would cost more than they save.
  const int64_t shortest = pool.axes[1].extent() > pool.axes[1].stride ? 8 : 2;
  const int64_t parts = std::clamp<int64_t>(all / shortest, 1, int64_t{2} * ThreadCount());
  ParallelFor(parts, [&](int64_t part) {
    works.With([&] { return Tensor(Shape{band_floats}); },
               [&](Tensor& held) {
                 const int64_t end = all * (part + 1) / parts;
                 for (int64_t row = all * part / parts, next = 0; row < end; row = next) {
                   const int64_t picture = row / out;
                   next = std::min(end, (picture + 1) * out);
                   RunPart(input, picture, row - picture * out, next - picture * out, output, held);
                 }
               });
  });
}

// Rows [begin, end) of one picture of the output.
void PooledConvolution::Impl::RunPart(const float* input, int64_t picture, int64_t begin, int64_t end, float* output,
                                      Tensor& held) const {
  const WindowAxis& axis = pool.axes[1];
  const int64_t pooled_floats = pool.axes[2].out() * pool.channels;
  int64_t held_begin = 0, held_end = 0;  // the rows in between that `held` has
  for (int64_t row = begin, next = 0; row < end; row = next) {
    next = std::min(end, row + band);
    const int64_t first = FirstSeen(axis, row), last = EndSeen(axis, next);
    const int64_t from = std::max<int64_t>(first, 0), to = std::min(last, axis.in);
    const int64_t shared = std::max<int64_t>(held_end - from, 0);
    if (shared > 0) {
      std::copy_n(held.data() + (from - held_begin) * row_floats, shared * row_floats, held.data());
    }
    if (from + shared < to) {
      rows(input, picture * axis.in + from + shared, picture * axis.in + to, held.data() + shared * row_floats);
    }
    held_begin = from;
    held_end = std::max(to, held_begin + shared);

    PoolSpec some = pool;
    some.batch = 1;
    some.axes[1] = {.in = to - from,
                    .size = axis.size,
                    .stride = axis.stride,
                    .dilation = axis.dilation,
                    .pad_before = from - first,
                    .pad_after = last - to};
    PoolHere(some, held.data(), output + (picture * axis.out() + row) * pooled_floats);
  }
}

PooledConvolution::PooledConvolution(const ConvSpec& conv, ConvRows rows, const PoolSpec& pool)
    : impl_(std::make_unique<Impl>(conv, std::move(rows), pool)) {}

PooledConvolution::~PooledConvolution() = default;
PooledConvolution::PooledConvolution(PooledConvolution&&) noexcept = default;
PooledConvolution& PooledConvolution::operator=(PooledConvolution&&) noexcept = default;

void PooledConvolution::operator()(const float* input, float* output) const {
  impl_->Run(input, output);
}

}  // namespace convscope
