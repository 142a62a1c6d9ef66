// The loss that a user names, and whether a network's output is what it takes.
#ifndef CONVSCOPE_TASKS_LOSS_CHOICE_H_
#define CONVSCOPE_TASKS_LOSS_CHOICE_H_

#include <string>

#include "convscope/formats/model_file.h"
#include "convscope/graph/loss_operation.h"

namespace convscope {

// A name of LossNames(); "huber:1.5" is one with its delta. Throws Error naming `where`.
LossOp ParseLoss(const std::string& text, const std::string& where);

// The cross-entropies take probabilities, or, from logits, what comes before them. Throws Error for an output that is
// no softmax and no sigmoid where the loss wants one, and for one that is where it is to be made of logits. Other
// losses take what there is.
void CheckOutputFits(const ModelFile& file, const LossOp& loss);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_LOSS_CHOICE_H_
