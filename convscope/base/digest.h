// A number that says whether bytes are the same as they were: against mistakes, not against anybody's intent.
#ifndef CONVSCOPE_BASE_DIGEST_H_
#define CONVSCOPE_BASE_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace convscope {

// Of all that was added, in order, and of where each addition ended. FNV-1a of 64 bits (Fowler, Noll, Vo; IETF draft
// eastlake-fnv), but over words of 8 bytes, an eighth of the products, and with the high half mixed into the low one
// after each: a product alone never carries downward.
class Digest {
 public:
  Digest& Add(std::span<const std::byte> bytes);
  Digest& Add(std::string_view text);
  template <typename Number>
  Digest& Add(std::span<const Number> numbers) {
    return Add(std::as_bytes(numbers));
  }

  uint64_t value() const { return hash_; }
  std::string ToString() const;  // 16 hexadecimal digits

 private:
  void AddWord(uint64_t word);
  uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace convscope

#endif  // CONVSCOPE_BASE_DIGEST_H_
