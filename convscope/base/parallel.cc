#include "convscope/base/parallel.h"

#include <algorithm>
#include <string>

#include "convscope/base/error.h"

#ifdef CONVSCOPE_THREADS
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <memory>
#include <mutex>
#endif

namespace convscope {
namespace {

void CheckThreadCount(int threads) {
  // More than machines have: what is beyond is a mistake, and the system may refuse to start them.
  constexpr int kMost = 1024;
  if (threads < 0 || threads > kMost) {
    throw Error({.rule = "the number of threads must be 0 (one a core) to " + std::to_string(kMost),
                 .received = std::to_string(threads)});
  }
}

}  // namespace

#ifdef CONVSCOPE_THREADS
namespace {

// The arena that all loops run in. oneTBB caps its workers at one a core unless global_control raises the limit; tests
// run more threads than cores, so both are set together.
struct Pool {
  explicit Pool(int threads)
      : size(threads > 0 ? threads : tbb::info::default_concurrency()),
        limit(tbb::global_control::max_allowed_parallelism, static_cast<size_t>(size)),
        arena(size) {}
  int size;
  tbb::global_control limit;
  tbb::task_arena arena;
};

std::mutex pool_mutex;
std::shared_ptr<Pool> pool;

std::shared_ptr<Pool> CurrentPool() {
  const std::lock_guard<std::mutex> lock(pool_mutex);
  if (!pool) pool = std::make_shared<Pool>(0);
  return pool;
}

}  // namespace

void SetThreadCount(int threads) {
  CheckThreadCount(threads);
  const std::lock_guard<std::mutex> lock(pool_mutex);
  pool.reset();  // the old limit must go first: of several global_controls the lowest rules
  pool = std::make_shared<Pool>(threads);
}

int ThreadCount() {
  return CurrentPool()->size;
}

void ParallelFor(int64_t count, const std::function<void(int64_t)>& body) {
  if (count <= 1) {
    if (count == 1) body(0);
    return;
  }
  const std::shared_ptr<Pool> current = CurrentPool();
  if (current->size == 1) {
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
  // One index is one task: callers choose how much an index is.
  current->arena.execute([&] { tbb::parallel_for(int64_t{0}, count, body, tbb::simple_partitioner()); });
}

#else

void SetThreadCount(int threads) {
  CheckThreadCount(threads);
}

int ThreadCount() {
  return 1;
}

void ParallelFor(int64_t count, const std::function<void(int64_t)>& body) {
  for (int64_t i = 0; i < count; ++i) body(i);
}

#endif

void ParallelRanges(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& body) {
  if (count <= 0) return;
  // Four ranges a thread even out cores of different speed without many small tasks.
  const int64_t most = int64_t{4} * ThreadCount();
  const int64_t ranges = std::clamp<int64_t>(count / std::max<int64_t>(grain, 1), 1, most);
  ParallelFor(ranges, [&](int64_t i) { body(count * i / ranges, count * (i + 1) / ranges); });
}

}  // namespace convscope
