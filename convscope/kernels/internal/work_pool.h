// Working memory that outlives the task that used it, so that the next call finds it instead of allocating. Not for
// users.
#ifndef CONVSCOPE_KERNELS_INTERNAL_WORK_POOL_H_
#define CONVSCOPE_KERNELS_INTERNAL_WORK_POOL_H_

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace convscope::internal {

// Holds as many T as there were tasks under way at the same time, each made when no idle one was left. Which one a task
// gets depends on timing, so results must not depend on what is in it.
template <typename T>
class WorkPool {
 public:
  // Calls body(T&) with an idle T or, where there is none, with what make() returns.
  template <typename Make, typename Body>
  void With(const Make& make, const Body& body) {
    std::unique_ptr<T> work;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!idle_.empty()) {
        work = std::move(idle_.back());
        idle_.pop_back();
      }
    }
    if (!work) work = std::make_unique<T>(make());
    body(*work);
    const std::lock_guard<std::mutex> lock(mutex_);
    idle_.push_back(std::move(work));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<T>> idle_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_KERNELS_INTERNAL_WORK_POOL_H_
