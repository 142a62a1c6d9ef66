// Numbers in a text, which writes what is none as figures do: "NaN". Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_NUMBER_IN_H_
#define CONVSCOPE_TASKS_INTERNAL_NUMBER_IN_H_

#include <fmt/format.h>

#include <cmath>
#include <string>

namespace convscope::internal {

// NumberIn("{:.4f}", 0.25) is "0.2500".
inline std::string NumberIn(fmt::format_string<double> format, double value) {
  return std::isnan(value) ? "NaN" : fmt::vformat(format, fmt::make_format_args(value));
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_NUMBER_IN_H_
