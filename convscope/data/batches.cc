#include "convscope/data/batches.h"

#include <exception>
#include <utility>
#include <vector>

#ifdef CONVSCOPE_THREADS
#include <condition_variable>
#include <mutex>
#include <thread>
#endif

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

// A ring of slots: one is lent to the caller, the others are filled ahead of it.
class Batches::Ring {
 public:
  Ring(Dataset data, BatchOptions options, int ahead) : filler_(std::move(data), std::move(options)) {
    constexpr int kMostAhead = 64;
    if (ahead < 0 || ahead > kMostAhead) {
      throw Error({.where = "batches",
                   .rule = Concat("0 to ", kMostAhead, " batches can be made ahead"),
                   .received = Concat(ahead)});
    }
#ifdef CONVSCOPE_THREADS
    ahead_ = ahead;
#endif
    slots_.resize(static_cast<size_t>(ahead_) + 1);
    const Dataset& set = filler_.data();
    const int64_t most = filler_.SizeOf(0);
    for (Slot& slot : slots_) {
      slot.images = Tensor(Shape{most, set.height(), set.width(), set.channels()});
      slot.labels.resize(static_cast<size_t>(most));
      slot.samples.resize(static_cast<size_t>(most));
    }
  }
  ~Ring() {
    Stop();
  }

  BatchFiller& filler() {
    return filler_;
  }

  const Batch& Next() {
#ifdef CONVSCOPE_THREADS
    if (ahead_ > 0) return NextMadeAhead();
#endif
    FillSlot(slots_[0]);
    return slots_[0].batch;
  }

  void Seek(int64_t epoch, int64_t number) {
    if (epoch < 0 || number < 0 || number >= filler_.batches()) {
      throw Error({.where = filler_.data().name(),
                   .rule = Concat("an epoch has batches 0 to ", filler_.batches() - 1),
                   .received = Concat("batch ", number, " of epoch ", epoch)});
    }
    Stop();
    epoch_ = epoch;
    number_ = number;
  }

 private:
  struct Slot {
    Tensor images;
    std::vector<int32_t> labels;
    std::vector<int64_t> samples;
    Batch batch;
    std::exception_ptr failure;
  };

  // Fills it with the batch that comes next, and goes one on.
  void FillSlot(Slot& slot) {
    const Dataset& set = filler_.data();
    const int64_t count = filler_.SizeOf(number_);
    const TensorView<float> images(slot.images.data(), Shape{count, set.height(), set.width(), set.channels()});
    const std::span<int32_t> labels(slot.labels.data(), static_cast<size_t>(count));
    const std::span<int64_t> samples(slot.samples.data(), static_cast<size_t>(count));
    filler_.Fill(epoch_, number_, images, labels, samples);
    const bool last = number_ + 1 == filler_.batches();
    slot.batch = {images, labels, samples, epoch_, number_, last};
    number_ = last ? 0 : number_ + 1;
    epoch_ += last ? 1 : 0;
  }

#ifdef CONVSCOPE_THREADS
  const Batch& NextMadeAhead() {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable()) thread_ = std::thread([this] { FillAhead(); });
    if (lent_) ++given_back_;
    lent_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return filled_ > given_back_; });
    Slot& slot = slots_[static_cast<size_t>(given_back_) % slots_.size()];
    if (slot.failure) {
      const std::exception_ptr failure = slot.failure;
      lock.unlock();
      Stop();
      std::rethrow_exception(failure);
    }
    lent_ = true;
    return slot.batch;
  }

  void FillAhead() {
    const auto slots = static_cast<int64_t>(slots_.size());
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [&] { return stop_ || filled_ - given_back_ < slots; });
      if (stop_) return;
      Slot& slot = slots_[static_cast<size_t>(filled_ % slots)];
      lock.unlock();
      slot.failure = nullptr;
      try {
        FillSlot(slot);
      } catch (...) {
        slot.failure = std::current_exception();
      }
      lock.lock();
      ++filled_;
      changed_.notify_all();
      if (slot.failure) return;
    }
  }

  void Stop() {
    if (!thread_.joinable()) return;
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
    stop_ = lent_ = false;
    filled_ = given_back_ = 0;
  }

  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool lent_ = false;                    // the caller has slot given_back_
  int64_t filled_ = 0, given_back_ = 0;  // slots, counted since the thread was started
#else
  void Stop() {}
#endif

  BatchFiller filler_;
  int ahead_ = 0;
  std::vector<Slot> slots_;
  int64_t epoch_ = 0, number_ = 0;  // of the batch that is filled next
};

Batches::Batches(Dataset data, BatchOptions options, int ahead)
    : ring_(std::make_unique<Ring>(std::move(data), std::move(options), ahead)) {}
Batches::~Batches() = default;
Batches::Batches(Batches&&) noexcept = default;
Batches& Batches::operator=(Batches&&) noexcept = default;

const Dataset& Batches::data() const {
  return ring_->filler().data();
}
int64_t Batches::per_epoch() const {
  return ring_->filler().batches();
}
const Batch& Batches::Next() {
  return ring_->Next();
}
void Batches::Seek(int64_t epoch, int64_t number) {
  ring_->Seek(epoch, number);
}

}  // namespace convscope
