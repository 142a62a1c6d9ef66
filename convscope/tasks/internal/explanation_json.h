// An explanation as JSON. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_
#define CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_

#include <cstddef>
#include <cstdint>

#include "convscope/inspect/explanation.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope::internal {

// Of an element, without the batch of one.
Json PlacesJson(int64_t element, const Shape& shape);

// All of it, every term; of more than `most_terms` the largest so many, and of the others "left_out": "terms", how
// many, and "sum".
Json ExplanationJson(const Explanation& explanation, size_t most_terms = SIZE_MAX);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_EXPLANATION_JSON_H_
