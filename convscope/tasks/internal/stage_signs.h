// Which signs the values of a filter's stage can have. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_STAGE_SIGNS_H_
#define CONVSCOPE_TASKS_INTERNAL_STAGE_SIGNS_H_

#include <string>

#include "convscope/figures/signs.h"
#include "convscope/graph/trace.h"

namespace convscope::internal {

// By the kernel and what follows it: pixels are never negative.
Signs StageSigns(const Trace& trace, const std::string& stage);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_STAGE_SIGNS_H_
