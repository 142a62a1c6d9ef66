// The epochs of a history as JSON. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_HISTORY_JSON_H_
#define CONVSCOPE_TASKS_INTERNAL_HISTORY_JSON_H_

#include <string>

#include "convscope/tasks/internal/json_text.h"
#include "convscope/train/history.h"

namespace convscope::internal {

// What was not validated has no member for it.
inline Json EpochJson(const EpochRecord& record) {
  Json epoch = {{"epoch", record.epoch}};
  for (const std::string& name : History::ValueNames()) {
    if (!record.has_validation && name.starts_with("val_")) continue;
    epoch[name] = History::Value(record, name);
  }
  return epoch;
}

inline Json HistoryJson(const History& history) {
  Json epochs = Json::array();
  for (const EpochRecord& record : history.epochs) epochs.push_back(EpochJson(record));
  return epochs;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_HISTORY_JSON_H_
