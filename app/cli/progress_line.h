// Progress on standard error: nothing during the first second; then, on a terminal, one line that is rewritten, and
// elsewhere a line for each step that is met.
#ifndef CONVSCOPE_APP_CLI_PROGRESS_LINE_H_
#define CONVSCOPE_APP_CLI_PROGRESS_LINE_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "convscope/base/progress.h"

namespace convscope::cli {

// Shown from a thread of its own, so that a step which reports once and then takes long is seen too.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // wipes the line off the terminal
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Must not be called after the line is gone.
  Progress callback();

  // Wipes the line off the terminal, before results are printed there; the next report shows it again.
  void Pause();

 private:
  void Tick();
  void Show();   // with mutex_ held
  void Erase();  // the same

  const bool terminal_;
  std::mutex mutex_;
  std::condition_variable end_;
  bool ended_ = false;
  std::string what_;  // the step last reported; empty: nothing to show
  double done_ = 0;   // of it, 0 to 1
  std::string shown_;
  std::chrono::steady_clock::time_point next_line_{};  // not before, where there is no terminal
  std::thread ticker_;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_PROGRESS_LINE_H_
