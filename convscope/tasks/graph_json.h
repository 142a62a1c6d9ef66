// A model's graph as JSON: every tensor and every node, for programs that draw or check networks themselves.
#ifndef CONVSCOPE_TASKS_GRAPH_JSON_H_
#define CONVSCOPE_TASKS_GRAPH_JSON_H_

#include <string>

#include "convscope/tasks/open_model.h"

namespace convscope {

// {"model", "trained", "outputs": names, "multiply_adds", "tensors": [{"name", "role": "input", "parameter" or
// "computed", "shape", "dtype"}], "nodes": [{"name", "operation", "attributes": {...}, "inputs": names, "outputs":
// names, "multiply_adds"}]}, tensors in the order of the graph, nodes each after those that it reads from. Of a batch
// of one, as the graph is. Nothing is folded.
std::string GraphJson(const OpenedModel& model);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_GRAPH_JSON_H_
