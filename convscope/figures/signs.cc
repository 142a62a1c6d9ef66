#include "convscope/figures/signs.h"

#include <algorithm>

namespace convscope {

Scale ScaleFor(const ValueRange& range, Signs signs) {
  const Scale scale = ScaleFor(range);  // what is all zero is from -1 to 1 there
  if (signs == Signs::kBoth) return {ColorMap::kDiverging, -scale.high, scale.high};
  if (range.low < 0) return scale;
  return {ColorMap::kViridis, std::max(scale.low, 0.0f), scale.high};
}

}  // namespace convscope
