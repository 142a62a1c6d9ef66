// The colours of a tensor's maps, by what made it. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_
#define CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_

#include <set>
#include <string>

#include "convscope/figures/signs.h"

namespace convscope::internal {

// By what NeverNegative tells of the model: the same for every picture, and for what is averaged or picked of the
// tensor.
inline Signs SignsOf(const std::set<std::string>& never_negative, const std::string& tensor) {
  return never_negative.contains(tensor) ? Signs::kNonNegative : Signs::kBoth;
}

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_MAP_SIGNS_H_
