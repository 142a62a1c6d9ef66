// The JSON of a request: parsed with limits, read with errors that name the member.
#ifndef CONVSCOPE_APP_SERVER_JSON_BODY_H_
#define CONVSCOPE_APP_SERVER_JSON_BODY_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace convscope::server {

using Json = nlohmann::json;

inline constexpr size_t kMostJsonBytes = size_t{1} << 18;

// An object, nested no deeper than six levels; throws Error.
Json ParseBody(const std::string& body);

// Throws Error naming the first member of `object` that is not among `names`, or that it is no object.
void CheckMembers(const Json& object, const std::string& where, std::initializer_list<const char*> names);

// A member of that type, or what stands in `value` where there is none; throws Error for another type.
void Read(const Json& object, const char* name, std::string& value);
void Read(const Json& object, const char* name, bool& value);
void Read(const Json& object, const char* name, int64_t& value);
void Read(const Json& object, const char* name, std::optional<int64_t>& value);
void Read(const Json& object, const char* name, std::vector<std::string>& value, size_t most);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_JSON_BODY_H_
