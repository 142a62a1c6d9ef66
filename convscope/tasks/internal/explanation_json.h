// An explanation as JSON. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_
#define CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_

#include <cstdint>

#include "convscope/inspect/explanation.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope::internal {

// Of an element, without the batch of one.
Json PlacesJson(int64_t element, const Shape& shape);

// All of it, every term.
Json ExplanationJson(const Explanation& explanation);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_
