#include "convscope/base/digest.h"

#include <cstring>

namespace convscope {

void Digest::AddWord(uint64_t word) {
  hash_ = (hash_ ^ word) * 0x100000001b3u;
  hash_ ^= hash_ >> 32;
}

Digest& Digest::Add(std::span<const std::byte> bytes) {
  size_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i, 8);
    AddWord(word);
  }
  uint64_t rest = 0;
  if (i < bytes.size()) std::memcpy(&rest, bytes.data() + i, bytes.size() - i);
  AddWord(rest);
  AddWord(bytes.size());
  return *this;
}

Digest& Digest::Add(std::string_view text) {
  return Add(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Digest::ToString() const {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[hash_ >> shift & 15];
  return text;
}

}  // namespace convscope
