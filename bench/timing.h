// Repeated timing: the median is what is quoted, the spread tells how much to believe it.
#ifndef CONVSCOPE_BENCH_TIMING_H_
#define CONVSCOPE_BENCH_TIMING_H_

#include <functional>
#include <vector>

namespace convscope::bench {

double Seconds();  // a clock that only goes forward

struct Timing {
  double median = 0;
  double low = 0, high = 0;  // the quartiles
  int runs = 0;
};

// Median and quartiles of the runs, in their own unit.
Timing Summarize(std::vector<double> runs);

// Calls `run` once without counting and then for about `seconds`, at least three times; adds each run to `runs_ms`.
// Very short runs are timed several to a measurement.
void Measure(const std::function<void()>& run, double seconds, std::vector<double>& runs_ms);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_TIMING_H_
