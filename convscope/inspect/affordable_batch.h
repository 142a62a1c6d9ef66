// How many pictures of a model can be run at once.
#ifndef CONVSCOPE_INSPECT_AFFORDABLE_BATCH_H_
#define CONVSCOPE_INSPECT_AFFORDABLE_BATCH_H_

#include <cstdint>

#include "convscope/graph/graph.h"

namespace convscope {

// As many as keep all tensors that the graph computes within 384 MiB, from 1 to `most`; 1 where a shape in the graph is
// stated for one picture alone.
int64_t AffordableBatch(const Graph& graph, int64_t most);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_AFFORDABLE_BATCH_H_
