// JSON as the tasks print it.
#ifndef CONVSCOPE_TASKS_INTERNAL_JSON_TEXT_H_
#define CONVSCOPE_TASKS_INTERNAL_JSON_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>

namespace convscope::internal {

// Members keep the order in which they were added.
using Json = nlohmann::ordered_json;

// Indented, ending in a line break. A file name may hold any bytes, JSON only UTF-8: others are replaced.
inline std::string JsonText(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_JSON_TEXT_H_
