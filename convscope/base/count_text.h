// How many of what in words, for every text and figure: "1 frame", "3 frames".
#ifndef CONVSCOPE_BASE_COUNT_TEXT_H_
#define CONVSCOPE_BASE_COUNT_TEXT_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace convscope {

// `noun` in the singular; its plural ends in one more s. 0 takes the plural.
inline std::string CountText(int64_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

}  // namespace convscope

#endif  // CONVSCOPE_BASE_COUNT_TEXT_H_
