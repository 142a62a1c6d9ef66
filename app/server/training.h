// The one training of the studio: in a thread of its own, steered from others, told as events.
//
// A training goes on whoever looks, and ends after a step with its run folder saved when it is stopped or the studio is
// closed. Not here: HTTP (training_api.h); what a training does (convscope/tasks/train_network.h).
#ifndef CONVSCOPE_APP_SERVER_TRAINING_H_
#define CONVSCOPE_APP_SERVER_TRAINING_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "app/server/event_hub.h"
#include "convscope/base/error.h"
#include "convscope/base/progress.h"
#include "convscope/tasks/learning_view.h"
#include "convscope/tasks/train_network.h"

namespace convscope::server {

// Of what cannot be done now: another training goes on, or none does.
class NotNow : public Error {
 public:
  using Error::Error;
};

class Training {
 public:
  // Tells of itself as "train" at `events`.
  explicit Training(std::shared_ptr<EventHub> events) : events_(std::move(events)) {}
  ~Training() { Close(); }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  // Begins a training, or goes on with that of the folder (`resumes`). `network`: the text of a file that is put into
  // the folder and trained; empty: that of the settings. Comes back when the first step begins; throws what is wrong
  // before, then the folder is as it was, NotNow where a training goes on, and what `progress` throws, which the
  // training survives.
  struct Order {
    std::string run;  // its name, for who listens
    std::filesystem::path folder;
    std::filesystem::path bundled;
    TrainSettings settings;
    std::string network;
    bool resumes = false;
    int64_t epochs = 0;  // of one that goes on, in all; 0: as many as it began with
  };
  void Begin(Order order, const Progress& progress);

  // Each throws NotNow where no training goes on.
  void Pause();
  void Step();  // one, then pauses
  void Continue();
  void Stop();  // after the step that it is in

  // Stops, and comes back when all is saved.
  void Close();

  // The run that goes on, or went on last; empty: none yet.
  std::string run() const;

  // The state as JSON, without the steps; and the history so far.
  std::pair<std::string, History> State() const;

  // The newest parameters, and of `kernel` the gradient where one is named, at most twice a second, as long as somebody
  // asks: null until the next step has been made.
  std::shared_ptr<const LearningMoment> Look(const std::optional<std::string>& kernel);

 private:
  using Clock = std::chrono::steady_clock;
  enum class Phase : uint8_t { kIdle, kPreparing, kRunning, kPaused, kStopping, kFinished, kInterrupted, kFailed };

  void Work();
  void Steer(TrainingControl& control, const StepRecord& step);
  void Show(TrainingControl& control, int64_t steps);
  std::vector<std::string> LookedGradients();
  bool WatchLooked(TrainingControl& control);
  void WaitWhilePaused(TrainingControl& control, std::unique_lock<std::mutex>& lock);
  bool IsLookedAt() const { return Clock::now() < looked_until_; }
  bool GoesOn() const {
    return phase_ == Phase::kPreparing || phase_ == Phase::kRunning || phase_ == Phase::kPaused ||
           phase_ == Phase::kStopping;
  }
  // What is told of a training, the last one too.
  auto Standing() { return std::tie(order_, phase_, failure_, remarks_, start_, history_, result_, began_, seconds_); }
  void Must(bool goes_on) const;
  std::string StateJson(size_t first_step) const;
  void Tell();
  double Seconds() const;

  const std::shared_ptr<EventHub> events_;
  mutable std::mutex mutex_;
  std::condition_variable change_;
  std::thread thread_;
  std::atomic<bool> cancel_ = false;

  // All below under the mutex.
  Order order_;
  Phase phase_ = Phase::kIdle;
  std::exception_ptr mistake_;  // before it began
  std::string failure_;         // why it failed, or was stopped by itself
  std::vector<std::string> remarks_;
  TrainingStart start_;
  History history_;
  std::optional<RunRecord> result_;
  std::tuple<Order, Phase, std::string, std::vector<std::string>, TrainingStart, History, std::optional<RunRecord>,
             size_t, double>
      before_;
  int64_t allowed_ = -1;  // steps until it pauses; -1: any number
  // Of what is told: later ones have higher numbers, those of a studio that was closed and opened again too.
  int64_t number_ =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count();
  size_t told_ = 0, began_ = 0;   // steps that events have told, and that were there when it began
  Clock::time_point told_at_;     // last
  Clock::time_point running_at_;  // since when it runs
  double seconds_ = 0;            // that it ran before, without pauses

  Clock::time_point looked_until_, shown_at_;
  bool watches_ = false;                                     // gradients, in the step that comes
  std::map<std::string, Clock::time_point> looked_kernels_;  // until when, of each tab its own
  std::set<std::string> unlearned_;                          // kernels without a gradient
  std::shared_ptr<const LearningMoment> moment_;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_TRAINING_H_
