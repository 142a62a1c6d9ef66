#include "progress_line.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace convscope::cli {
namespace {

using std::chrono::milliseconds;
constexpr milliseconds kPatience{1000};       // what takes less needs no progress
constexpr milliseconds kTerminalPeriod{100};  // between two texts
constexpr milliseconds kFilePeriod{5000};

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0), next_(Clock::now() + kPatience) {}

ProgressLine::~ProgressLine() {
  if (shown_ && terminal_) std::fputs("\r\033[K", stderr);
}

Progress ProgressLine::callback() {
  return [this](std::string_view what, double done) { Update(what, done); };
}

void ProgressLine::Update(std::string_view what, double done) {
  const Clock::time_point now = Clock::now();
  if (now < next_) return;
  next_ = now + (terminal_ ? kTerminalPeriod : kFilePeriod);
  shown_ = true;
  const int percent = static_cast<int>(std::clamp(done, 0.0, 1.0) * 100);
  std::fprintf(stderr, terminal_ ? "\r\033[K%.*s %d %%" : "%.*s %d %%\n", static_cast<int>(what.size()), what.data(),
               percent);
}

}  // namespace convscope::cli
