#include "convscope/inspect/own_scaling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "convscope/graph/run.h"

namespace convscope {
namespace {

template <size_t N>
bool IsOneOf(const std::array<std::string_view, N>& types, std::string_view type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A line in each pixel where all inputs but the first are constants; of a product and a sum it may be any.
constexpr std::array<std::string_view, 7> kLines = {"Scale",        "Mul", "Add", "Sub", "Div", "BatchNormalization",
                                                    "Normalization"};
constexpr std::array<std::string_view, 9> kMoves = {"Cast",   "Transpose", "Reshape", "Concat", "Slice",
                                                    "Gather", "Crop",      "Pad",     "Resize"};

// What lies between the input and the first nodes that are no line.
struct Beginning {
  std::vector<std::string> lines;  // nodes
  std::vector<std::string> ends;   // tensors that other nodes read
};

Beginning BeginningOf(const Graph& graph, int input) {
  Beginning found;
  const auto tensors = graph.tensors();
  std::vector<bool> of_pixels(tensors.size()), ends(tensors.size());
  of_pixels[static_cast<size_t>(input)] = true;
  for (const GraphNode& node : graph.nodes()) {
    const std::string_view type = node.operation->type();
    const auto pixels = [&](int tensor) { return of_pixels[static_cast<size_t>(tensor)]; };
    const auto constant = [&](int tensor) {
      return tensors[static_cast<size_t>(tensor)].role == TensorRole::kParameter;
    };
    const auto known = [&](int tensor) { return pixels(tensor) || constant(tensor); };
    const auto count = std::count_if(node.inputs.begin(), node.inputs.end(), pixels);
    if (count == 0) continue;
    const bool line = IsOneOf(kLines, type) && count == 1 && (type == "Mul" || type == "Add" || pixels(node.inputs[0]));
    const bool floats = tensors[static_cast<size_t>(node.outputs[0])].type.dtype == DType::kFloat32;
    if (floats && (line || IsOneOf(kMoves, type)) && std::all_of(node.inputs.begin(), node.inputs.end(), known)) {
      if (line) found.lines.push_back(node.name);
      for (const int output : node.outputs) of_pixels[static_cast<size_t>(output)] = true;
      continue;
    }
    for (const int tensor : node.inputs) ends[static_cast<size_t>(tensor)] = pixels(tensor);
  }
  for (size_t t = 0; t < ends.size(); ++t) {
    if (ends[t]) found.ends.push_back(tensors[t].name);
  }
  return found;
}

// `black` and `white`: what 0 and 255 become.
bool IsFor255(float black, float white) {
  const float gain = std::abs(white - black) / 255;
  return gain <= 1.0f / 16 || std::abs(black) > 2 * gain;
}

}  // namespace

std::vector<std::string> OwnScaling(const Model& model) {
  const Graph& graph = model.graph();
  std::vector<int> inputs;
  for (size_t t = 0; t < graph.tensors().size(); ++t) {
    if (graph.tensors()[t].role == TensorRole::kInput) inputs.push_back(static_cast<int>(t));
  }
  if (inputs.size() != 1) return {};
  const GraphTensor& input = graph.tensors()[static_cast<size_t>(inputs[0])];
  if (input.type.dtype != DType::kFloat32) return {};
  const Beginning beginning = BeginningOf(graph, inputs[0]);
  const auto& ends = beginning.ends;
  if (beginning.lines.empty() || ends.empty() || std::find(ends.begin(), ends.end(), input.name) != ends.end())
    return {};
  // What a line is at 0 and at 255 is all of it.
  Run run(model, ends);
  const auto fed = [&](float pixel) {
    Tensor picture(input.type.shape);
    std::fill_n(picture.data(), picture.size(), pixel);
    NamedTensors tensors;
    tensors[input.name] = Share(std::move(picture));
    run(tensors);
  };
  fed(0);
  std::vector<Tensor> black;
  for (const std::string& end : ends) black.push_back(run[end].Clone());
  fed(255);
  bool any = false;
  for (size_t e = 0; e < ends.size(); ++e) {
    const auto zeros = std::as_const(black[e]).view().span(), full = run[ends[e]].view().span();
    for (size_t i = 0; i < zeros.size(); ++i) {
      if (zeros[i] == full[i]) continue;  // of no pixel: what was padded
      if (!IsFor255(zeros[i], full[i])) return {};
      any = true;
    }
  }
  return any ? beginning.lines : std::vector<std::string>();
}

}  // namespace convscope
