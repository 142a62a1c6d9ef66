#include "training_bar.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace convscope::cli {
namespace {

constexpr int kCells = 30;
constexpr auto kBetweenUpdates = std::chrono::milliseconds(100);

double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

TrainingBar::TrainingBar() : terminal_(isatty(STDERR_FILENO) != 0) {}

void TrainingBar::Start(const TrainingStart& start) {
  start_ = start;
  std::fprintf(stderr, "%s on %s: %lld training pictures, %lld steps an epoch", start.network.c_str(),
               start.data.c_str(), static_cast<long long>(start.train_pictures), static_cast<long long>(start.steps));
  if (start.validation_pictures > 0) {
    std::fprintf(stderr, "; validated on %s%lld pictures", start.validates_on_test ? "the test's " : "",
                 static_cast<long long>(start.validation_pictures));
  }
  std::fprintf(stderr, "\n");
  if (start.epochs_done > 0) {
    std::fprintf(stderr, "going on after epoch %lld\n", static_cast<long long>(start.epochs_done));
  }
}

void TrainingBar::AfterStep(const StepRecord& step) {
  const auto now = Clock::now();
  if (!in_epoch_) {
    in_epoch_ = true;
    epoch_began_ = shown_ = now;
    first_batch_ = step.batch;
    if (terminal_) {
      std::fprintf(stderr, "Epoch %lld/%lld\n", static_cast<long long>(step.epoch + 1),
                   static_cast<long long>(start_.epochs));
    }
  }
  if (!terminal_ || (now - shown_ < kBetweenUpdates && step.batch + 1 < step.batches)) return;
  shown_ = now;
  const int64_t done = step.batch + 1;
  const auto cells = static_cast<int>(kCells * done / std::max<int64_t>(step.batches, 1));
  const std::string bar = std::string(static_cast<size_t>(cells), '=') + (cells < kCells ? ">" : "") +
                          std::string(static_cast<size_t>(std::max(0, kCells - cells - 1)), '.');
  const int64_t measured = step.batch - first_batch_;
  const double each = measured > 0 ? Seconds(now - epoch_began_) / static_cast<double>(measured) : 0;
  std::fprintf(stderr, "\r%lld/%lld [%s] - %.0fs %.1fms/step - loss: %.4f - accuracy: %.4f\033[K",
               static_cast<long long>(done), static_cast<long long>(step.batches), bar.c_str(),
               each * static_cast<double>(step.batches - done), 1000 * each, step.mean_loss, step.mean_accuracy);
  std::fflush(stderr);
}

void TrainingBar::AfterEpoch(const EpochRecord& epoch) {
  in_epoch_ = false;
  if (terminal_) {
    std::fprintf(stderr, "\r%lld/%lld [%s] - %.1fs", static_cast<long long>(start_.steps),
                 static_cast<long long>(start_.steps), std::string(kCells, '=').c_str(), epoch.seconds);
  } else {
    std::fprintf(stderr, "epoch %lld/%lld: %.1fs", static_cast<long long>(epoch.epoch),
                 static_cast<long long>(start_.epochs), epoch.seconds);
  }
  std::fprintf(stderr, " - loss: %.4f - accuracy: %.4f", epoch.loss, epoch.accuracy);
  if (epoch.has_validation)
    std::fprintf(stderr, " - val_loss: %.4f - val_accuracy: %.4f", epoch.val_loss, epoch.val_accuracy);
  std::fprintf(stderr, terminal_ ? "\033[K\n" : "\n");
}

}  // namespace convscope::cli
