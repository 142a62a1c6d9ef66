#include "convscope/formats/md5.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "convscope/base/byte_source.h"

namespace convscope {
namespace {

static_assert(std::endian::native == std::endian::little, "only little-endian machines are supported");

// floor(2^32 |sin(i + 1)|), as the standard defines it; a double holds it exactly.
std::array<uint32_t, 64> Sines() {
  std::array<uint32_t, 64> sines{};
  for (int i = 0; i < 64; ++i)
    sines[static_cast<size_t>(i)] = static_cast<uint32_t>(std::abs(std::sin(i + 1)) * 0x1p32);
  return sines;
}

constexpr int kRotations[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

}  // namespace

void Md5::Block(const std::byte* bytes) {
  static const std::array<uint32_t, 64> kSines = Sines();
  std::array<uint32_t, 16> words;
  std::memcpy(words.data(), bytes, sizeof words);
  auto [a, b, c, d] = state_;
  for (uint32_t i = 0; i < 64; ++i) {
    uint32_t mixed, word;
    switch (i / 16) {
      case 0:
        mixed = (b & c) | (~b & d);
        word = i;
        break;
      case 1:
        mixed = (d & b) | (~d & c);
        word = 5 * i + 1;
        break;
      case 2:
        mixed = b ^ c ^ d;
        word = 3 * i + 5;
        break;
      default:
        mixed = c ^ (b | ~d);
        word = 7 * i;
        break;
    }
    const uint32_t sum = a + mixed + kSines[i] + words[word % 16];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kRotations[i / 16][i % 4]);
  }
  state_[0] += a;
  state_[1] += b;
  state_[2] += c;
  state_[3] += d;
}

void Md5::Add(std::span<const std::byte> bytes) {
  const size_t used = length_ % 64;
  length_ += bytes.size();
  if (used > 0) {
    const size_t taken = std::min(64 - used, bytes.size());
    std::copy_n(bytes.begin(), taken, pending_.begin() + static_cast<ptrdiff_t>(used));
    bytes = bytes.subspan(taken);
    if (used + taken < 64) return;
    Block(pending_.data());
  }
  for (; bytes.size() >= 64; bytes = bytes.subspan(64)) Block(bytes.data());
  std::copy(bytes.begin(), bytes.end(), pending_.begin());
}

std::string Md5::Hex() {
  const uint64_t bits = length_ * 8;
  // One bit, then zeroes up to the last eight bytes of a block, which hold the length.
  std::vector<std::byte> padding(1 + (119 - length_ % 64) % 64);
  padding[0] = std::byte{0x80};
  Add(padding);
  Add(std::as_bytes(std::span(&bits, 1)));
  std::string hex;
  for (const uint32_t word : state_) {
    for (int shift = 0; shift < 32; shift += 8) {
      hex += "0123456789abcdef"[word >> (shift + 4) & 15];
      hex += "0123456789abcdef"[word >> shift & 15];
    }
  }
  return hex;
}

std::string Md5OfFile(const std::filesystem::path& path) {
  FileSource file(path);
  std::vector<std::byte> piece(size_t{1} << 18);
  Md5 md5;
  size_t got;
  do {
    got = file.Read(piece);
    md5.Add(std::span(piece).first(got));
  } while (got == piece.size());
  return md5.Hex();
}

}  // namespace convscope
