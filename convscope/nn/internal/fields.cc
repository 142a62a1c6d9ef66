#include "convscope/nn/internal/fields.h"

#include <algorithm>

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

bool SaysNothing(const Config& config) {
  if (config.IsNull() || (config.AsBool() != nullptr && !*config.AsBool())) return true;
  if (config.AsList() != nullptr) return config.AsList()->empty();
  return config.AsObject() != nullptr && config.AsObject()->empty();
}

}  // namespace

FieldReader::FieldReader(const Config& config, KerasVersion version) : config_(config), version_(version) {
  if (config.IsNull() || config.AsObject() != nullptr) return;
  throw Error({.rule = "a config is an object of arguments", .received = config.ToText()});
}

const Config* FieldReader::Take(std::string_view key, std::string_view older) {
  known_.emplace_back(key);
  if (const Config* found = config_.Find(key)) return found;
  if (older.empty()) return nullptr;
  known_.emplace_back(older);
  return config_.Find(older);
}

void FieldReader::ExpectNothingElse() const {
  if (config_.AsObject() == nullptr) return;
  for (const auto& [key, value] : *config_.AsObject()) {
    if (SaysNothing(value) || std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    throw Error({.where = key,
                 .rule = "every argument that is given must be one that is known",
                 .received = value.ToText(),
                 .fix = DidYouMean(key, known_)});
  }
}

}  // namespace convscope::internal
