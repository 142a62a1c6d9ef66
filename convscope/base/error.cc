#include "convscope/base/error.h"

#include <utility>

namespace convscope {
namespace {

// "WHERE: RULE; received X. FIX", on one line whatever the parts hold: a file name may contain a line break.
std::string Join(const ErrorParts& parts) {
  std::string text;
  if (!parts.where.empty()) text += parts.where + ": ";
  text += parts.rule;
  if (!parts.received.empty()) text += "; received " + parts.received;
  if (!parts.fix.empty()) text += ". " + parts.fix;
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return text;
}

}  // namespace

Error::Error(ErrorParts parts) : std::runtime_error(Join(parts)), parts_(std::move(parts)) {}

Error Error::At(const std::string& where) const {
  ErrorParts parts = parts_;
  parts.where = parts.where.empty() ? where : where + ": " + parts.where;
  return Error(std::move(parts));
}

}  // namespace convscope
