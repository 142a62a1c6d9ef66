#include "convscope/graph/clip_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/element_types.h"

namespace convscope {
namespace {

constexpr int64_t kGrain = int64_t{1} << 15;  // elements: some microseconds of work

// A bound as T has it.
template <typename T>
T Bound(double bound, bool is_low) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(bound);
  } else {
    const double whole = is_low ? std::ceil(bound) : std::floor(bound);
    // The largest int64 is no double; what is not below the one after it is too large.
    if (whole >= std::ldexp(1.0, std::numeric_limits<T>::digits)) return std::numeric_limits<T>::max();
    if (whole <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    return static_cast<T>(whole);
  }
}

template <typename T>
struct ClipOf {
  explicit ClipOf(const ClipOp& op) : low(Bound<T>(op.low, true)), high(Bound<T>(op.high, false)) {}
  T operator()(T x) const {
    const T above = x < low ? low : x;
    return above > high ? high : above;
  }
  T low, high;
};

// Inputs x and the gradient of the output.
class ClipGradientOperation : public Operation {
 public:
  explicit ClipGradientOperation(const ClipOp& op) : op_(op) {}

  std::string_view type() const override { return "ClipGradient"; }
  std::vector<Attribute> attributes() const override { return {{"low", op_.low}, {"high", op_.high}}; }
  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 2, 2);
    CheckFloating(inputs);
    return {inputs[1]};
  }
  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      ForFloatingType(type.dtype, [&](auto element) {
        using T = decltype(element);
        const T *x = static_cast<const T*>(from[0]), *dy = static_cast<const T*>(from[1]);
        T* dx = static_cast<T*>(to[0]);
        const ClipOf<T> clip(op);
        ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) dx[i] = x[i] < clip.low || x[i] > clip.high ? T{0} : dy[i];
        });
      });
    });
  }

 private:
  ClipOp op_;
};

class ClipOperation : public Operation {
 public:
  explicit ClipOperation(const ClipOp& op) : op_(op) {}

  std::string_view type() const override { return "Clip"; }
  std::vector<Attribute> attributes() const override { return {{"low", op_.low}, {"high", op_.high}}; }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckElements(inputs, ElementClass::kNumbers);
    if (std::isnan(op_.low) || std::isnan(op_.high)) {
      throw Error({.rule = "the bounds of a clip are numbers", .received = Concat(op_.low, " and ", op_.high)});
    }
    return {inputs[0]};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([op = op_, type = inputs[0]](std::span<const void* const> from, std::span<void* const> to) {
      ForNumberType(type.dtype, [&](auto element) {
        using T = decltype(element);
        const T* x = static_cast<const T*>(from[0]);
        T* y = static_cast<T*>(to[0]);
        const ClipOf<T> clip(op);
        ParallelRanges(type.shape.NumElements(), kGrain, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) y[i] = clip(x[i]);
        });
      });
    });
  }

  std::vector<InputReads> Reads(std::span<const TensorType>) const override {
    return {{InputReads::Kind::kSameElements}};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    Arithmetic result{.rule = Arithmetic::Rule::kFunction,
                      .formula = Concat("min(max(x, ", ShortestText(op_.low), "), ", ShortestText(op_.high), ")"),
                      .terms = {TermOf(inputs, 0, element)},
                      .window = Shape{1},
                      .through = 0};
    result.value = ForNumberType(inputs[0]->dtype(), [&](auto type) {
      using T = decltype(type);
      return static_cast<double>(ClipOf<T>(op_)(inputs[0]->data<T>()[element]));
    });
    return result;
  }

  std::optional<Limits> AsLimits() const override {
    const ClipOf<float> clip(op_);
    return Limits{.low = clip.low, .high = clip.high};
  }

  FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t) const override {
    if (inputs[0].dtype != DType::kFloat32) return {};
    return [clip = ClipOf<float>(op_)](float* values, int64_t, int64_t count, std::span<const void* const>) {
      for (int64_t i = 0; i < count; ++i) values[i] = clip(values[i]);
    };
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const std::string& target = node.names[0];
    std::string back = node.output_gradients[0];
    if (op_.low == 0 && node.rule != GradientRule::kTrue) {  // it is a rectifier, as relu6
      const bool ends_here = node.rule == GradientRule::kDeconvolution;
      const std::string name = ends_here ? target : target + "/positive";
      node.builder.Add(name, ActivationOp{MakeActivation(ActivationKind::kRelu)}, {back});
      if (ends_here) return {name};
      back = name;
    }
    node.builder.Add(target, std::make_shared<ClipGradientOperation>(op_), {node.inputs[0], back});
    return {target};
  }

 private:
  ClipOp op_;
};

}  // namespace

ClipOp::operator OperationPtr() const {
  return std::make_shared<ClipOperation>(*this);
}

}  // namespace convscope
