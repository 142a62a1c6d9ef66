#include "convscope/tasks/loss_choice.h"

#include <cmath>
#include <string_view>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/classifier.h"

namespace convscope {
namespace {

bool IsCrossEntropy(LossKind kind) {
  return kind == LossKind::kSparseCategoricalCrossEntropy || kind == LossKind::kCategoricalCrossEntropy ||
         kind == LossKind::kBinaryCrossEntropy;
}

}  // namespace

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
  if (!IsCrossEntropy(loss.kind) || file.model.graph().nodes().empty()) return;
  const Graph& graph = file.model.graph();
  const std::string output =
      file.outputs.empty() ? graph.tensors()[graph.nodes().back().outputs[0]].name : file.outputs[0];
  const GraphNode* const node = NodeBehindViews(graph, graph.Find(output));
  const std::string_view type = node == nullptr ? "" : node->operation->type();
  const bool probabilities = type == "Softmax" || type == "Sigmoid";
  if (probabilities != loss.from_logits) return;
  throw Error({.where = "output " + output,
               .rule = Concat(Name(loss.kind), loss.from_logits ? " from logits is made of what is no probability yet"
                                                                : " is made of probabilities"),
               .received = type.empty() ? "an input" : Concat("what ", type, " computes"),
               .fix = loss.from_logits ? "leave --from-logits away"
                                       : "end the network in a softmax or a sigmoid, or use --from-logits"});
}

}  // namespace convscope
