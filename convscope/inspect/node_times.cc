#include "convscope/inspect/node_times.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/trace.h"

namespace convscope {

NodeTimes MeasureNodeTimes(const Model& model, int runs, const Progress& progress,
                           const std::function<void()>& between) {
  if (runs < 1) throw Error({.where = "runs", .rule = "1 run or more is measured", .received = Concat(runs)});
  NamedTensors inputs;
  for (const GraphTensor& tensor : model.graph().tensors()) {
    if (tensor.role != TensorRole::kInput) continue;
    Tensor noise = Tensor::Zeros(tensor.type.shape, tensor.type.dtype);
    Random random(1, "times/" + tensor.name);
    if (noise.dtype() == DType::kFloat32) {
      for (float& value : noise.view().span()) value = random.Uniform();
    } else if (noise.dtype() == DType::kFloat64) {
      for (double& value : noise.view<double>().span()) value = static_cast<double>(random.Uniform());
    }
    inputs[tensor.name] = Share(std::move(noise));
  }
  std::map<std::string, std::vector<double>, std::less<>> times;
  for (int run = 0; run <= runs; ++run) {
    Report(progress, "measuring", static_cast<double>(run) / static_cast<double>(runs + 1));
    if (between) between();
    const Trace trace(model, inputs);
    if (run == 0) continue;  // warms caches and the clock
    for (const NodeReport& report : trace.reports()) times[report.node].push_back(report.milliseconds);
  }
  if (between) between();
  NodeTimes medians;
  for (auto& [node, list] : times) {
    std::nth_element(list.begin(), list.begin() + static_cast<ptrdiff_t>(list.size() / 2), list.end());
    medians[node] = list[list.size() / 2];
  }
  return medians;
}

}  // namespace convscope
