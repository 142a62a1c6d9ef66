// The command line as a whole process: what a person waits for.
#ifndef CONVSCOPE_BENCH_PROCESSES_H_
#define CONVSCOPE_BENCH_PROCESSES_H_

#include <string>

namespace convscope::bench {

// Prints rows for `program filter` on `picture` with a figure and with --save, for a figure of every layer of
// fashion-cnn (`features --all`), and for `vips --version` beside them. Prints why when one of them cannot be run.
void PrintProcesses(const std::string& program, const std::string& picture);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_PROCESSES_H_
