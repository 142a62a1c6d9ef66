// Loops over all cores.
//
// Work is split by index, never by timing, and no result is shared between indexes: what a loop computes does not
// depend on the number of threads. Without CONVSCOPE_THREADS the loops run in the calling thread.
#ifndef CONVSCOPE_BASE_PARALLEL_H_
#define CONVSCOPE_BASE_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace convscope {

// Sets how many threads the loops use from now on, at most 1024; 0 means one a core. Throws Error on any other count.
// Call it while no loop runs.
void SetThreadCount(int threads);

// How many threads the loops use; 1 in the serial build.
int ThreadCount();

// Calls body(i) for each i in [0, count), in any order, on several threads. An exception thrown by a body is thrown
// again here after the others have ended.
void ParallelFor(int64_t count, const std::function<void(int64_t)>& body);

// Calls body(begin, end) for consecutive ranges that cover [0, count), each at least `grain` long where count allows.
void ParallelRanges(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body);

}  // namespace convscope

#endif  // CONVSCOPE_BASE_PARALLEL_H_
