#include "convscope/graph/pool_operation.h"

#include <utility>

#include "convscope/graph/sliding_window.h"
#include "convscope/kernels/reference/pool.h"

namespace convscope {
namespace {

class PreparedPool : public PreparedOperation {
 public:
  PreparedPool(const PoolSpec& spec, DType dtype) : spec_(spec), dtype_(dtype) {}

  void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
    if (dtype_ == DType::kFloat32) {
      Pool(spec_, static_cast<const float*>(inputs[0]), static_cast<float*>(outputs[0]));
    } else {
      reference::Pool(spec_, static_cast<const double*>(inputs[0]), static_cast<double*>(outputs[0]));
    }
  }

 private:
  PoolSpec spec_;
  DType dtype_;
};

class PoolOperation : public Operation {
 public:
  explicit PoolOperation(PoolOp attributes) : op_(std::move(attributes)) {
    if (op_.strides.empty()) op_.strides = op_.sizes;
  }

  std::string_view type() const override { return op_.kind == PoolKind::kMax ? "MaxPool" : "AveragePool"; }

  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = Window().Attributes();
    list.insert(list.begin(), {"sizes", op_.sizes});
    list.push_back({"ceil_mode", op_.ceil_mode});
    if (op_.kind == PoolKind::kAverage) list.push_back({"count_include_pad", op_.count_include_pad});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    const PoolSpec spec = Spec(inputs[0].shape);
    spec.Check();
    return {{spec.OutputShape(), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return std::make_unique<PreparedPool>(Spec(inputs[0].shape), inputs[0].dtype);
  }

 private:
  SlidingWindow Window() const {
    return {.sizes = op_.sizes,
            .strides = op_.strides,
            .dilations = op_.dilations,
            .padding = op_.padding,
            .pad_mode = op_.pad_mode,
            .ceil_mode = op_.ceil_mode};
  }

  PoolSpec Spec(const Shape& x) const {
    return {.kind = op_.kind,
            .rank = SpatialRank(x),
            .axes = Window().Axes(x),
            .batch = x[0],
            .channels = x.back(),
            .pad_mode = op_.pad_mode,
            .count_include_pad = op_.count_include_pad};
  }

  PoolOp op_;
};

}  // namespace

PoolOp::operator OperationPtr() const {
  return std::make_shared<PoolOperation>(*this);
}

}  // namespace convscope
