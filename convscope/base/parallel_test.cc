#include "convscope/base/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

class Parallel : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { SetThreadCount(GetParam()); }
  void TearDown() override { SetThreadCount(0); }
};

TEST_P(Parallel, ForCallsEachIndexOnce) {
  for (const int64_t count : {0, 1, 2, 3, 100, 1000}) {
    std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
    ParallelFor(count, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; });
    for (const auto& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST_P(Parallel, RangesCoverEachIndexOnceAndAreAsLongAsAsked) {
  for (const int64_t count : {0, 1, 5, 64, 999}) {
    for (const int64_t grain : {0, 1, 10, 2000}) {
      std::mutex mutex;
      std::vector<std::pair<int64_t, int64_t>> ranges;
      ParallelRanges(count, grain, [&](int64_t begin, int64_t end) {
        const std::lock_guard<std::mutex> lock(mutex);
        ranges.emplace_back(begin, end);
      });
      std::sort(ranges.begin(), ranges.end());
      int64_t next = 0;
      for (const auto& [begin, end] : ranges) {
        EXPECT_EQ(begin, next);
        EXPECT_GE(end - begin, std::min(std::max<int64_t>(grain, 1), count));
        next = end;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST_P(Parallel, AnExceptionOfABodyReachesTheCaller) {
  EXPECT_THROW(ParallelFor(100,
                           [](int64_t i) {
                             if (i == 57) throw Error({.rule = "no 57"});
                           }),
               Error);
  std::atomic<int> calls{0};
  ParallelFor(10, [&](int64_t) { ++calls; });
  EXPECT_EQ(calls, 10) << "loops run again after one failed";
}

TEST_P(Parallel, LoopsInsideLoopsComplete) {
  std::atomic<int> calls{0};
  ParallelFor(8, [&](int64_t) { ParallelFor(8, [&](int64_t) { ++calls; }); });
  EXPECT_EQ(calls, 64);
}

TEST_P(Parallel, UsesNoMoreThreadsThanSet) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  ParallelFor(200, [&](int64_t) {
    const std::lock_guard<std::mutex> lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_LE(static_cast<int>(threads.size()), ThreadCount());
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, ::testing::Values(1, 2, 7));

TEST(SetThreadCount, RejectsACountOutOfRange) {
  for (const int count : {-1, 1025}) {
    try {
      SetThreadCount(count);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.what(),
                "the number of threads must be 0 (one a core) to 1024; received " + std::to_string(count));
    }
  }
  SetThreadCount(0);
  EXPECT_GE(ThreadCount(), 1);
}

}  // namespace
}  // namespace convscope
