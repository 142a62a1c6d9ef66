// Whole networks, forward, one picture at a time, beside ONNX Runtime on the same file.
#ifndef CONVSCOPE_BENCH_NETWORKS_H_
#define CONVSCOPE_BENCH_NETWORKS_H_

#include <string>

#include "peers.h"

namespace convscope::bench {

// Prints a row for each network whose name, "forward NAME", contains `only`: built-in ones, written to a temporary
// folder for the peer, and the .onnx files of folder `models`, if one is named. Milliseconds, share of the machine's
// peak, ONNX Runtime's milliseconds, measured in turn on the same input, and how far both results are apart. Then, for
// the same networks, which operations the time goes to; with `steps`, also each pass over memory by itself.
void PrintNetworks(int threads, double seconds, const std::string& only, const std::string& models, bool steps,
                   Peers& onnxruntime);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_NETWORKS_H_
