// What the machine itself can do: the limits that kernels are held against, measured in the same run.
#ifndef CONVSCOPE_BENCH_MACHINE_H_
#define CONVSCOPE_BENCH_MACHINE_H_

namespace convscope::bench {

// convscope::PeakGflops on so many threads.
double PeakGflops(int threads);

// A copy of 256 MiB that is touched already, in GB/s read and written; by memcpy, each thread its share.
double CopyGigabytes(int threads);

// The instruction set that the kernels run on here, as Highway names it.
const char* TargetName();

// Physical memory that this process has held at most since the last ResetPeakMemory, in bytes; 0 where unknown.
double PeakMemory();
void ResetPeakMemory();

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_MACHINE_H_
