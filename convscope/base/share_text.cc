#include "convscope/base/share_text.h"

#include <charconv>
#include <cmath>

namespace convscope {
namespace {

std::string Fixed(double value, int decimals) {
  char buffer[400];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, decimals);
  return std::string(buffer, end.ptr);
}

}  // namespace

std::string ShareText(double share, int decimals) {
  if (std::isnan(share)) return "NaN";
  if (std::isinf(share)) return share < 0 ? "-inf" : "inf";
  if (share < 0) {
    const std::string text = ShareText(-share, decimals);
    return text[0] == '<' ? "> -" + text.substr(2) : text[0] == '>' ? "< -" + text.substr(2) : "-" + text;
  }
  const double unit = std::pow(10.0, -decimals);  // of the last digit
  const std::string text = Fixed(100 * std::abs(share), decimals), none = Fixed(0, decimals),
                    all = Fixed(100, decimals);
  // What is all or nothing needs no digits to say so.
  if (share == 0) return "0 %";
  if (share == 1) return "100 %";
  if (text == none) return "< " + Fixed(unit, decimals) + " %";
  if (text == all && share < 1) return "> " + Fixed(100 - unit, decimals) + " %";
  if (text == all && share > 1) return "> 100 %";
  return text + " %";
}

}  // namespace convscope
