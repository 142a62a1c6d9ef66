// What holds for a network's parameters and outputs while it is trained, from the layers that it was built of.
#ifndef CONVSCOPE_TRAIN_NETWORK_RULES_H_
#define CONVSCOPE_TRAIN_NETWORK_RULES_H_

#include "convscope/nn/network.h"
#include "convscope/train/training_graph.h"

namespace convscope {

// Trainable, regularizers and constraints of the parameters (where there are any), activity regularizers of the layers,
// normalizations that are not trainable. Throws Error for a network of several outputs.
TrainingRules RulesOf(const Network& network);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_NETWORK_RULES_H_
