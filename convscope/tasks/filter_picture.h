// Filters pictures: the options become a Graph, which is run on each picture. How the result is told, drawn and saved
// is the business of filter_report.h, filter_formula.h, filter_figure.h and filter_save.h.
#ifndef CONVSCOPE_TASKS_FILTER_PICTURE_H_
#define CONVSCOPE_TASKS_FILTER_PICTURE_H_

#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/trace.h"
#include "convscope/tasks/filter_kernels.h"
#include "convscope/tasks/filter_options.h"

namespace convscope {

// One picture and everything computed from it. The tensors of the trace are called
//   input       (1, H, W, C)
//   kernel      (R, S, C, F); or (R, S, 1, C * F) when each channel is filtered alone: filter c * F + k is kernel k on
//               channel c
//   bias        (F,) or (C * F,); only when some bias is not zero
//   conv        (1, OH, OW, filters)
//   activation  the same; only when one was asked for
//   max_pool, average_pool   (1, PH, PW, filters); the second of a kind is max_pool_2
struct FilteredPicture {
  std::string source;  // the file, as it was named
  Trace trace;
  float white = 1;  // what a white pixel became, 255 / scale
};

struct FilterResult {
  FilterOptions options;
  KernelBank bank;
  std::vector<FilteredPicture> pictures;  // one for each of options.images
};

// Throws Error on options that do not fit together or the pictures, and on pictures that cannot be read.
FilterResult FilterPictures(const FilterOptions& options);

// The names of the computed tensors, in the order of the graph: conv, then what was asked for.
std::vector<std::string> StageNames(const Graph& graph);

// The stage that pools read, and that stands for the result as a picture: activation, or conv.
std::string_view ResultStage(const Graph& graph);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_PICTURE_H_
