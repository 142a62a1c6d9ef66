// The one input that a graph is fed through, for those who feed one alone: a data set, a picture.
#ifndef CONVSCOPE_GRAPH_ONLY_INPUT_H_
#define CONVSCOPE_GRAPH_ONLY_INPUT_H_

#include <string>

#include "convscope/base/error.h"
#include "convscope/graph/graph.h"

namespace convscope {

// Its name. Throws Error where there is another number of them, with the place, the rule and what to do of `wrong`.
std::string OnlyInput(const Graph& graph, const ErrorParts& wrong);

// The same for an input of pictures, (N, rows, columns, channels) float32, which the rule of `wrong` should say.
std::string OnlyPictureInput(const Graph& graph, const ErrorParts& wrong);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ONLY_INPUT_H_
