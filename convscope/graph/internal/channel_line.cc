#include "convscope/graph/internal/channel_line.h"

namespace convscope {

std::vector<double> ChannelValues(const Tensor& other, const Shape& whole) {
  const Shape& shape = other.shape();
  if (whole.rank() == 0 || shape.rank() > whole.rank()) return {};
  const int64_t channels = whole.back();
  const bool one = other.size() == 1;
  if (!one && (shape.rank() == 0 || other.size() != channels || shape.back() != channels)) return {};
  std::vector<double> values(static_cast<size_t>(channels));
  for (int64_t c = 0; c < channels; ++c) values[static_cast<size_t>(c)] = ElementOf(other, one ? 0 : c);
  return values;
}

}  // namespace convscope
