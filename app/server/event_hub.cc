#include "app/server/event_hub.h"

#include <algorithm>
#include <utility>

namespace convscope::server {

void EventHub::Publish(const std::string& topic, std::string json) {
  const std::lock_guard lock(mutex_);
  topics_[topic] = {++last_, std::move(json)};
  if (wake_) wake_();
}

std::vector<Event> EventHub::After(uint64_t& seen) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<uint64_t, Event>> newer;
  for (const auto& [topic, newest] : topics_) {
    if (newest.number > seen) newer.push_back({newest.number, {topic, newest.json}});
  }
  std::sort(newer.begin(), newer.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Event> events;
  for (auto& [number, event] : newer) events.push_back(std::move(event));
  seen = last_;
  return events;
}

void EventHub::SetWake(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

}  // namespace convscope::server
