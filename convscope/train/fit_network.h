// Fit and Evaluate for a Network: with the rules that its layers state, and its own preprocessing.
//
//   Network network = Sequential({28, 28, 1}, {...});
//   network.Initialize(1);
//   Fit(network, train, {.optimizer = Adam{}, .epochs = 5});
//   std::cout << Evaluate(network, test).accuracy();
#ifndef CONVSCOPE_TRAIN_FIT_NETWORK_H_
#define CONVSCOPE_TRAIN_FIT_NETWORK_H_

#include "convscope/nn/network.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/fit.h"

namespace convscope {

// Trains from the network's weights and leaves the trained ones in it, also when interrupted. What is not trainable
// stays, regularizers count, constraints hold. Pictures are scaled as network.preprocessing says. Throws Error when
// options.scaling is given and says otherwise, and what RulesOf, Network::model and Fit throw; the weights are then as
// they were.
FitResult Fit(Network& network, const Dataset& data, FitOptions options);

// The same loss and accuracy that Fit measures on validation data. Throws as Fit does.
Evaluation Evaluate(const Network& network, const Dataset& data, EvaluateOptions options = {});

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_FIT_NETWORK_H_
