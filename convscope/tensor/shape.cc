#include "convscope/tensor/shape.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

Shape::Shape(std::span<const int64_t> lengths) {
  if (lengths.size() > kMaxRank) {
    throw Error({.where = "tensor shape",
                 .rule = Concat("a tensor has at most ", kMaxRank, " axes"),
                 .received = std::to_string(lengths.size())});
  }
  rank_ = static_cast<int>(lengths.size());
  std::copy(lengths.begin(), lengths.end(), lengths_.begin());
  int64_t elements = 1;
  for (const int64_t length : lengths) {
    if (length < 0) {
      throw Error({.where = "tensor shape", .rule = "no axis may be negative", .received = ToString()});
    }
    // Counting axes of length 0 as 1 keeps the product of the others bounded too.
    const int64_t factor = std::max<int64_t>(length, 1);
    if (factor > kMaxElements / elements) {
      throw Error({.where = "tensor shape", .rule = "a tensor has at most 2^40 elements", .received = ToString()});
    }
    elements *= factor;
  }
}

int64_t Shape::NumElements() const {
  int64_t elements = 1;
  for (const int64_t length : lengths()) elements *= length;
  return elements;
}

std::string Shape::ToString() const {
  std::string text = "(";
  for (int axis = 0; axis < rank_; ++axis) {
    if (axis > 0) text += ", ";
    text += std::to_string(lengths_[axis]);
  }
  return text + (rank_ == 1 ? ",)" : ")");
}

}  // namespace convscope
