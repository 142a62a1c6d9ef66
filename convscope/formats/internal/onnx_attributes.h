// The attributes of an Operation by name, with a type: what the table of operations reads when it writes an operation
// to a file and when it makes one from a file. Not for users.
#ifndef CONVSCOPE_FORMATS_INTERNAL_ONNX_ATTRIBUTES_H_
#define CONVSCOPE_FORMATS_INTERNAL_ONNX_ATTRIBUTES_H_

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/operation.h"
#include "convscope/kernels/window.h"

namespace convscope::internal {

class OnnxAttributes {
 public:
  OnnxAttributes() = default;
  OnnxAttributes(std::vector<Attribute> list) : list_(std::move(list)) {}  // not explicit: the same under another name

  const std::vector<Attribute>& list() const { return list_; }

  // Throws Error when there is none of this name and type.
  template <typename T>
  const T& Get(const std::string& name) const {
    for (const Attribute& attribute : list_) {
      if (attribute.name != name) continue;
      if (const T* value = std::get_if<T>(&attribute.value)) return *value;
      throw Error({.rule = "attribute " + name + " has another type", .received = attribute.ValueText()});
    }
    throw Error({.rule = "the operation has an attribute " + name, .received = "none"});
  }
  bool Flag(const std::string& name) const { return Get<bool>(name); }
  int64_t Integer(const std::string& name) const { return Get<int64_t>(name); }
  double Number(const std::string& name) const { return Get<double>(name); }
  const std::string& Word(const std::string& name) const { return Get<std::string>(name); }
  const std::vector<int64_t>& Integers(const std::string& name) const { return Get<std::vector<int64_t>>(name); }

  PadMode Mode(const std::string& name) const { return ParsePadMode(Word(name), name); }

  // "valid", "same", "1:2", one or, with commas between, one an axis: as SlidingWindow::Attributes writes them.
  std::vector<Padding> Paddings(const std::string& name) const;

 private:
  std::vector<Attribute> list_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_ONNX_ATTRIBUTES_H_
