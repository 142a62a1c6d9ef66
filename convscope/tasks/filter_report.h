// What a filter computed, told: shapes of every stage, value ranges, algorithms and times, as text for people and as
// JSON for machines.
#ifndef CONVSCOPE_TASKS_FILTER_REPORT_H_
#define CONVSCOPE_TASKS_FILTER_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

// A picture that SaveResultPicture wrote.
struct SavedPicture {
  std::string file;
  int64_t clipped = 0;  // values outside black and white
};

// A table for each picture, ending in a line break:
//   chelsea.png
//     input       (1, 300, 451, 1)   0.004 to 0.91
//     kernel      (3, 3, 1, 1)       -1 to 8         edge
//     conv        (1, 298, 449, 1)   -2.1 to 3.3     Conv, path plane, 0.31 ms
std::string FilterReportText(const FilterResult& result);

// One object: "kernels" (name, bias), and "pictures", each with "source", "tensors" (name, role, shape, dtype, low,
// high, not_finite) and "nodes" (name, type, attributes, inputs, outputs, path, milliseconds, multiply_adds). low and
// high are null for a tensor without finite values. After `saved`, "saved_picture" with "file" and "clipped".
std::string FilterReportJson(const FilterResult& result, const std::optional<SavedPicture>& saved = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_REPORT_H_
