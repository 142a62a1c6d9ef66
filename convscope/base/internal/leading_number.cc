#include "convscope/base/internal/leading_number.h"

#include <algorithm>
#include <limits>
#include <locale>
#include <sstream>
#include <string>

namespace convscope::internal {
namespace {

size_t CountDigits(std::string_view text) {
  return std::min(text.find_first_not_of("0123456789"), text.size());
}

// Characters of the decimal number that `text`, without a sign, begins with; 0 where it begins with none.
size_t DecimalLength(std::string_view text) {
  size_t length = CountDigits(text);
  size_t digits = length;
  if (text.substr(length).starts_with('.')) {
    const size_t fraction = CountDigits(text.substr(length + 1));
    digits += fraction;
    if (digits > 0) length += 1 + fraction;
  }
  if (digits == 0) return 0;
  std::string_view rest = text.substr(length);
  if (!rest.starts_with('e') && !rest.starts_with('E')) return length;
  rest.remove_prefix(1);
  const size_t sign = rest.starts_with('-') || rest.starts_with('+') ? 1 : 0;
  // An e without digits after it is not the number's.
  const size_t exponent = CountDigits(rest.substr(sign));
  return exponent == 0 ? length : length + 1 + sign + exponent;
}

bool BeginsWithWord(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char lower, char c) {
           return lower == (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
         });
}

}  // namespace

NumberInText LeadingNumberByStream(std::string_view text) {
  const size_t sign = text.starts_with('-') ? 1 : 0;
  const std::string_view unsigned_text = text.substr(sign);
  for (const std::string_view word : {"infinity", "inf", "nan"}) {
    if (!BeginsWithWord(unsigned_text, word)) continue;
    const double value =
        word == "nan" ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    return {.value = sign == 1 ? -value : value, .length = sign + word.size()};
  }
  const size_t length = DecimalLength(unsigned_text);
  if (length == 0) return {};
  // The stream gets the number alone: by itself it would also take characters of hexadecimal numbers.
  std::istringstream stream(std::string(text.substr(0, sign + length)));
  stream.imbue(std::locale::classic());
  NumberInText number{.length = sign + length};
  return stream >> number.value ? number : NumberInText{};
}

}  // namespace convscope::internal
