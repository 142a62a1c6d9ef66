// What happens without having been asked for, such as a training's progress, told to every tab that listens.
#ifndef CONVSCOPE_APP_SERVER_EVENT_HUB_H_
#define CONVSCOPE_APP_SERVER_EVENT_HUB_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace convscope::server {

struct Event {
  std::string topic, json;
};

// Of each topic the newest event counts: who comes late, or takes slowly, gets that one alone, so that no listener
// needs memory of its own. All of it from any thread.
class EventHub {
 public:
  // `topic` is a plain word, `json` one line.
  void Publish(const std::string& topic, std::string json);

  // The events newer than `seen`, in the order in which they happened, and moves `seen` on; begin with 0.
  std::vector<Event> After(uint64_t& seen) const;

  // Called after each Publish, in its thread, until another is set; must be quick.
  void SetWake(std::function<void()> wake);

 private:
  struct Newest {
    uint64_t number;
    std::string json;
  };
  mutable std::mutex mutex_;
  uint64_t last_ = 0;
  std::map<std::string, Newest> topics_;
  std::function<void()> wake_;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_EVENT_HUB_H_
