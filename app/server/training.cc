#include "app/server/training.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>

#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/tasks/curves_view.h"
#include "convscope/tasks/run_folder.h"

namespace convscope::server {
namespace {

using Json = nlohmann::ordered_json;

constexpr auto kBetweenEvents = std::chrono::milliseconds(500);
constexpr auto kLookLasts = std::chrono::seconds(3);

std::string GradientOf(const std::string& parameter) {
  return "gradient/" + parameter;
}

// A network's file in its run folder, which goes again unless the training begins.
class NetworkFile {
 public:
  NetworkFile(const std::filesystem::path& folder, const std::string& text)
      : folder_(folder), path_(folder / "network.json") {
    WriteFileAtomically(path_, std::array<std::string_view, 1>{text});
  }
  ~NetworkFile() {
    if (kept) return;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  NetworkFile(const NetworkFile&) = delete;
  NetworkFile& operator=(const NetworkFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  bool kept = false;

 private:
  OutputFolder folder_;
  std::filesystem::path path_;
};

}  // namespace

void Training::Must(bool goes_on) const {
  if (GoesOn() == goes_on) return;
  if (goes_on) throw NotNow({.rule = "no training goes on", .received = "", .fix = "begin one"});
  throw NotNow({.rule = "one training goes on at a time",
                .received = order_.run + " goes on",
                .fix = "stop it, or wait until it has ended"});
}

void Training::Begin(Order order, const Progress& progress) {
  std::unique_lock lock(mutex_);
  Must(false);
  if (thread_.joinable()) thread_.join();
  before_ = Standing();
  order_ = std::move(order);
  phase_ = Phase::kPreparing;
  mistake_ = nullptr;
  failure_.clear();
  remarks_.clear();
  start_ = {};
  history_ = {};
  result_.reset();
  allowed_ = -1;
  told_ = began_ = 0;
  seconds_ = 0;
  moment_.reset();
  looked_until_ = {};
  looked_kernels_.clear();
  unlearned_.clear();
  watches_ = false;
  cancel_ = false;
  Tell();
  thread_ = std::thread([this] { Work(); });
  while (!change_.wait_for(lock, std::chrono::milliseconds(100), [&] { return phase_ != Phase::kPreparing; })) {
    lock.unlock();
    Report(progress, "preparing", 0);
    lock.lock();
  }
  if (mistake_) std::rethrow_exception(mistake_);
}

void Training::Work() {
  TrainRequest request{.settings = order_.settings,
                       .folder = order_.folder,
                       .resumed_epochs = order_.epochs,
                       .bundled = order_.bundled,
                       .cancel = &cancel_};
  request.tell = [this](const ModelRemark& remark) {
    const std::lock_guard lock(mutex_);
    remarks_.push_back(remark.text);
  };
  std::optional<NetworkFile> file;
  request.started = [&](const TrainingStart& start) {
    if (file) file->kept = true;
    History before;
    if (order_.resumes) before = ReadRunHistory({order_.folder});
    const std::lock_guard lock(mutex_);
    start_ = start;
    history_ = std::move(before);
    began_ = told_ = history_.step_losses.size();
    phase_ = Phase::kRunning;
    running_at_ = Clock::now();
    Tell();
    change_.notify_all();
  };
  request.steer = [this](TrainingControl& control, const StepRecord& step) { Steer(control, step); };
  request.after_epoch = [this](const EpochRecord& epoch) {
    const std::lock_guard lock(mutex_);
    history_.epochs.push_back(epoch);
    Tell();
  };
  Phase end = Phase::kFailed;
  std::optional<RunRecord> result;
  std::string failure;
  std::exception_ptr thrown;
  try {
    std::error_code failure_to_look;
    if (!order_.resumes && std::filesystem::exists(order_.folder, failure_to_look) &&
        !std::filesystem::is_empty(order_.folder, failure_to_look)) {
      throw Error({.where = order_.run,
                   .rule = "a run gets a name of its own",
                   .received = "one that there is",
                   .fix = "choose another name"});
    }
    if (!order_.network.empty()) {
      file.emplace(order_.folder, order_.network);
      request.settings.model = file->path().string();
    }
    TrainOutcome outcome = order_.resumes ? Resume(request) : Train(request);
    end = outcome.interrupted ? Phase::kInterrupted : Phase::kFinished;
    result = std::move(outcome.record);
  } catch (const std::exception& error) {
    thrown = std::current_exception();
    failure = error.what();
  }
  file.reset();
  const std::lock_guard lock(mutex_);
  seconds_ = Seconds();
  if (phase_ == Phase::kPreparing && thrown) {
    // It never began: what stood there before stands there again.
    mistake_ = thrown;
    Standing() = before_;
    told_ = 0;
  } else {
    failure_ = std::move(failure);
    result_ = std::move(result);
    phase_ = end;
  }
  Tell();
  change_.notify_all();
}

void Training::Steer(TrainingControl& control, const StepRecord& step) {
  std::unique_lock lock(mutex_);
  const auto done = static_cast<size_t>(step.step);
  history_.step_losses.resize(done);
  history_.step_accuracies.resize(done);
  history_.step_losses.push_back(static_cast<float>(step.loss));
  history_.step_accuracies.push_back(static_cast<float>(step.accuracy));
  if (Clock::now() - told_at_ >= kBetweenEvents) Tell();
  if (allowed_ > 0) --allowed_;
  const bool pauses = allowed_ == 0 && !cancel_;
  if (IsLookedAt() && (std::exchange(watches_, false) || pauses)) Show(control, step.step + 1);
  if (pauses) WaitWhilePaused(control, lock);
  if (!IsLookedAt() || (!pauses && Clock::now() - shown_at_ < kBetweenEvents)) return;
  watches_ = WatchLooked(control);
  if (!watches_) Show(control, step.step + 1);
}

// Whether the next step is watched for the gradients that are looked at.
bool Training::WatchLooked(TrainingControl& control) {
  const auto watch = [&](const std::vector<std::string>& gradients) {
    try {
      if (!gradients.empty()) control.WatchNext(gradients);
      return !gradients.empty();
    } catch (const Error&) {
      return false;
    }
  };
  const std::vector<std::string> all = LookedGradients();
  if (all.empty() || watch(all)) return !all.empty();
  // What does not learn has no gradient, and is asked for no more.
  std::erase_if(looked_kernels_, [&](const auto& looked) {
    const bool learns = watch({GradientOf(looked.first)});
    if (!learns) unlearned_.insert(looked.first);
    return !learns;
  });
  return watch(LookedGradients());
}

std::vector<std::string> Training::LookedGradients() {
  std::erase_if(looked_kernels_, [](const auto& looked) { return looked.second < Clock::now(); });
  std::vector<std::string> names;
  for (const auto& [kernel, until] : looked_kernels_) names.push_back(GradientOf(kernel));
  return names;
}

void Training::Show(TrainingControl& control, int64_t steps) {
  LearningMoment moment{.step = steps, .parameters = control.Parameters()};
  const NamedTensors watched = control.Watched();
  for (const auto& [kernel, until] : looked_kernels_) {
    const auto gradient = watched.find(GradientOf(kernel));
    if (gradient != watched.end()) moment.gradients[kernel] = gradient->second;
  }
  moment_ = std::make_shared<const LearningMoment>(std::move(moment));
  shown_at_ = Clock::now();
}

void Training::WaitWhilePaused(TrainingControl& control, std::unique_lock<std::mutex>& lock) {
  const auto steps = static_cast<int64_t>(history_.step_losses.size());
  seconds_ = Seconds();
  phase_ = Phase::kPaused;
  Tell();
  const auto is_behind = [&] { return IsLookedAt() && (!moment_ || moment_->step != steps); };
  while (allowed_ == 0 && !cancel_) {
    change_.wait(lock, [&] { return allowed_ != 0 || cancel_ || is_behind(); });
    if (allowed_ == 0 && !cancel_) Show(control, steps);
    change_.notify_all();
  }
  // Who looked at this step is shown the next one, however long the pause was.
  if (moment_ && moment_->step == steps) {
    looked_until_ = Clock::now() + kLookLasts;
    for (auto& [kernel, until] : looked_kernels_) until = looked_until_;
  }
  running_at_ = Clock::now();
  if (cancel_) return;
  phase_ = Phase::kRunning;
  Tell();
}

void Training::Pause() {
  const std::lock_guard lock(mutex_);
  Must(true);
  if (phase_ == Phase::kRunning || phase_ == Phase::kPreparing) allowed_ = 0;
}

void Training::Step() {
  const std::lock_guard lock(mutex_);
  Must(true);
  allowed_ = 1;
  change_.notify_all();
}

void Training::Continue() {
  const std::lock_guard lock(mutex_);
  Must(true);
  allowed_ = -1;
  change_.notify_all();
}

void Training::Stop() {
  const std::lock_guard lock(mutex_);
  Must(true);
  cancel_ = true;
  if (phase_ == Phase::kPaused) running_at_ = Clock::now();
  if (phase_ != Phase::kPreparing) {
    phase_ = Phase::kStopping;
    Tell();
  }
  change_.notify_all();
}

void Training::Close() {
  {
    const std::lock_guard lock(mutex_);
    cancel_ = true;
    change_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

std::string Training::run() const {
  const std::lock_guard lock(mutex_);
  return order_.run;
}

std::pair<std::string, History> Training::State() const {
  const std::lock_guard lock(mutex_);
  return {StateJson(history_.step_losses.size()), history_};
}

std::shared_ptr<const LearningMoment> Training::Look(const std::optional<std::string>& kernel) {
  std::unique_lock lock(mutex_);
  if (!GoesOn()) return nullptr;
  looked_until_ = Clock::now() + kLookLasts;
  if (kernel && !unlearned_.contains(*kernel)) looked_kernels_[*kernel] = looked_until_;
  change_.notify_all();
  // A pause tells nobody of anything new: what it stands at is waited for.
  change_.wait_for(lock, kLookLasts, [&] {
    return phase_ != Phase::kPaused || (moment_ && moment_->step == static_cast<int64_t>(history_.step_losses.size()));
  });
  return moment_;
}

double Training::Seconds() const {
  if (phase_ != Phase::kRunning && phase_ != Phase::kStopping) return seconds_;
  return seconds_ + std::chrono::duration<double>(Clock::now() - running_at_).count();
}

// `first_step`: of those that are told.
std::string Training::StateJson(size_t first_step) const {
  static constexpr const char* kNames[] = {"idle",     "preparing", "running",     "paused",
                                           "stopping", "finished",  "interrupted", "failed"};
  const std::vector<float>& losses = history_.step_losses;
  const std::vector<float>& accuracies = history_.step_accuracies;
  const auto since = static_cast<std::ptrdiff_t>(first_step);
  Json json = {{"number", number_}, {"state", kNames[static_cast<size_t>(phase_)]}, {"run", order_.run}};
  if (phase_ == Phase::kIdle) return json.dump();
  json["network"] = start_.network;
  json["data"] = start_.data;
  json["epochs"] = start_.epochs;
  json["steps_per_epoch"] = start_.steps;
  json["step"] = losses.size();
  json["first"] = first_step;
  json["loss"] = std::vector<float>(losses.begin() + since, losses.end());
  json["accuracy"] = std::vector<float>(accuracies.begin() + since, accuracies.end());
  json["history"] = Json::parse(EpochsJson(history_));
  json["began"] = began_;
  json["seconds"] = Seconds();
  json["remarks"] = remarks_;
  if (!failure_.empty()) json["failure"] = failure_;
  if (result_) {
    json["result"] = result_->state;
    if (result_->test_loss) json["test_loss"] = *result_->test_loss;
    if (result_->test_accuracy) json["test_accuracy"] = *result_->test_accuracy;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void Training::Tell() {
  ++number_;
  events_->Publish("train", StateJson(std::min(told_, history_.step_losses.size())));
  told_ = history_.step_losses.size();
  told_at_ = Clock::now();
}

}  // namespace convscope::server
