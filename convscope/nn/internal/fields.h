// Visitors of a struct's fields: one writes them into a Config, the other reads them from it.
#ifndef CONVSCOPE_NN_INTERNAL_FIELDS_H_
#define CONVSCOPE_NN_INTERNAL_FIELDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/nn/internal/config_values.h"

namespace convscope::internal {

class FieldWriter {
 public:
  FieldWriter() : config_(Config::Object{}) {}

  // `older` is what Keras 2 calls the argument, where that differs.
  template <typename T>
  void operator()(std::string_view key, const T& value, std::string_view /*older*/ = "") {
    config_.Set(key, ToConfig(value));
  }
  Config Take() { return std::move(config_); }

 private:
  Config config_;
};

class FieldReader {
 public:
  // `config` is null or an object, and outlives this.
  FieldReader(const Config& config, KerasVersion version);

  // Leaves the default where the config has no such member. Throws Error naming the argument.
  template <typename T>
  void operator()(std::string_view key, T& value, std::string_view older = "") {
    const Config* found = Take(key, older);
    if (found == nullptr) return;
    try {
      FromConfig(*found, version_, value);
    } catch (const Error& error) {
      throw error.At(std::string(key));
    }
  }

  // Throws Error for a member that was not read and says something: what is null, false or empty is not used.
  void ExpectNothingElse() const;

 private:
  const Config* Take(std::string_view key, std::string_view older);

  const Config& config_;
  KerasVersion version_;
  std::vector<std::string> known_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_FIELDS_H_
