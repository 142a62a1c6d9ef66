// Other ways to make an operation ready, for who wants the result and not the numbers on the way. Not for users.
//
// Beside Operation, not in it, as channel_line.h is. Run asks for them; Trace, which explains, takes the form that sums
// what the definition sums.
#ifndef CONVSCOPE_GRAPH_INTERNAL_FAST_FORM_H_
#define CONVSCOPE_GRAPH_INTERNAL_FAST_FORM_H_

#include <memory>
#include <span>

#include "convscope/graph/operation.h"
#include "convscope/kernels/pool.h"

namespace convscope {

class HasFastForm {
 public:
  virtual ~HasFastForm() = default;

  // As Operation::Prepare, but the result may be rounded in another order. Null where that would be no faster: then
  // `epilogue` is left as it was, else it is moved from.
  virtual std::unique_ptr<PreparedOperation> PrepareFast(std::span<const TensorType> inputs,
                                                         std::span<const Tensor* const> constants,
                                                         Epilogue& epilogue) const = 0;

  // The same, followed by a pool of the only output, which is then the pool's. Null and `epilogue` as above.
  virtual std::unique_ptr<PreparedOperation> PreparePooled(std::span<const TensorType> inputs,
                                                           std::span<const Tensor* const> constants, Epilogue& epilogue,
                                                           const PoolSpec& pool) const = 0;
};

// An operation that is a maximum or an average over windows.
class IsPool {
 public:
  virtual ~IsPool() = default;
  virtual PoolSpec Pooling(std::span<const TensorType> inputs) const = 0;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_FAST_FORM_H_
