// ONNX models: read, and run where they are small.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "convscope/formats/onnx.h"
#include "convscope/graph/run.h"
#include "convscope/graph/trace.h"
#include "fuzz/refused.h"

namespace {

using namespace convscope;

constexpr int64_t kMostWork = 1 << 20;  // a transposed convolution can be some hundred times as much

// What windows look at that multiply nothing, as those of pools.
int64_t Looks(const Graph& graph, const GraphNode& node) {
  int64_t looks = graph.tensors()[node.outputs[0]].type.shape.NumElements();
  for (const Attribute& attribute : node.operation->attributes()) {
    if (attribute.name != "sizes") continue;
    for (const int64_t size : std::get<std::vector<int64_t>>(attribute.value)) {
      looks = looks > kMostWork / std::max<int64_t>(size, 1) ? kMostWork : looks * size;
    }
  }
  return looks;
}

// Something is computed in well under a second, and in memory that is not worth telling.
bool IsSmall(const Graph& graph) {
  int64_t elements = 0, looks = 0;
  for (const GraphTensor& tensor : graph.tensors()) elements += tensor.type.shape.NumElements();
  for (const GraphNode& node : graph.nodes()) looks = std::min(kMostWork, looks + Looks(graph, node));
  return elements < (1 << 20) && looks < kMostWork && graph.MultiplyAdds() < kMostWork;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  fuzz::ReadOrRefuse([&] {
    const ModelFile file = ParseOnnx({reinterpret_cast<const char*>(data), size}, "fuzz.onnx",
                                     {.structure_bytes = 1 << 20, .nodes = 2000});
    if (!IsSmall(file.model.graph())) return;
    NamedTensors inputs;
    for (const GraphTensor& tensor : file.model.graph().tensors()) {
      if (tensor.role == TensorRole::kInput)
        inputs[tensor.name] = Share(Tensor::Zeros(tensor.type.shape, tensor.type.dtype));
    }
    const Trace trace(file.model, inputs);
    Run run(file.model, file.outputs);
    run(inputs);
  });
  return 0;
}
