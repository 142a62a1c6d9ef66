// The header of a safetensors file: what it says of each tensor, read from JSON and checked by itself. The numbers
// behind it are safetensors.cc's business.
#ifndef CONVSCOPE_FORMATS_INTERNAL_SAFETENSORS_HEADER_H_
#define CONVSCOPE_FORMATS_INTERNAL_SAFETENSORS_HEADER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace convscope::internal {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;             // as the file has it: "F32"
  std::vector<int64_t> lengths;  // of its axes
  uint64_t begin = 0, end = 0;   // bytes, counted from the end of the header
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the header's order
  std::map<std::string, std::string> metadata;
};

// Throws Error naming `where` for text that is no JSON, for another form than the format's, for a name that is there
// twice and for more than `most` tensors. That the numbers are there, and that they fit, is not looked at.
SafetensorsHeader ParseSafetensorsHeader(std::string_view text, const std::string& where, int64_t most);

std::string FormatSafetensorsHeader(const SafetensorsHeader& header);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FORMATS_INTERNAL_SAFETENSORS_HEADER_H_
