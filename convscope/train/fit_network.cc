#include "convscope/train/fit_network.h"

#include "convscope/base/error.h"
#include "convscope/train/network_rules.h"

namespace convscope {
namespace {

void SetScaling(const Network& network, Preprocessing& scaling) {
  if (scaling != Preprocessing() && scaling != network.preprocessing) {
    throw Error({.where = "network " + network.name(),
                 .rule = "its pictures are scaled as its preprocessing says",
                 .received = "another scaling in the options",
                 .fix = "set network.preprocessing, and leave the options' scaling out"});
  }
  scaling = network.preprocessing;
}

}  // namespace

FitResult Fit(Network& network, const Dataset& data, FitOptions options) {
  SetScaling(network, options.scaling);
  FitResult result = Fit(network.model(), RulesOf(network), data, options);
  network.SetWeights(result.parameters);
  return result;
}

Evaluation Evaluate(const Network& network, const Dataset& data, EvaluateOptions options) {
  SetScaling(network, options.scaling);
  return Evaluate(network.model(), RulesOf(network), data, options);
}

}  // namespace convscope
