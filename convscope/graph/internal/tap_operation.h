// An operation whose output is made of its input by taps along each axis (kernels/axis_taps.h), as the gradients of
// such operations are. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_
#define CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/axis_taps.h"

namespace convscope {

std::unique_ptr<PreparedOperation> PrepareTaps(std::vector<AxisTaps> axes, DType dtype);

// Input: the gradient of an operation's output; output: that of its input. `axes` are those of the operation.
class TapGradient : public Operation {
 public:
  TapGradient(std::string type, std::vector<AxisTaps> axes);

  std::string_view type() const override { return type_; }
  std::vector<Attribute> attributes() const override { return {}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override;
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override;

 private:
  std::string type_;
  std::vector<AxisTaps> axes_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_
