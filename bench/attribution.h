// Attributions of one picture, beside the passes through the network that they are made of.
#ifndef CONVSCOPE_BENCH_ATTRIBUTION_H_
#define CONVSCOPE_BENCH_ATTRIBUTION_H_

#include <string>

namespace convscope::bench {

// Prints a row for each whose name, "attribute METHOD NETWORK", contains `only`: milliseconds of one attribution with
// everything made ready, and of one forward pass and one forward and backward pass of one picture, all of them measured
// in turn.
void PrintAttribution(int threads, double seconds, const std::string& only);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_ATTRIBUTION_H_
