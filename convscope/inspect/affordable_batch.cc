#include "convscope/inspect/affordable_batch.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/graph/rebuild.h"

namespace convscope {

int64_t AffordableBatch(const Graph& graph, int64_t most) {
  constexpr int64_t kBytes = int64_t{384} << 20;
  Graph two;
  try {
    two = Rebuild(graph, {.batch = 2}).builder.Build();
  } catch (const Error&) {
    return 1;
  }
  int64_t bytes = 0;  // of one picture
  for (const GraphTensor& tensor : two.tensors()) {
    if (tensor.role == TensorRole::kComputed) bytes += tensor.type.SizeInBytes() / 2;
  }
  return std::clamp<int64_t>(kBytes / std::max<int64_t>(bytes, 1), 1, most);
}

}  // namespace convscope
