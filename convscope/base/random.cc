#include "convscope/base/random.h"

#include <cmath>
#include <initializer_list>
#include <numbers>

namespace convscope {
namespace {

// 64 bits of FNV-1a over `text`, then over the words, so that keys that differ anywhere give unrelated streams.
uint64_t Hash(std::string_view text, std::initializer_list<uint64_t> words) {
  uint64_t hash = 0xcbf29ce484222325u;
  const auto mix = [&hash](uint8_t byte) { hash = (hash ^ byte) * 0x100000001b3u; };
  for (const char c : text) mix(static_cast<uint8_t>(c));
  for (const uint64_t word : words) {
    for (int shift = 0; shift < 64; shift += 8) mix(static_cast<uint8_t>(word >> shift));
  }
  return hash;
}

}  // namespace

std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  std::array<uint32_t, 4> x = counter;
  for (int round = 0; round < 10; ++round) {
    const uint64_t a = uint64_t{0xD2511F53u} * x[0];
    const uint64_t b = uint64_t{0xCD9E8D57u} * x[2];
    x = {static_cast<uint32_t>(b >> 32) ^ x[1] ^ key[0], static_cast<uint32_t>(b),
         static_cast<uint32_t>(a >> 32) ^ x[3] ^ key[1], static_cast<uint32_t>(a)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return x;
}

Random::Random(uint64_t seed, std::string_view purpose, uint64_t epoch, uint64_t sample) {
  const uint64_t stream = Hash(purpose, {epoch, sample});
  key_ = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  counter_ = {0, 0, static_cast<uint32_t>(stream), static_cast<uint32_t>(stream >> 32)};
}

uint32_t Random::Bits() {
  if (used_ == 4) {
    block_ = Philox(counter_, key_);
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[used_++];
}

float Random::Uniform() {
  return static_cast<float>(Bits() >> 8) * 0x1p-24f;
}

float Random::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double u = 1.0 - static_cast<double>(Bits() >> 8) * 0x1p-24;  // (0, 1]: its logarithm is finite
  const double angle = 2.0 * std::numbers::pi * static_cast<double>(Uniform());
  const double radius = std::sqrt(-2.0 * std::log(u));
  spare_ = static_cast<float>(radius * std::sin(angle));
  has_spare_ = true;
  return static_cast<float>(radius * std::cos(angle));
}

}  // namespace convscope
