// A summary as JSON that more can be added to. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_SUMMARY_OBJECT_H_
#define CONVSCOPE_TASKS_INTERNAL_SUMMARY_OBJECT_H_

#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/summary_report.h"

namespace convscope::internal {

// What SummaryJson writes.
Json SummaryObject(const OpenedSummary& opened, const MeasuredCost* measured = nullptr);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_SUMMARY_OBJECT_H_
