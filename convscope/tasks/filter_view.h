// What a screen shows of a filter: of each stage a piece, no more of it than fits, with what a reader must be told
// about the whole. As the bytes of a safetensors file, so that a page has the numbers themselves.
#ifndef CONVSCOPE_TASKS_FILTER_VIEW_H_
#define CONVSCOPE_TASKS_FILTER_VIEW_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "convscope/tasks/filter_picture.h"

namespace convscope {

// A piece of the maps of a stage, or of the input. A piece with more than `side` rows or columns is shown by every n-th
// value of every n-th row, n the least that fits: each is a value of the tensor, none a mean of some.
struct StageView {
  std::string tensor;
  std::optional<CropArea> area;    // empty: all
  std::optional<int64_t> channel;  // empty: all
  int64_t side = 1024;
};

// Float32 tensors (rows, columns, channels) under the names of the stages, the kernel (R, S, C, F) and, where there is
// one, the bias; and in the metadata, under "report", JSON: "white"; "formula", as FilterFormula tells it; and for each
// stage "name", "shape", "low", "high", "count", "not_finite", "usual" (ValueRange), "signs" ("both" or
// "non_negative"; of the input only where a view shows it), and where it was computed "path", "milliseconds" and
// "multiply_adds"; for each view "tensor", "step", "top" and "left". Throws Error for a tensor, an area or a channel
// that there is not, and for two views of one tensor.
std::string FilterViewBytes(const FilterResult& result, std::span<const StageView> views);

// The arithmetic of a value, "conv:12,3,0", then of those that it went through: a list as `explain --json` has it.
std::string ExplainFilterJson(const FilterResult& result, const std::string& at);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_VIEW_H_
