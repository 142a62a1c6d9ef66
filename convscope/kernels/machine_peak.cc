#include "convscope/kernels/machine_peak.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "convscope/base/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "convscope/kernels/machine_peak.cc"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace convscope {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// `count` times ten independent multiply-adds of a vector: enough to fill two units of five cycles' latency.
double PeakMultiplyAdds(long count) {
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
}  // namespace convscope
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace convscope {

HWY_EXPORT(PeakMultiplyAdds);

double PeakGflops() {
  const int threads = ThreadCount();
  double best = 0;
  for (int run = 0; run < 7; ++run) {
    std::vector<double> operations(static_cast<size_t>(threads));
    const auto start = std::chrono::steady_clock::now();
    ParallelFor(threads, [&](int64_t t) {
      operations[static_cast<size_t>(t)] = HWY_DYNAMIC_DISPATCH(PeakMultiplyAdds)(2000000);
    });
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    double sum = 0;
    for (const double o : operations) sum += o;
    best = std::max(best, sum / elapsed.count() / 1e9);
  }
  return best;
}

}  // namespace convscope
#endif  // HWY_ONCE
