// A tree of plain values, as JSON has them: what a layer's arguments are written into and read from.
//
// Not here: text. convscope/formats/keras_json.h reads and writes it; the core knows no JSON.
#ifndef CONVSCOPE_NN_CONFIG_H_
#define CONVSCOPE_NN_CONFIG_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace convscope {

class Config {
 public:
  using List = std::vector<Config>;
  using Object = std::vector<std::pair<std::string, Config>>;  // members keep their order

  Config() = default;  // null
  Config(bool value) : value_(value) {}
  Config(int value) : value_(int64_t{value}) {}
  Config(int64_t value) : value_(value) {}
  Config(double value) : value_(value) {}
  Config(const char* value) : value_(std::string(value)) {}
  Config(std::string_view value) : value_(std::string(value)) {}
  Config(std::string value) : value_(std::move(value)) {}
  Config(List value) : value_(std::move(value)) {}
  Config(Object value) : value_(std::move(value)) {}

  bool IsNull() const { return std::holds_alternative<std::monostate>(value_); }
  // What it holds, or null where it holds something else. A whole number is not a double here.
  const bool* AsBool() const { return std::get_if<bool>(&value_); }
  const int64_t* AsInteger() const { return std::get_if<int64_t>(&value_); }
  const double* AsDouble() const { return std::get_if<double>(&value_); }
  const std::string* AsString() const { return std::get_if<std::string>(&value_); }
  const List* AsList() const { return std::get_if<List>(&value_); }
  const Object* AsObject() const { return std::get_if<Object>(&value_); }

  // The member of this name; null where this is no object or has none.
  const Config* Find(std::string_view key) const;
  // Sets a member of an object, in its place or at the end; null becomes an object.
  void Set(std::string_view key, Config value);

  // As JSON writes it, shortened after some eighty characters: for error messages.
  std::string ToText() const;

  bool operator==(const Config& other) const = default;

 private:
  std::variant<std::monostate, bool, int64_t, double, std::string, List, Object> value_;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_CONFIG_H_
