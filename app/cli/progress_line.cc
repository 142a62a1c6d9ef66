#include "progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace convscope::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{1000};     // what takes less needs no progress
constexpr milliseconds kPeriod{100};        // between two looks
constexpr milliseconds kLinePeriod{10000};  // between two lines where nothing can be written over

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0), ticker_([this] { Tick(); }) {}

ProgressLine::~ProgressLine() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    Erase();
  }
  end_.notify_one();
  ticker_.join();
}

Progress ProgressLine::callback() {
  return [this](std::string_view what, double done) {
    const std::lock_guard lock(mutex_);
    what_ = what;
    done_ = std::clamp(done, 0.0, 1.0);
  };
}

void ProgressLine::Pause() {
  const std::lock_guard lock(mutex_);
  what_.clear();
  Erase();
}

void ProgressLine::Tick() {
  std::unique_lock lock(mutex_);
  for (milliseconds pause = kPatience; !end_.wait_for(lock, pause, [this] { return ended_; }); pause = kPeriod) Show();
}

void ProgressLine::Show() {
  if (what_.empty()) return;
  const int percent = static_cast<int>(done_ * 100);
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s %d %%", what_.c_str(), percent);
  } else if (what_ != shown_ && std::chrono::steady_clock::now() >= next_line_) {
    next_line_ = std::chrono::steady_clock::now() + kLinePeriod;
    std::fprintf(stderr, "%s %d %%\n", what_.c_str(), percent);
  } else {
    return;
  }
  shown_ = what_;
}

void ProgressLine::Erase() {
  if (terminal_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

}  // namespace convscope::cli
