// The same graph for another use: another number of pictures at once, another floating type, parameters that change,
// the form that it takes while it learns. Nodes keep their names; shapes are inferred anew.
#ifndef CONVSCOPE_GRAPH_REBUILD_H_
#define CONVSCOPE_GRAPH_REBUILD_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "convscope/graph/graph.h"

namespace convscope {

struct RebuildOptions {
  int64_t batch = 0;                  // above 0: the new length of the first axis of every input
  std::optional<DType> floating;      // the type of every floating input and parameter: kFloat64 to check gradients
  bool parameters_as_inputs = false;  // since whatever is fed in may change from step to step
  bool training = false;              // each node in the form of Operation::AddForTraining
  std::set<std::string, std::less<>> frozen;  // but these nodes, by name, as they are
};

struct Rebuilt {
  GraphBuilder builder;
  // Training: parameters that the step itself moves, and the tensors that hold their next values.
  std::map<std::string, std::string, std::less<>> updates;
};

// Throws Error where a node does not take the new shapes.
Rebuilt Rebuild(const Graph& graph, const RebuildOptions& options);

// The input that tells nodes which random numbers are theirs: (3,) int64, the seed, the epoch, and the place in the
// epoch's order of the first sample of the batch. Added to the graph by the first node that asks; returns its name.
std::string RandomState(GraphBuilder& builder);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_REBUILD_H_
