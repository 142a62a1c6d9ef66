#include "convscope/graph/internal/tap_operation.h"

#include <utility>

#include "convscope/kernels/separable_taps.h"

namespace convscope {
namespace {

template <typename T>
std::unique_ptr<PreparedOperation> PrepareTapsOf(std::vector<AxisTaps> axes) {
  return PreparedFrom(
      [taps = SeparableTaps<T>(std::move(axes))](std::span<const void* const> from, std::span<void* const> to) mutable {
        taps(static_cast<const T*>(from[0]), static_cast<T*>(to[0]));
      });
}

}  // namespace

std::unique_ptr<PreparedOperation> PrepareTaps(std::vector<AxisTaps> axes, DType dtype) {
  return dtype == DType::kFloat32 ? PrepareTapsOf<float>(std::move(axes)) : PrepareTapsOf<double>(std::move(axes));
}

TapGradient::TapGradient(std::string type, std::vector<AxisTaps> axes)
    : type_(std::move(type)), axes_(std::move(axes)) {
  for (AxisTaps& axis : axes_) axis = axis.Transposed();
}

std::vector<TensorType> TapGradient::Infer(std::span<const TensorType> inputs) const {
  CheckInputCount(inputs, 1, 1);
  CheckFloating(inputs);
  std::vector<int64_t> lengths;
  for (const AxisTaps& axis : axes_) lengths.push_back(axis.out());
  return {{Shape(lengths), inputs[0].dtype}};
}

std::unique_ptr<PreparedOperation> TapGradient::Prepare(std::span<const TensorType> inputs,
                                                        std::span<const Tensor* const>, Epilogue) const {
  return PrepareTaps(axes_, inputs[0].dtype);
}

}  // namespace convscope
