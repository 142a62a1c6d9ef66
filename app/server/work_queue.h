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

  struct Item {
    std::string subject;           // empty: none
    std::function<void()> run;     // on the worker; throws nothing
    std::function<void()> drop;    // in place of `run`, in the thread that adds
    std::function<void()> cancel;  // while it runs: it may end early
  };

  // False when the queue is full. Of items with one subject only the newest counts: of an older one `drop` is called
  // where it has not begun, else `cancel`.
  bool Add(Item item);

 private:
  void Work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable change_;
  std::deque<Item> items_;
  const Item* running_ = nullptr;
  bool ended_ = false;
  std::thread worker_;  // last: it uses the others
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_WORK_QUEUE_H_
