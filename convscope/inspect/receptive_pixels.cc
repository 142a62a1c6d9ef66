#include "convscope/inspect/receptive_pixels.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/maps.h"

namespace convscope {

std::map<std::string, ElementMask> InputsBehind(const Graph& graph, std::string_view tensor,
                                                const ElementMask& wanted) {
  const std::span<const GraphTensor> tensors = graph.tensors();
  const int last = graph.Find(tensor);
  const auto size_of = [&](int index) { return static_cast<size_t>(tensors[index].type.shape.NumElements()); };
  if (wanted.size() != size_of(last)) {
    throw Error({.where = std::string(tensor),
                 .rule = Concat("a mask of the tensor has ", size_of(last), " elements"),
                 .received = Concat(wanted.size())});
  }
  // Nodes stand after those that they read from: backwards, a mask is whole before it is handed on.
  std::vector<ElementMask> masks(tensors.size());
  masks[last] = wanted;
  for (size_t n = graph.nodes().size(); n-- > 0;) {
    const GraphNode& node = graph.nodes()[n];
    const bool read = std::any_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return !masks[t].empty(); });
    if (!read) continue;
    std::vector<InputReads> reads(node.inputs.size());
    if (node.outputs.size() == 1) reads = node.operation->Reads(graph.InputTypes(node));
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      const int input = node.inputs[k];
      if (tensors[input].role == TensorRole::kParameter) continue;
      if (masks[input].empty()) masks[input].resize(size_of(input));
      for (const int output : node.outputs) {
        if (masks[output].empty()) continue;
        AddElementsRead(reads[k], tensors[input].type.shape, tensors[output].type.shape, masks[output], masks[input]);
      }
    }
    for (const int output : node.outputs) masks[output] = {};  // nobody reads it again
  }
  std::map<std::string, ElementMask> inputs;
  for (size_t t = 0; t < tensors.size(); ++t) {
    if (tensors[t].role != TensorRole::kInput) continue;
    if (masks[t].empty()) masks[t].resize(size_of(static_cast<int>(t)));
    inputs.emplace(tensors[t].name, std::move(masks[t]));
  }
  return inputs;
}

ReceptivePixels ReceptivePixelsOf(const Graph& graph, std::string_view tensor, int64_t element,
                                  std::string_view input) {
  const Shape& shape = graph[tensor].type.shape;
  if (element < 0 || element >= shape.NumElements()) {
    throw Error({.where = std::string(tensor),
                 .rule = Concat("there are elements 0 to ", shape.NumElements() - 1),
                 .received = Concat(element)});
  }
  const GraphTensor& picture = graph[input];
  if (picture.role != TensorRole::kInput) {
    throw Error({.where = std::string(input), .rule = "pixels are those of an input of the graph"});
  }
  const MapShape maps = MapShapeOf(picture.type.shape, input);
  ElementMask wanted(static_cast<size_t>(shape.NumElements()));
  wanted[element] = 1;
  const ElementMask elements = InputsBehind(graph, tensor, wanted).find(std::string(input))->second;

  ReceptivePixels pixels{.input = std::string(input),
                         .rows = maps.rows,
                         .columns = maps.columns,
                         .mask = ElementMask(static_cast<size_t>(maps.rows * maps.columns))};
  for (size_t i = 0; i < elements.size(); ++i) {
    if (elements[i]) pixels.mask[i / maps.channels % pixels.mask.size()] = 1;
  }
  int64_t bottom = -1, right = -1;
  for (int64_t row = 0; row < maps.rows; ++row) {
    for (int64_t column = 0; column < maps.columns; ++column) {
      if (!pixels.Has(row, column)) continue;
      if (pixels.count++ == 0) {
        pixels.top = row;
        pixels.left = column;
      }
      pixels.left = std::min(pixels.left, column);
      bottom = std::max(bottom, row);
      right = std::max(right, column);
    }
  }
  if (pixels.count > 0) {
    pixels.height = bottom - pixels.top + 1;
    pixels.width = right - pixels.left + 1;
  }
  return pixels;
}

}  // namespace convscope
