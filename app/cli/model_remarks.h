// What is told of a model beside a command's result: on standard error, each line once, as soon as it is known, since
// what could not be taken over explains why a layer is not there; and in the JSON.
#ifndef CONVSCOPE_APP_CLI_MODEL_REMARKS_H_
#define CONVSCOPE_APP_CLI_MODEL_REMARKS_H_

#include <string>

#include "convscope/tasks/model_choice.h"

namespace convscope::cli {

// Whoever opens `model` tells its remarks here; whether it is shown pictures decides what counts as one.
void TellRemarksOf(ModelChoice& model, bool shown_pictures);

// Called by the command that runs, where it opens models: its JSON has their remarks.
void OpensModels();

// The JSON of a command that opened a model, with the remarks as "assumed" and "missing"; of others as it is.
std::string WithModelRemarks(const std::string& json);

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_MODEL_REMARKS_H_
