// An operation whose output is made of its input by taps along each axis (kernels/axis_taps.h), as the gradients of
// such operations are. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_
#define CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_

#include <string>
#include <utility>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/separable_taps.h"

namespace convscope {

template <typename T>
std::unique_ptr<PreparedOperation> PrepareTapsOf(std::vector<AxisTaps> axes) {
  return PreparedFrom(
      [taps = SeparableTaps<T>(std::move(axes))](std::span<const void* const> from, std::span<void* const> to) mutable {
        taps(static_cast<const T*>(from[0]), static_cast<T*>(to[0]));
      });
}

inline std::unique_ptr<PreparedOperation> PrepareTaps(std::vector<AxisTaps> axes, DType dtype) {
  return dtype == DType::kFloat32 ? PrepareTapsOf<float>(std::move(axes)) : PrepareTapsOf<double>(std::move(axes));
}

// Input: the gradient of an operation's output; output: that of its input. `axes` are those of the operation.
class TapGradient : public Operation {
 public:
  TapGradient(std::string type, std::vector<AxisTaps> axes) : type_(std::move(type)), axes_(std::move(axes)) {
    for (AxisTaps& axis : axes_) axis = axis.Transposed();
  }

  std::string_view type() const override { return type_; }
  std::vector<Attribute> attributes() const override { return {}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    std::vector<int64_t> lengths;
    for (const AxisTaps& axis : axes_) lengths.push_back(axis.out());
    return {{Shape(lengths), inputs[0].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareTaps(axes_, inputs[0].dtype);
  }

 private:
  std::string type_;
  std::vector<AxisTaps> axes_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_TAP_OPERATION_H_
