// ONNX models: read, and run where they are small.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "convscope/formats/onnx.h"
#include "convscope/graph/run.h"
#include "convscope/graph/trace.h"
#include "fuzz/refused.h"

namespace {

using namespace convscope;

// Something is computed in well under a second, and in memory that is not worth telling.
bool IsSmall(const Graph& graph) {
  int64_t elements = 0;
  for (const GraphTensor& tensor : graph.tensors()) elements += tensor.type.shape.NumElements();
  return elements < (1 << 20) && graph.MultiplyAdds() < (1 << 24);
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
