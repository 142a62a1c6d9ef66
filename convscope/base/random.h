// Random numbers that depend on what they are for, not on who drew before.
//
// A stream is keyed by (seed, purpose, epoch, sample) and counter-based (Philox4x32-10; Salmon, Moraes, Dror, Shaw:
// "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011), so the same key gives the same numbers at any number of
// threads and in any order of calls between streams.
#ifndef CONVSCOPE_BASE_RANDOM_H_
#define CONVSCOPE_BASE_RANDOM_H_

#include <array>
#include <cstdint>
#include <string_view>

namespace convscope {

// Philox4x32-10: four random words from a counter and a key.
std::array<uint32_t, 4> Philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

class Random {
 public:
  // `purpose` names what the numbers are for ("kernel/conv_1", "dropout/drop_2"); epoch and sample count from 0.
  Random(uint64_t seed, std::string_view purpose, uint64_t epoch = 0, uint64_t sample = 0);

  uint32_t Bits();
  float Uniform();  // [0, 1), a multiple of 2^-24
  float Uniform(float low, float high) { return low + (high - low) * Uniform(); }
  float Normal();  // mean 0, standard deviation 1 (Box and Muller)

  // What Philox is called with for the next block of four words: for kernels that compute many blocks at a time.
  std::array<uint32_t, 2> key() const { return key_; }
  std::array<uint32_t, 4> counter() const { return counter_; }

 private:
  std::array<uint32_t, 2> key_;
  std::array<uint32_t, 4> counter_;
  std::array<uint32_t, 4> block_{};
  int used_ = 4;
  float spare_ = 0;
  bool has_spare_ = false;
};

}  // namespace convscope

#endif  // CONVSCOPE_BASE_RANDOM_H_
