#include "timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace convscope::bench {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Timing Summarize(std::vector<double> runs) {
  if (runs.empty()) return {};
  std::sort(runs.begin(), runs.end());
  const auto at = [&](double share) { return runs[static_cast<size_t>(share * static_cast<double>(runs.size() - 1))]; };
  return {at(0.5), at(0.25), at(0.75), static_cast<int>(runs.size())};
}

void Measure(const std::function<void()>& run, double seconds, std::vector<double>& runs_ms) {
  double start = Seconds();
  run();
  const double once = std::max(Seconds() - start, 1e-7);
  const int batch = static_cast<int>(std::clamp(std::ceil(1e-3 / once), 1.0, 10000.0));
  const double end = Seconds() + seconds;
  for (int i = 0; i < 3 || Seconds() < end; ++i) {
    start = Seconds();
    for (int b = 0; b < batch; ++b) run();
    runs_ms.push_back((Seconds() - start) * 1e3 / batch);
  }
}

}  // namespace convscope::bench
