// The thread that computes, and what waits for it.
#ifndef CONVSCOPE_APP_SERVER_WORK_QUEUE_H_
#define CONVSCOPE_APP_SERVER_WORK_QUEUE_H_

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace convscope::server {

class WorkQueue {
 public:
  explicit WorkQueue(size_t most) : most_(most), worker_([this] { Work(); }) {}
  ~WorkQueue();  // ends what has begun, forgets the rest
  WorkQueue(const WorkQueue&) = delete;
  WorkQueue& operator=(const WorkQueue&) = delete;

  // False when the queue is full. `run` is called on the worker and throws nothing. Of works with one `subject` (empty:
  // none) only the newest waits: an older one that has not begun gets `drop` called instead, here, in this thread.
  bool Add(const std::string& subject, std::function<void()> run, std::function<void()> drop);

 private:
  struct Item {
    std::string subject;
    std::function<void()> run, drop;
  };
  void Work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable change_;
  std::deque<Item> items_;
  bool ended_ = false;
  std::thread worker_;  // last: it uses the others
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_WORK_QUEUE_H_
