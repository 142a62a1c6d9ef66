#include "convscope/graph/slice_operation.h"

#include <algorithm>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/tap_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/kernels/indexed_copy.h"

namespace convscope {
namespace {

class SliceOperation : public Operation {
 public:
  explicit SliceOperation(SliceOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Slice"; }
  std::vector<Attribute> attributes() const override {
    return {{"starts", op_.starts}, {"counts", op_.counts}, {"steps", op_.steps}};
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    const Shape& x = inputs[0].shape;
    const size_t rank = x.lengths().size();
    bool fits = op_.starts.size() == rank && op_.counts.size() == rank && op_.steps.size() == rank;
    std::vector<int64_t> lengths;
    for (size_t i = 0; fits && i < rank; ++i) {
      const int64_t n = x[static_cast<int>(i)], start = op_.starts[i], count = op_.counts[i], step = op_.steps[i];
      lengths.push_back(count == -1 ? n : count);
      if (count == -1) {
        fits = start == 0 && step == 1;
      } else if (count == 0) {
        fits = step != 0;
      } else {
        // No product of numbers that are not known to be small.
        const int64_t room = step > 0 ? n - 1 - start : start;
        fits = count > 0 && step != 0 && start >= 0 && start < n &&
               (count == 1 || (step > -n && step < n && count - 1 <= room / (step > 0 ? step : -step)));
      }
    }
    if (!fits) {
      const std::vector<Attribute> list = attributes();
      throw Error({.rule = "a slice reads places that are there, one start, count and step an axis; a count of -1, "
                           "with start 0 and step 1, is all of it",
                   .received = Concat("starts ", list[0].ValueText(), ", counts ", list[1].ValueText(), ", steps ",
                                      list[2].ValueText(), " of ", x.ToString())});
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PreparedFrom([copy = IndexedCopy(inputs[0].shape, Places(inputs[0].shape), SizeInBytes(inputs[0].dtype))](
                            std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    const std::vector<std::vector<int64_t>> places = Places(inputs[0].shape);
    for (size_t i = 0; i < places.size(); ++i) {
      const int axis = static_cast<int>(i);
      if (op_.counts[i] == -1) {
        x.axes.push_back(AxisReads::Same(axis));
        continue;
      }
      std::vector<std::vector<int64_t>> lists;
      for (const int64_t place : places[i]) lists.push_back({place});
      // A run goes forward: what is turned around has its lists alone.
      const PlaceRun run{.step = op_.steps[i], .first = op_.starts[i], .last = op_.starts[i]};
      x.axes.push_back(AxisReads::By(axis, std::move(lists), run.step > 0 ? std::optional(run) : std::nullopt));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    return MovedElement(*this, inputs, element, "the input, unchanged");
  }

  // What was left out has no gradient: zeros around what was taken, or between.
  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    const Shape& y = node.builder.graph()[node.outputs[0]].type.shape;
    PadOp pad;
    bool together = true;
    for (int i = 0; i < x.rank(); ++i) {
      together = together && (y[i] < 2 || op_.steps[i] == 1);
      const int64_t start = y[i] == 0 ? 0 : op_.starts[i];
      pad.before.push_back(start);
      pad.after.push_back(x[i] - start - y[i]);
    }
    if (together) {
      node.builder.Add(node.names[0], pad, {node.output_gradients[0]});
    } else {
      std::vector<AxisTaps> axes;
      const std::vector<std::vector<int64_t>> places = Places(x);
      for (int i = 0; i < x.rank(); ++i) {
        axes.push_back({.in = x[i]});
        for (const int64_t place : places[i]) axes.back().taps.push_back({{.index = place}});
      }
      node.builder.Add(node.names[0], std::make_shared<TapGradient>("SliceGradient", std::move(axes)),
                       {node.output_gradients[0]});
    }
    return {node.names[0]};
  }

 private:
  // The input's place that each output place shows, one list an axis.
  std::vector<std::vector<int64_t>> Places(const Shape& x) const {
    std::vector<std::vector<int64_t>> places;
    for (int i = 0; i < x.rank(); ++i) {
      const int64_t count = op_.counts[i] == -1 ? x[i] : op_.counts[i];
      std::vector<int64_t> of_axis;
      for (int64_t o = 0; o < count; ++o) of_axis.push_back(op_.starts[i] + o * op_.steps[i]);
      places.push_back(std::move(of_axis));
    }
    return places;
  }

  SliceOp op_;
};

}  // namespace

SliceOp::operator OperationPtr() const {
  return std::make_shared<SliceOperation>(*this);
}

}  // namespace convscope
