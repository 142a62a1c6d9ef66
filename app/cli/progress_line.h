// Progress on standard error: nothing during the first second; then one line that is rewritten on a terminal, or a
// line now and then where standard error is a file.
#ifndef CONVSCOPE_APP_CLI_PROGRESS_LINE_H_
#define CONVSCOPE_APP_CLI_PROGRESS_LINE_H_

#include <chrono>
#include <string_view>

#include "convscope/base/progress.h"

namespace convscope::cli {

class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();  // wipes the line off the terminal
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // Must not be called after the line is gone.
  Progress callback();

 private:
  void Update(std::string_view what, double done);

  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  Clock::time_point next_;  // when to show something again
  bool shown_ = false;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_PROGRESS_LINE_H_
