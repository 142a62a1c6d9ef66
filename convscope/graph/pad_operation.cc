#include "convscope/graph/pad_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/tap_operation.h"
#include "convscope/kernels/indexed_copy.h"
#include "convscope/tensor/element_bits.h"

namespace convscope {
namespace {

class PadOperation : public Operation {
 public:
  explicit PadOperation(PadOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Pad"; }
  std::vector<Attribute> attributes() const override {
    std::vector<Attribute> list = {{"before", op_.before}, {"after", op_.after}, {"mode", std::string(Name(op_.mode))}};
    if (op_.mode == PadMode::kZero) list.push_back({"value", op_.value});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    const auto refuse = [&](std::string rule) {
      throw Error({.rule = std::move(rule),
                   .received = Concat("before ", attributes()[0].ValueText(), " and after ",
                                      attributes()[1].ValueText(), " of ", x.ToString())});
    };
    if (op_.value != 0 && op_.mode != PadMode::kZero) {
      throw Error({.rule = Concat("mode ", Name(op_.mode), " pads with what is there, not with a value"),
                   .received = ShortestText(op_.value)});
    }
    const auto negative = [](int64_t n) { return n < 0; };
    if (op_.before.size() != x.lengths().size() || op_.after.size() != op_.before.size() ||
        std::any_of(op_.before.begin(), op_.before.end(), negative) ||
        std::any_of(op_.after.begin(), op_.after.end(), negative)) {
      refuse("padding is 0 or more elements at both ends of each axis");
    }
    std::vector<int64_t> lengths;
    for (int i = 0; i < x.rank(); ++i) {
      const int64_t most = std::max(op_.before[i], op_.after[i]);
      if (most > 0 && op_.mode == PadMode::kReflect && most >= x[i]) refuse("reflect pads less than the axis is long");
      if (op_.mode == PadMode::kWrap && most > x[i]) refuse("wrap pads at most as much as the axis is long");
      if (most > 0 && op_.mode == PadMode::kEdge && x[i] == 0) refuse("edge repeats an element that is there");
      if (most > Shape::kMaxElements) refuse("an axis has a possible length");
      lengths.push_back(op_.before[i] + x[i] + op_.after[i]);
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const TensorType type = Infer(inputs)[0];
    std::vector<std::vector<int64_t>> places;
    for (const AxisTaps& axis : Taps(inputs[0].shape)) {
      places.emplace_back();
      for (const std::vector<Tap>& taps : axis.taps) places.back().push_back(taps[0].index);
    }
    return PreparedFrom(
        [copy = IndexedCopy(inputs[0].shape, places, SizeInBytes(type.dtype), ElementBits(op_.value, type.dtype))](
            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    const std::vector<AxisTaps> taps = Taps(inputs[0].shape);
    for (size_t i = 0; i < taps.size(); ++i) {
      std::vector<std::vector<int64_t>> lists;
      for (const std::vector<Tap>& of_place : taps[i].taps) {
        lists.emplace_back();
        for (const Tap& tap : of_place) {
          if (tap.index >= 0) lists.back().push_back(tap.index);
        }
      }
      x.axes.push_back(taps[i].IsIdentity()
                           ? AxisReads::Same(static_cast<int>(i))
                           : AxisReads::By(static_cast<int>(i), std::move(lists), PlaceRun::Shifted(-op_.before[i])));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    std::optional<Arithmetic> moved =
        MovedElement(*this, inputs, element, "the input, unchanged, or what it is padded with");
    const DType dtype = inputs[0]->dtype();
    if (moved || (dtype != DType::kFloat32 && dtype != DType::kFloat64)) return moved;
    return Arithmetic{.rule = Arithmetic::Rule::kFunction,
                      .formula = "the number that the border is padded with",
                      .numbers = {{"padding", op_.value}},
                      .value = op_.value,
                      .tolerance = UnitRoundoff(inputs[0]->dtype()) * std::abs(op_.value)};
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    if (op_.mode == PadMode::kZero) {
      node.builder.Add(node.names[0], CropOp{op_.before, op_.after}, {node.output_gradients[0]});
    } else {
      node.builder.Add(node.names[0], std::make_shared<TapGradient>("PadGradient", Taps(x)),
                       {node.output_gradients[0]});
    }
    return {node.names[0]};
  }

 private:
  std::vector<AxisTaps> Taps(const Shape& x) const {
    std::vector<AxisTaps> axes;
    for (int k = 0; k < x.rank(); ++k) {
      AxisTaps axis{.in = x[k]};
      for (int64_t i = -op_.before[k]; i < x[k] + op_.after[k]; ++i) {
        axis.taps.push_back({{.index = SourceIndex(i, x[k], op_.mode)}});
      }
      axes.push_back(std::move(axis));
    }
    return axes;
  }

  PadOp op_;
};

}  // namespace

PadOp::operator OperationPtr() const {
  return std::make_shared<PadOperation>(*this);
}

}  // namespace convscope
