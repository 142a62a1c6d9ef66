#include "convscope/formats/internal/onnx_example.h"

#include <cstdint>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/formats/base64.h"
#include "convscope/formats/file_axes.h"
#include "convscope/formats/npy.h"

namespace convscope::internal {
namespace {

constexpr std::string_view kInput = "input.", kOutput = "output.";
// In base64 half of what is read of a file besides its numbers (OnnxLimits), so that what is written can be read.
constexpr int64_t kMostBytes = 3 << 20;

}  // namespace

void WriteExample(const ModelFile& file, const std::function<void(const std::string&, const std::string&)>& add) {
  if (!file.example) return;
  int64_t bytes = 0;
  const auto write = [&](std::string_view kind, const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) {
      bytes += tensor->SizeInBytes();
      if (bytes > kMostBytes) {
        throw Error({.where = "example",
                     .rule = Concat("the numbers of an example take at most ", kMostBytes, " bytes"),
                     .received = "more",
                     .fix = "take a smaller input"});
      }
      const SharedTensor stored = InFileAxes(file, name, tensor);
      std::string npy = NpyHeader(stored->dtype(), stored->shape());
      npy.append(reinterpret_cast<const char*>(stored->bytes()), static_cast<size_t>(stored->SizeInBytes()));
      add(Concat(kExampleKey, kind, name), ToBase64(npy));
    }
  };
  write(kInput, file.example->inputs);
  write(kOutput, file.example->outputs);
}

void ReadExample(std::string_view key, std::string_view text, ModelFile& file) {
  const std::string where(key);
  key.remove_prefix(kExampleKey.size());
  const bool input = key.starts_with(kInput);
  if (!input && !key.starts_with(kOutput)) {
    throw Error({.where = where, .rule = "an example has inputs and outputs", .received = "something else"});
  }
  const std::string name(key.substr(input ? kInput.size() : kOutput.size()));
  const Graph& graph = file.model.graph();
  const bool there = graph.Has(name) && (graph[name].role == TensorRole::kInput) == input;
  if (!there) {
    throw Error({.where = where, .rule = "an example is of the model's inputs and outputs", .received = name});
  }
  SharedTensor tensor = Share(ParseNpy(FromBase64(text, where), where));
  if (tensor->dtype() != graph[name].type.dtype || tensor->shape().rank() != graph[name].type.shape.rank()) {
    throw Error({.where = where,
                 .rule = "it is of the type " + graph[name].type.ToString(),
                 .received = TensorType{tensor->shape(), tensor->dtype()}.ToString()});
  }
  if (!file.example) file.example.emplace();
  (input ? file.example->inputs : file.example->outputs)[name] = FromFileAxes(file, name, tensor);
}

}  // namespace convscope::internal
