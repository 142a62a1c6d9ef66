// The options of a filter that are texts on a command line and in a request, as they stand there.
#ifndef CONVSCOPE_TASKS_FILTER_TEXTS_H_
#define CONVSCOPE_TASKS_FILTER_TEXTS_H_

#include <string>
#include <vector>

#include "convscope/tasks/filter_options.h"

namespace convscope {

struct FilterTexts {
  std::string channels, stride = "1", padding = "valid", pad_mode = "zero", dilation = "1", bias, activation;
  std::vector<std::string> pools;
};

// Reads them into `options`; Errors name each by its name there behind `prefix`: "--stride".
void ParseTexts(const FilterTexts& texts, const std::string& prefix, FilterOptions& options);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_FILTER_TEXTS_H_
