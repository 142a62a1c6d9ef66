#include "convscope/tasks/internal/stage_signs.h"

#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/internal/map_signs.h"

namespace convscope::internal {

Signs StageSigns(const Trace& trace, const std::string& stage) {
  NamedTensors parameters;
  for (const GraphTensor& tensor : trace.graph().tensors()) {
    if (tensor.role == TensorRole::kParameter) parameters[tensor.name] = trace.tensors().find(tensor.name)->second;
  }
  return SignsOf(NeverNegative(Model(trace.graph(), std::move(parameters)), FedValues::kNonNegative), stage);
}

}  // namespace convscope::internal
