// The node that a tensor's numbers come from.
#ifndef CONVSCOPE_GRAPH_NODE_BEHIND_VIEWS_H_
#define CONVSCOPE_GRAPH_NODE_BEHIND_VIEWS_H_

#include "convscope/graph/graph.h"

namespace convscope {

// The node that computes the numbers of a tensor, whatever shape they are given afterwards; null: none does.
const GraphNode* NodeBehindViews(const Graph& graph, int tensor);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_NODE_BEHIND_VIEWS_H_
