#include "convscope/graph/reshape_operation.h"

#include <algorithm>
#include <cstring>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"

namespace convscope {
namespace {

class ReshapeOperation : public Operation {
 public:
  explicit ReshapeOperation(ReshapeOp attributes) : op_(std::move(attributes)) {}

  std::string_view type() const override { return "Reshape"; }
  std::vector<Attribute> attributes() const override { return {{"shape", op_.shape}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& from = inputs[0].shape;
    std::vector<int64_t> lengths = op_.shape;
    int64_t known = 1;
    for (size_t i = 0; i < lengths.size(); ++i) {
      if (lengths[i] == 0 && static_cast<int>(i) < from.rank()) lengths[i] = from[static_cast<int>(i)];
      if (lengths[i] == -1) continue;
      const int64_t length = std::max<int64_t>(lengths[i], 0);
      // Saturates: more than any input has, and far from overflow.
      known = length > 0 && known > Shape::kMaxElements / length ? Shape::kMaxElements : known * length;
    }
    const auto open = std::find(lengths.begin(), lengths.end(), -1);
    if (open != lengths.end() && known > 0) *open = from.NumElements() / known;
    const bool possible = std::all_of(lengths.begin(), lengths.end(), [](int64_t n) { return n >= 0; });
    if (!possible || Shape(lengths).NumElements() != from.NumElements()) {
      throw Error({.rule = Concat("a new shape has the ", from.NumElements(), " elements of the input; 0 keeps a ",
                                  "length, one -1 takes what is left"),
                   .received = Concat(from.ToString(), " into ", attributes()[0].ValueText())});
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom(
        [bytes = static_cast<size_t>(inputs[0].SizeInBytes())](
            std::span<const void* const> from, std::span<void* const> to) { std::memcpy(to[0], from[0], bytes); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    return std::vector<InputReads>(inputs.size(), {InputReads::Kind::kSameElements});
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged, under another shape");
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const auto lengths = node.builder.graph()[node.inputs[0]].type.shape.lengths();
    node.builder.Add(node.names[0], ReshapeOp{{lengths.begin(), lengths.end()}}, {node.output_gradients[0]});
    return {node.names[0]};
  }

  bool IsView() const override { return true; }

 private:
  ReshapeOp op_;
};

}  // namespace

ReshapeOp::operator OperationPtr() const {
  return std::make_shared<ReshapeOperation>(*this);
}

}  // namespace convscope
