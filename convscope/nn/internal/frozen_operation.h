// An operation that takes its form of inference while the network learns, too.
#ifndef CONVSCOPE_NN_INTERNAL_FROZEN_OPERATION_H_
#define CONVSCOPE_NN_INTERNAL_FROZEN_OPERATION_H_

#include <memory>
#include <utility>

#include "convscope/graph/graph.h"

namespace convscope::internal {

class FrozenOperation : public Operation {
 public:
  explicit FrozenOperation(OperationPtr inner) : inner_(std::move(inner)) {}

  std::string_view type() const override { return inner_->type(); }
  std::vector<Attribute> attributes() const override { return inner_->attributes(); }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override { return inner_->Infer(inputs); }
  int64_t MultiplyAdds(std::span<const TensorType> inputs) const override { return inner_->MultiplyAdds(inputs); }
  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                             std::span<const Tensor* const> constants,
                                             Epilogue epilogue) const override {
    return inner_->Prepare(inputs, constants, std::move(epilogue));
  }
  std::vector<std::string> AddGradient(const NodeGradient& node) const override { return inner_->AddGradient(node); }
  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override { return inner_->Reads(inputs); }
  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return inner_->Explain(inputs, element);
  }
  bool IsView() const override { return inner_->IsView(); }
  bool TakesEpilogue(std::span<const TensorType> inputs) const override { return inner_->TakesEpilogue(inputs); }
  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const override {
    return inner_->AsEpilogue(inputs, written);
  }

 private:
  OperationPtr inner_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_FROZEN_OPERATION_H_
