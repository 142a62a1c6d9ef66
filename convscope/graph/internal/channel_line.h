// How operations tell that they can be folded into one another: a line behind a product with constant weights is that
// product with other weights. Not for users.
//
// Beside Operation, not in it: the few operations that have such a side are derived from one of these as well, so that
// no pair of operations is known to the planner and the others need not know that there is one.
#ifndef CONVSCOPE_GRAPH_INTERNAL_CHANNEL_LINE_H_
#define CONVSCOPE_GRAPH_INTERNAL_CHANNEL_LINE_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "convscope/graph/operation.h"

namespace convscope {

// y = x * scale + offset, a pair of numbers a channel of x (..., C).
struct ChannelLine {
  std::vector<double> scale, offset;  // (C,)
};

// An operation that is such a line through one of its inputs where the others are constant.
class IsChannelLine {
 public:
  virtual ~IsChannelLine() = default;

  // `inputs` passed Infer; `constants` has one entry an input, null only for the one through which the line leads,
  // number `through`. None: with these it is no line, or has another shape than that input.
  virtual std::optional<ChannelLine> Line(std::span<const TensorType> inputs, std::span<const Tensor* const> constants,
                                          size_t through) const = 0;
};

// An operation that is linear in input 1, a kernel, with a value more a channel of its output (..., C) in input 2, a
// bias (C,) that may be missing.
class TakesChannelLine {
 public:
  virtual ~TakesChannelLine() = default;

  // The axis of the kernel that has an entry a channel of the output; none: a line cannot be folded in.
  virtual std::optional<int> KernelAxis(std::span<const TensorType> inputs) const = 0;
};

// What a binary operation's other input gives each of `channels` channels of the one that is as large as the result:
// one number for all, or one a channel. Empty: it is neither.
std::vector<double> ChannelValues(const Tensor& other, const Shape& whole);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_CHANNEL_LINE_H_
