// How long each node of a model takes on this machine, one by one. Not how long the model takes: Run fuses nodes.
#ifndef CONVSCOPE_INSPECT_NODE_TIMES_H_
#define CONVSCOPE_INSPECT_NODE_TIMES_H_

#include <functional>
#include <map>
#include <string>

#include "convscope/base/progress.h"
#include "convscope/graph/model.h"

namespace convscope {

using NodeTimes = std::map<std::string, double, std::less<>>;  // milliseconds, by the name of the node

// The median over `runs` Traces (NodeReport::milliseconds), after one that is not counted, of inputs that hold random
// numbers from 0 to 1 (integers are 0), as many samples as the graph says. `between` is called before each run and
// after the last: to measure what the times are held against while the machine is as busy as it is for them.
NodeTimes MeasureNodeTimes(const Model& model, int runs = 5, const Progress& progress = {},
                           const std::function<void()>& between = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_NODE_TIMES_H_
