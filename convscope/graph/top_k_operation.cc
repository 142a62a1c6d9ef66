#include "convscope/graph/top_k_operation.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/axis_lines.h"
#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/internal/reduced_shape.h"

namespace convscope {
namespace {

template <typename T>
bool IsLarger(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && !std::isnan(b);
  }
  return a > b;
}

Shape WithLength(const Shape& shape, int axis, int64_t length) {
  std::vector<int64_t> lengths(shape.lengths().begin(), shape.lengths().end());
  lengths[static_cast<size_t>(axis)] = length;
  return Shape(lengths);
}

// Inputs the places and the gradient of the values; output the gradient of the input, of `length` along the axis.
class TopKGradientOperation : public Operation {
 public:
  TopKGradientOperation(int64_t axis, int64_t length) : axis_(axis), length_(length) {}

  std::string_view type() const override { return "TopKGradient"; }
  std::vector<Attribute> attributes() const override { return {{"axis", axis_}, {"length", length_}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs.subspan(1));
    const Shape& dy = inputs[1].shape;
    return {{WithLength(dy, AxisOf(axis_, dy), length_), inputs[1].dtype}};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const Shape& dy = inputs[1].shape;
    const AxisLines chosen(dy, AxisOf(axis_, dy)), all(Infer(inputs)[0].shape, AxisOf(axis_, dy));
    return PreparedFrom(
        [chosen, all, dtype = inputs[1].dtype](std::span<const void* const> from, std::span<void* const> to) {
          ForFloatingType(dtype, [&](auto type) {
            using T = decltype(type);
            ParallelRanges(all.count, all.grain(), [&](int64_t begin, int64_t end) {
              for (int64_t line = begin; line < end; ++line) {
                const int64_t* places = static_cast<const int64_t*>(from[0]) + chosen.First(line);
                const T* gradient = static_cast<const T*>(from[1]) + chosen.First(line);
                T* dx = static_cast<T*>(to[0]) + all.First(line);
                for (int64_t i = 0; i < all.length; ++i) dx[i * all.step] = 0;
                for (int64_t i = 0; i < chosen.length; ++i) {
                  dx[places[i * chosen.step] * all.step] = gradient[i * chosen.step];
                }
              }
            });
          });
        });
  }

 private:
  int64_t axis_, length_;
};

class TopKOperation : public Operation {
 public:
  explicit TopKOperation(const TopKOp& op) : op_(op) {}

  std::string_view type() const override { return "TopK"; }
  std::vector<Attribute> attributes() const override {
    return {{"k", op_.k}, {"axis", op_.axis}, {"largest", op_.largest}};
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckElements(inputs, ElementClass::kNumbers);
    const Shape& x = inputs[0].shape;
    const int axis = AxisOf(op_.axis, x);
    if (op_.k < 0 || op_.k > x[axis]) {
      throw Error({.rule = Concat("of ", x[axis], " values along an axis 0 to ", x[axis], " are chosen"),
                   .received = std::to_string(op_.k)});
    }
    const Shape shape = WithLength(x, axis, op_.k);
    return {{shape, inputs[0].dtype}, {shape, DType::kInt64}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const int axis = AxisOf(op_.axis, inputs[0].shape);
    const AxisLines all(inputs[0].shape, axis), chosen(Infer(inputs)[0].shape, axis);
    return PreparedFrom([all, chosen, largest = op_.largest, dtype = inputs[0].dtype](std::span<const void* const> from,
                                                                                      std::span<void* const> to) {
      ForNumberType(dtype, [&](auto type) {
        using T = decltype(type);
        ParallelRanges(all.count, all.grain(), [&](int64_t begin, int64_t end) {
          std::vector<int64_t> order(static_cast<size_t>(all.length));
          for (int64_t line = begin; line < end; ++line) {
            const T* x = static_cast<const T*>(from[0]) + all.First(line);
            const auto before = [&](int64_t a, int64_t b) {
              const T left = x[a * all.step], right = x[b * all.step];
              if (largest ? IsLarger(left, right) : IsLarger(right, left)) return true;
              return !(largest ? IsLarger(right, left) : IsLarger(left, right)) && a < b;
            };
            std::iota(order.begin(), order.end(), 0);
            std::partial_sort(order.begin(), order.begin() + chosen.length, order.end(), before);
            T* values = static_cast<T*>(to[0]) + chosen.First(line);
            int64_t* places = static_cast<int64_t*>(to[1]) + chosen.First(line);
            for (int64_t i = 0; i < chosen.length; ++i) {
              values[i * chosen.step] = x[order[static_cast<size_t>(i)] * all.step];
              places[i * chosen.step] = order[static_cast<size_t>(i)];
            }
          }
        });
      });
    });
  }

  // All along the axis.
  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    const Shape& x = inputs[0].shape;
    return {ReducedReads(x, ReducedAxes({op_.axis}, x), true)};
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    if (node.output_gradients[0].empty()) return {""};
    const Shape x = node.builder.graph()[node.inputs[0]].type.shape;
    const int axis = AxisOf(op_.axis, x);
    node.builder.Add(node.names[0], std::make_shared<TopKGradientOperation>(axis, x[axis]),
                     {node.outputs[1], node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  TopKOp op_;
};

}  // namespace

TopKOp::operator OperationPtr() const {
  return std::make_shared<TopKOperation>(*this);
}

}  // namespace convscope
