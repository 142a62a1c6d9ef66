#include "machine.h"

#include <hwy/highway.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/kernels/machine_peak.h"
#include "convscope/tensor/tensor.h"
#include "timing.h"

namespace convscope::bench {

double PeakGflops(int threads) {
  SetThreadCount(threads);
  return convscope::PeakGflops();
}

double CopyGigabytes(int threads) {
  SetThreadCount(threads);
  const int64_t bytes = int64_t{256} << 20;
  Tensor from = Tensor::Zeros(Shape{bytes}, DType::kUInt8), to = Tensor::Zeros(Shape{bytes}, DType::kUInt8);
  std::vector<double> runs;
  Measure(
      [&] {
        ParallelFor(threads, [&](int64_t t) {
          const int64_t begin = bytes / threads * t;
          std::memcpy(to.bytes() + begin, from.bytes() + begin, static_cast<size_t>(bytes / threads));
        });
      },
      1, runs);
  return 2 * static_cast<double>(bytes) / Summarize(runs).median / 1e6;
}

const char* TargetName() {
  const int64_t targets = hwy::SupportedTargets() & HWY_TARGETS;
  return hwy::TargetName(targets & -targets);  // the lowest bit is the best target
}

double PeakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024;
  }
  return 0;
}

void ResetPeakMemory() {
  std::ofstream("/proc/self/clear_refs") << 5;
}

}  // namespace convscope::bench
