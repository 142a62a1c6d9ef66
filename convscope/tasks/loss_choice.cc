#include "convscope/tasks/loss_choice.h"

#include <cmath>
#include <optional>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/train/classifier_batch.h"

namespace convscope {
LossOp ParseLoss(const std::string& text, const std::string& where) {
  const size_t colon = text.find(':');
  LossOp loss;
  try {
    loss.kind = ParseLossKind(text.substr(0, colon));
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.where = where;  // in place of the operation's own, which says the same
    throw Error(parts);
  }
  if (colon == std::string::npos) return loss;
  if (loss.kind != LossKind::kHuber) {
    throw Error({.where = where, .rule = "huber alone takes a number: huber:DELTA", .received = '"' + text + '"'});
  }
  loss.delta = ParseNumber(text.substr(colon + 1), where);
  if (!(loss.delta > 0) || !std::isfinite(loss.delta)) {
    throw Error({.where = where, .rule = "huber's delta is above 0", .received = '"' + text + '"'});
  }
  return loss;
}

void CheckOutputFits(const ModelFile& file, const LossOp& loss) {
  const Graph& graph = file.model.graph();
  if (graph.nodes().empty()) return;
  const std::string output =
      file.outputs.empty() ? graph.tensors()[graph.nodes().back().outputs[0]].name : file.outputs[0];
  std::optional<ErrorParts> misfit = MisfitOfLoss(graph, output, loss);
  if (!misfit) return;
  misfit->fix =
      loss.from_logits ? "leave --from-logits away" : "end the network in a softmax or a sigmoid, or use --from-logits";
  throw Error(*misfit);
}

}  // namespace convscope
