// LeadingNumber (text.h) for standard libraries whose std::from_chars knows no floating point, such as Apple's. It is
// slower, takes no "nan(...)", and is compiled everywhere so that its test runs everywhere.
#ifndef CONVSCOPE_BASE_INTERNAL_LEADING_NUMBER_H_
#define CONVSCOPE_BASE_INTERNAL_LEADING_NUMBER_H_

#include <string_view>

#include "convscope/base/text.h"

namespace convscope::internal {

NumberInText LeadingNumberByStream(std::string_view text);

}  // namespace convscope::internal

#endif  // CONVSCOPE_BASE_INTERNAL_LEADING_NUMBER_H_
