// What looks inside a network, through the library as a user calls it.
#ifndef CONVSCOPE_BENCH_LOOKING_INSIDE_H_
#define CONVSCOPE_BENCH_LOOKING_INSIDE_H_

#include <string>

namespace convscope::bench {

// Prints a row for each whose name contains `only`: milliseconds, and what share of them the forward passes alone take.
void PrintLookingInside(int threads, double seconds, const std::string& only);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_LOOKING_INSIDE_H_
