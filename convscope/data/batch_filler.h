// One batch of a data set as floats, in the caller's memory: shuffled, augmented, scaled.
//
// A batch is a function of the data set, the options, its epoch and its number alone, so a training continues where it
// stopped, bit for bit. Batches that follow one another, made ahead on a thread, are in batches.h.
#ifndef CONVSCOPE_DATA_BATCH_FILLER_H_
#define CONVSCOPE_DATA_BATCH_FILLER_H_

#include <cstdint>
#include <span>
#include <vector>

#include "convscope/data/augmentation.h"
#include "convscope/data/dataset.h"

namespace convscope {

// How stored values become those of a batch: (stored / divisor - mean) / deviation.
struct PixelScaling {
  double divisor = 0;            // 0: 255 for 8-bit pictures, 1 for float ones
  std::vector<float> mean;       // none; one; or one a channel
  std::vector<float> deviation;  // the same; not 0
};

struct BatchOptions {
  int64_t batch_size = 32;  // the last batch of an epoch may have fewer
  bool shuffle = true;      // another order each epoch; else as the pictures stand
  uint64_t seed = 0;        // of the order and of the augmentation
  PixelScaling scaling;
  Augmentation augmentation;  // of the values after the division, before mean and deviation
};

class BatchFiller {
 public:
  // Throws Error for an empty data set, and for options out of range.
  BatchFiller(Dataset data, BatchOptions options);

  const Dataset& data() const { return data_; }
  const BatchOptions& options() const { return options_; }
  int64_t batches() const;              // of an epoch
  int64_t SizeOf(int64_t batch) const;  // pictures in that batch; batch in [0, batches())

  // Fills images (B, H, W, C) and labels (B,), B = SizeOf(batch), and where `samples` is not empty, (B,) of it with the
  // pictures' places in data(). Throws Error when a shape or number is another. Allocates nothing. Not to be called
  // from two threads at once.
  void Fill(int64_t epoch, int64_t batch, TensorView<float> images, std::span<int32_t> labels,
            std::span<int64_t> samples = {});

 private:
  void FillOne(int64_t epoch, int64_t sample, TensorView<float> picture);
  void Scale(TensorView<float> picture) const;

  Dataset data_;
  BatchOptions options_;
  float divisor_ = 1;
  std::vector<float> mean_, deviation_;  // one a channel; empty: 0 and 1
  std::vector<int64_t> order_;
  int64_t order_epoch_ = -1;  // of order_
  Tensor unmoved_;            // (H, W, C), a picture before it is moved
};

}  // namespace convscope

#endif  // CONVSCOPE_DATA_BATCH_FILLER_H_
