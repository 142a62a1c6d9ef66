// Which signs the values of a map can have, whatever they are in one picture: who knows how a map was made gives two
// pictures of it the same colours. Without that knowledge scale.h goes by the values.
#ifndef CONVSCOPE_FIGURES_SIGNS_H_
#define CONVSCOPE_FIGURES_SIGNS_H_

#include <cstdint>

#include "convscope/figures/scale.h"

namespace convscope {

enum class Signs : uint8_t {
  kNonNegative,  // values below zero, should there be some, are told as kBoth
  kBoth,
};

// As ScaleFor the values alone, but of both signs always diverging, about zero, and of no negative ones always viridis:
// where all are zero, from 0 to 1.
Scale ScaleFor(const ValueRange& range, Signs signs);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_SIGNS_H_
