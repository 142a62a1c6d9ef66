// What looks inside a network, through the library as a user calls it, beside the passes through the network that it
// is made of, and beside PyTorch.
#ifndef CONVSCOPE_BENCH_LOOKING_INSIDE_H_
#define CONVSCOPE_BENCH_LOOKING_INSIDE_H_

#include <string>

#include "peers.h"

namespace convscope::bench {

// Prints a row for each whose name, such as "class means fashion-cnn" or "attribute grad-cam resnet18", contains
// `only`: milliseconds with everything made ready, those of the passes alone, and PyTorch's, all measured in turn.
void PrintLookingInside(int threads, double seconds, const std::string& only, Peers& torch);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_LOOKING_INSIDE_H_
