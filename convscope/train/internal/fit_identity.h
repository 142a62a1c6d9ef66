// What must be the same for a checkpoint to be resumed, and for its bits to be those of a training that was never
// interrupted. Not for users.
#ifndef CONVSCOPE_TRAIN_INTERNAL_FIT_IDENTITY_H_
#define CONVSCOPE_TRAIN_INTERNAL_FIT_IDENTITY_H_

#include <string>

#include "convscope/data/dataset.h"
#include "convscope/graph/graph.h"
#include "convscope/train/fit.h"

namespace convscope::internal {

// A line each: what, ": ", its value. Numbers of options as they are; of what is large (the graph, the rules, pictures
// with their labels, weights) a Digest. Not in it: epochs, callbacks and checkpoint_steps, which a resumption may
// change; the parameters, which come with the checkpoint; the order of a graph's tensors and names of data.
std::string FitIdentity(const Graph& network, const TrainingRules& rules, const Dataset& data,
                        const FitOptions& options);

// Throws Error naming the first line in which `saved` differs from `now`.
void CheckIdentity(const std::string& saved, const std::string& now);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TRAIN_INTERNAL_FIT_IDENTITY_H_
