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

bool WorkQueue::Add(Item item) {
  std::function<void()> dropped;
  {
    const std::lock_guard lock(mutex_);
    const auto is_older = [&](const Item& other) { return !item.subject.empty() && other.subject == item.subject; };
    if (running_ != nullptr && is_older(*running_)) running_->cancel();
    const auto older = std::find_if(items_.begin(), items_.end(), is_older);
    // In its place: a page that asks often comes no later for it.
    if (older != items_.end()) {
      dropped = std::move(older->drop);
      *older = std::move(item);
    } else if (items_.size() >= most_) {
      return false;
    } else {
      items_.push_back(std::move(item));
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
      running_ = &item;
    }
    item.run();
    const std::lock_guard lock(mutex_);
    running_ = nullptr;
  }
}

}  // namespace convscope::server
