// What the machine's arithmetic units can do at most: the limit that kernels and layers are held against. A
// measurement, not a constant: a shared machine's clock changes from one second to the next.
#ifndef CONVSCOPE_KERNELS_MACHINE_PEAK_H_
#define CONVSCOPE_KERNELS_MACHINE_PEAK_H_

namespace convscope {

// Float32 multiply-adds on registers, on ThreadCount() threads together, in GFLOP/s (two a multiply-add): the best of
// seven short runs (some tens of milliseconds in all), not their median, since a limit that is disturbed would flatter
// what is held against it.
double PeakGflops();

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_MACHINE_PEAK_H_
