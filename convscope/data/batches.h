// The batches of one epoch after another, made ahead on a thread.
//
// The serial build makes each when it is asked for; the numbers are the same.
//
// Example:
//   Batches batches(train, {.batch_size = 32, .seed = 1});
//   for (int64_t step = 0; step < 5 * batches.per_epoch(); ++step) {
//     const Batch& batch = batches.Next();
//     ...  // batch.images (B, H, W, C), batch.labels (B,)
//   }
#ifndef CONVSCOPE_DATA_BATCHES_H_
#define CONVSCOPE_DATA_BATCHES_H_

#include <cstdint>
#include <memory>
#include <span>

#include "convscope/data/batch_filler.h"
#include "convscope/data/dataset.h"

namespace convscope {

struct Batch {
  TensorView<const float> images;    // (B, H, W, C)
  std::span<const int32_t> labels;   // (B,)
  std::span<const int64_t> samples;  // (B,): the pictures' places in the data set
  int64_t epoch = 0, number = 0;     // both from 0
  bool last = false;                 // of its epoch
};

class Batches {
 public:
  // `ahead`: how many batches are made before they are asked for; 0 makes each in the calling thread. Throws what
  // BatchFiller throws.
  explicit Batches(Dataset data, BatchOptions options = {}, int ahead = 2);
  ~Batches();
  Batches(Batches&&) noexcept;
  Batches& operator=(Batches&&) noexcept;

  const Dataset& data() const;
  int64_t per_epoch() const;  // batches

  // The next batch: after the last of an epoch comes the first of the next, without end. It stays as it is until Next
  // or Seek is called again. Allocates nothing but at the first call after the construction or a Seek.
  const Batch& Next();

  // Next() will be batch `number` of `epoch`, as if all before had been asked for. Throws Error when there is none.
  void Seek(int64_t epoch, int64_t number);

 private:
  class Ring;
  std::unique_ptr<Ring> ring_;
};

}  // namespace convscope

#endif  // CONVSCOPE_DATA_BATCHES_H_
