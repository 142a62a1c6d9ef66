// Variants in a Config: {"class_name": "HeNormal", "config": {"seed": null}}. Each alternative lists its fields once,
// and its names: Keras', then those that older files and short forms use.
#ifndef CONVSCOPE_NN_INTERNAL_NAMED_CLASSES_H_
#define CONVSCOPE_NN_INTERNAL_NAMED_CLASSES_H_

#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/text.h"
#include "convscope/nn/internal/fields.h"

namespace convscope::internal {

// The class and the arguments of what is either an object as above or a bare name.
struct NamedConfig {
  std::string class_name;
  const Config* config;  // points into the Config that was read, or to null
};
NamedConfig ReadNamed(const Config& config, const char* what);

Config WriteNamed(std::string_view module, std::string_view class_name, Config config);

// Tries the alternatives one after the other.
class ClassReader {
 public:
  ClassReader(const Config& config, KerasVersion version, const char* what)
      : named_(ReadNamed(config, what)), version_(version), what_(what) {}

  // T is one of the alternatives; `fields` calls a FieldReader with each of its fields.
  template <typename T, typename Variant, typename Fields>
  void Try(const std::vector<std::string_view>& names, Variant& result, const Fields& fields) {
    known_.emplace_back(names[0]);
    for (const std::string_view name : names) {
      if (found_ || named_.class_name != name) continue;
      found_ = true;
      T value;
      try {
        FieldReader reader(*named_.config, version_);
        fields(value, reader);
        reader.ExpectNothingElse();
      } catch (const Error& error) {
        throw error.At(named_.class_name);
      }
      result = std::move(value);
    }
  }

  // Throws Error, with the nearest names, when none fitted.
  void ExpectFound() const {
    if (found_) return;
    throw Error({.rule = Concat("the ", what_, " must be one that exists"),
                 .received = Concat('"', named_.class_name, '"'),
                 .fix = DidYouMean(named_.class_name, known_)});
  }

 private:
  NamedConfig named_;
  KerasVersion version_;
  const char* what_;
  std::vector<std::string> known_;
  bool found_ = false;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_NAMED_CLASSES_H_
