// Attributions as JSON that more can be added to. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_ATTRIBUTE_OBJECT_H_
#define CONVSCOPE_TASKS_INTERNAL_ATTRIBUTE_OBJECT_H_

#include "convscope/tasks/attribute_picture.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope::internal {

// What AttributeJson writes.
Json AttributeObject(const AttributedPicture& picture);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_ATTRIBUTE_OBJECT_H_
