// MD5 (RFC 1321): tells whether a file arrived as its publisher listed it. Not a protection against forgery.
#ifndef CONVSCOPE_FORMATS_MD5_H_
#define CONVSCOPE_FORMATS_MD5_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace convscope {

class Md5 {
 public:
  void Add(std::span<const std::byte> bytes);
  // Of all that was added, 32 hexadecimal digits in lower case. Nothing may be added after it.
  std::string Hex();

 private:
  void Block(const std::byte* bytes);

  std::array<uint32_t, 4> state_{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  std::array<std::byte, 64> pending_{};
  uint64_t length_ = 0;  // bytes
};

// Throws Error when the file cannot be read.
std::string Md5OfFile(const std::filesystem::path& path);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_MD5_H_
