// What a filter computed, told: shapes of every stage, value ranges, algorithms and times, as text for people and as
// JSON for machines.
#ifndef CONVSCOPE_TASKS_FILTER_REPORT_H_
#define CONVSCOPE_TASKS_FILTER_REPORT_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

// What has been written, to be told with the result.
struct SavedFiles {
  std::vector<std::vector<std::filesystem::path>> tensors;  // what SaveTensors returned; empty: not saved
  std::string picture;                                      // what SaveResultPicture wrote; empty: nothing
  int64_t clipped = 0;                                      // values of it outside black and white
};

// A table for each picture, ending in a line break:
//   chelsea.png
//     input       (1, 300, 451, 1)   0.004 to 0.91
//     kernel      (3, 3, 1, 1)       -1 to 8         edge
//     conv        (1, 298, 449, 1)   -2.1 to 3.3     Conv, path plane, 0.31 ms
//     saved in numbers: input.npy, kernel.npy, conv.npy
std::string FilterReportText(const FilterResult& result, const SavedFiles& saved = {});

// One object: "kernels" (name, bias), and "pictures", each with "source", "tensors" (name, role, shape, dtype, low,
// high, not_finite; "file" when saved) and "nodes" (name, type, attributes, inputs, outputs, path, milliseconds,
// multiply_adds). low and high are null for a tensor without finite values. For a saved picture "saved_picture" with
// "file" and "clipped".
std::string FilterReportJson(const FilterResult& result, const SavedFiles& saved = {});

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_REPORT_H_
