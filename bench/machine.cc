#include "machine.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/tensor/tensor.h"
#include "timing.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/machine.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convscope::bench {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// `count` times ten independent multiply-adds of a vector: enough to fill two units of five cycles' latency.
double MultiplyAdds(long count) {
  const hn::ScalableTag<float> d;
  const auto b = hn::Set(d, 0.999f), c = hn::Set(d, 0.001f);
  // Different values, or the compiler sees that all ten are one.
  auto a0 = hn::Set(d, 0.0f), a1 = hn::Set(d, 1.0f), a2 = hn::Set(d, 2.0f), a3 = hn::Set(d, 3.0f);
  auto a4 = hn::Set(d, 4.0f), a5 = hn::Set(d, 5.0f), a6 = hn::Set(d, 6.0f), a7 = hn::Set(d, 7.0f);
  auto a8 = hn::Set(d, 8.0f), a9 = hn::Set(d, 9.0f);
  for (long i = 0; i < count; ++i) {
    a0 = hn::MulAdd(a0, b, c);
    a1 = hn::MulAdd(a1, b, c);
    a2 = hn::MulAdd(a2, b, c);
    a3 = hn::MulAdd(a3, b, c);
    a4 = hn::MulAdd(a4, b, c);
    a5 = hn::MulAdd(a5, b, c);
    a6 = hn::MulAdd(a6, b, c);
    a7 = hn::MulAdd(a7, b, c);
    a8 = hn::MulAdd(a8, b, c);
    a9 = hn::MulAdd(a9, b, c);
  }
  a0 = hn::Add(hn::Add(hn::Add(a0, a1), hn::Add(a2, a3)), hn::Add(hn::Add(a4, a5), hn::Add(a6, a7)));
  volatile float keep = hn::GetLane(hn::Add(a0, hn::Add(a8, a9)));
  (void)keep;
  return static_cast<double>(count) * 10 * 2 * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace convscope::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope::bench {

HWY_EXPORT(MultiplyAdds);

double PeakGflops(int threads) {
  SetThreadCount(threads);
  double best = 0;
  for (int run = 0; run < 7; ++run) {
    double operations[256] = {};
    const double start = Seconds();
    ParallelFor(threads, [&](int64_t t) { operations[t % 256] = HWY_DYNAMIC_DISPATCH(MultiplyAdds)(2000000); });
    double sum = 0;
    for (const double o : operations) sum += o;
    best = std::max(best, sum / (Seconds() - start) / 1e9);
  }
  return best;
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
#endif  // HWY_ONCE
