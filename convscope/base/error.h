// The one exception that convscope throws.
//
// An error says which rule was broken, what was received, where, and what to do. The library never prints, aborts or
// exits: a program catches Error and shows what().
#ifndef CONVSCOPE_BASE_ERROR_H_
#define CONVSCOPE_BASE_ERROR_H_

#include <stdexcept>
#include <string>

namespace convscope {

// The parts of an error's text; empty ones are left out of what().
struct ErrorParts {
  std::string where;     // file, node or option, for example "photo.jpg" or "node conv_1 (Conv)"
  std::string rule;      // what must hold, for example "stride must be at least 1"
  std::string received;  // what came instead, for example "0"
  std::string fix;       // what to do, for example "use --stride 1 or more"
};

// Example: throw Error({.where = "node conv_1", .rule = "stride must be at least 1", .received = "0"});
class Error : public std::runtime_error {
 public:
  explicit Error(ErrorParts parts);

  const ErrorParts& parts() const { return parts_; }

  // The same error, seen from further out: `where` is put before the place that the error names already.
  Error At(const std::string& where) const;

 private:
  ErrorParts parts_;
};

}  // namespace convscope

#endif  // CONVSCOPE_BASE_ERROR_H_
