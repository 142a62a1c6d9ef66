#include "app/server/work_queue.h"

#include <algorithm>
#include <utility>

namespace convscope::server {

WorkQueue::~WorkQueue() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  change_.notify_all();
  worker_.join();
}

bool WorkQueue::Add(const std::string& subject, std::function<void()> run, std::function<void()> drop) {
  std::function<void()> dropped;
  {
    const std::lock_guard lock(mutex_);
    const auto older = std::find_if(items_.begin(), items_.end(),
                                    [&](const Item& item) { return !subject.empty() && item.subject == subject; });
    // In its place: a page that asks often comes no later for it.
    if (older != items_.end()) {
      dropped = std::move(older->drop);
      *older = {subject, std::move(run), std::move(drop)};
    } else if (items_.size() >= most_) {
      return false;
    } else {
      items_.push_back({subject, std::move(run), std::move(drop)});
    }
  }
  change_.notify_one();
  if (dropped) dropped();
  return true;
}

void WorkQueue::Work() {
  for (;;) {
    Item item;
    {
      std::unique_lock lock(mutex_);
      change_.wait(lock, [&] { return ended_ || !items_.empty(); });
      if (ended_) return;
      item = std::move(items_.front());
      items_.pop_front();
    }
    item.run();
  }
}

}  // namespace convscope::server
