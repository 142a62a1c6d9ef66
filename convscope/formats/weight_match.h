// Which tensor of a file of weights belongs to which parameter of a graph: by name where names agree, else by shape.
// Weights of PyTorch, Keras and of this project are told apart by their names and shapes, and brought into our layout
// (weight_layout.h). Whatever was decided is in the report.
#ifndef CONVSCOPE_FORMATS_WEIGHT_MATCH_H_
#define CONVSCOPE_FORMATS_WEIGHT_MATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/formats/stored_tensor.h"
#include "convscope/formats/weight_layout.h"
#include "convscope/nn/network.h"

namespace convscope {

struct WeightMatch {
  enum class By : uint8_t { kName, kShape, kOrder };

  std::string parameter, stored;  // names, in the graph and in the file
  Shape shape, stored_shape;
  By by = By::kName;
  bool transposed = false;  // from PyTorch's order of axes
  bool reordered = false;   // rows of a dense layer behind a flattening, from channels first
};

struct WeightReport {
  std::vector<WeightMatch> matched;    // in the order of the graph
  std::vector<WeightMatch> misfits;    // the same name, another shape or no real numbers: not taken
  std::vector<std::string> missing;    // parameters that the file has nothing for
  std::vector<std::string> left_over;  // tensors of the file that nothing wants
  std::vector<std::string> ignored;    // counters of PyTorch (num_batches_tracked), which nothing computes with
};

struct MatchedWeights {
  NamedTensors weights;  // by parameter, in the graph's shapes
  WeightReport report;
};

// The tensors of a file for the parameters of `graph`; `stored` in the file's order. Never throws for what does not
// match: that is in the report.
//
// By name: '/' and '.' separate alike; "weight" is a kernel, a gamma or a slope as the node has it, "running_mean" a
// "moving_mean"; Keras 3's "conv/0" is the first parameter of conv; a beginning that all names of the file share
// ("module.") may be left out. By shape: a layer of the graph takes the module of the file that has tensors of the same
// shapes, and where several have, the first that is left, in the file's order; a file that is sorted as a dictionary
// counts numbers within names (features.2 before features.10). By order: a file of bare numbers (NumPy's arr_0, arr_1),
// one for each parameter.
//
// `layout`: the file's, where it tells; else shapes do, and where all of them fit both ways, names.
MatchedWeights MatchWeights(const Graph& graph, const std::vector<StoredTensor>& stored,
                            std::optional<WeightLayout> layout = {});

// Gives parameters that the file has nothing for what their layer was told as arguments: a Normalization's numbers.
void TakeArguments(const Network& network, MatchedWeights& matched);

// Throws Error, telling what is missing, what did not fit and what is left over, unless every parameter was matched.
// `where` is the file.
void ExpectAllMatched(const WeightReport& report, const std::string& where);

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_WEIGHT_MATCH_H_
