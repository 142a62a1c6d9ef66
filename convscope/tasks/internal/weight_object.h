// A parameter's facts as JSON that more can be added to. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_WEIGHT_OBJECT_H_
#define CONVSCOPE_TASKS_INTERNAL_WEIGHT_OBJECT_H_

#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/show_weights.h"

namespace convscope::internal {

// What WeightsJson writes of one; `alike` is the threshold of near-duplicates.
Json WeightObject(const WeightTensor& tensor, double alike);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_WEIGHT_OBJECT_H_
