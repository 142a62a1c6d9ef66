// The colours of a tensor's maps, by what made it. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_
#define CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_

#include <string_view>

#include "convscope/figures/signs.h"
#include "convscope/inspect/value_signs.h"

namespace convscope::internal {

// The same for every picture, and for what is averaged or picked of the tensor.
inline Signs SignsOf(const Model& model, std::string_view tensor) {
  return NeverNegative(model, tensor) ? Signs::kNonNegative : Signs::kBoth;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_
