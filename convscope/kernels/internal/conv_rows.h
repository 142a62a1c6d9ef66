// The input rows that a convolution's windows see, with their padding: what the fast kernels read from.
//
// One to three dimensions are one problem here: an output row (one n, depth and row index) sees depth x rows "row
// taps", each an input row or a row of zeroes; along the columns every kernel does its own work. Not for users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_CONV_ROWS_H_
#define CONVSCOPE_KERNELS_INTERNAL_CONV_ROWS_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "convscope/kernels/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

inline int64_t OutputRows(const ConvSpec& spec) {
  return spec.batch * spec.depth().out() * spec.rows().out();
}
inline int64_t RowTaps(const ConvSpec& spec) {
  return spec.depth().size * spec.rows().size;
}

// The indices of the RowTaps(spec) input rows that output row `output_row` sees, -1 for a row of zeroes. Rows of all
// images and depths are counted through: row r of depth d of image n is (n * depth + d) * rows + r.
void SourceRows(const ConvSpec& spec, int64_t output_row, std::span<int64_t> rows);

// How many pieces of work that each hold `bytes` of prepared rows may be under way at once, so that a convolution takes
// at most 16 MiB, or one piece where that is more.
inline int64_t MostPieces(int64_t bytes) {
  constexpr int64_t kScratchBytes = int64_t{15} << 20;  // and one for all that is small
  return std::max<int64_t>(1, kScratchBytes / std::max<int64_t>(bytes, 1));
}

// A stretch of output columns, [begin, end) in pixels. A packed one reads copies of its input rows that hold the
// padding (and, with a stride, one phase after the other); the others read the input in place.
struct Strip {
  int64_t begin = 0, end = 0;
  bool packed = false;
};

// Cuts the output columns into strips of about `pixels` output pixels. Where `in_place` allows, only the columns
// whose windows stick out into the padding are packed.
std::vector<Strip> CutStrips(const ConvSpec& spec, int64_t pixels, bool in_place);

// Copies padded pixels [first, first + count) of one input row, where pixel 0 is the first real one, or those of some
// phases of a stride: pixel first + phases[i] + j * stride goes to packed + i * pitch + j * C.
void PackRow(const ConvSpec& spec, const float* row /* (W, C) */, int64_t first, int64_t count, int64_t stride,
             std::span<const int64_t> phases, int64_t pitch, float* packed);

// A few prepared rows that neighbouring output rows share; the one not asked for longest gives way.
class RowCache {
 public:
  // `slots` is at least the number of rows that one output row needs at a time.
  RowCache(int64_t slots, int64_t floats_per_row);

  // Forgets what the slots hold: a new strip or image begins.
  void Clear();

  // The slot of `row`, and in `found` whether it is filled already. Otherwise the caller fills it.
  float* Slot(int64_t row, bool* found);

 private:
  static constexpr int32_t kNone = -1;

  // A slot is in two lists: of all slots, by when they were asked for, and of the rows that share a place in heads_.
  struct Tag {
    int64_t row = -1;
    int32_t older = kNone, newer = kNone;
    int32_t next = kNone;
  };
  int32_t& HeadOf(int64_t row) { return heads_[static_cast<size_t>(row) & (heads_.size() - 1)]; }
  void MakeNewest(int32_t slot);
  void Forget(int32_t slot);

  std::vector<Tag> tags_;
  std::vector<int32_t> heads_;  // slots by the row's last bits
  int32_t oldest_ = 0, newest_ = 0;
  int64_t pitch_;
  Tensor memory_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_CONV_ROWS_H_
