// What a run folder knows of the data that its network learnt from, for those who open them again: a model is measured
// and asked about pictures that are cut and split as they were in its training.
#ifndef CONVSCOPE_TASKS_RUN_DATA_H_
#define CONVSCOPE_TASKS_RUN_DATA_H_

#include <optional>
#include <string>

#include "convscope/tasks/open_data.h"
#include "convscope/tasks/run_folder.h"

namespace convscope {

// The record of the run that `model`, as OpenModel takes it, means; none for what is no run folder. Throws Error when
// its run.json is damaged.
std::optional<RunRecord> RunOf(const std::string& model);

// `options` with the size and colours of pictures and, for the same data, the part that is held back for testing as in
// the run, where `options` ask for none.
OpenDataOptions AsTrained(OpenDataOptions options, const RunRecord& run);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_RUN_DATA_H_
