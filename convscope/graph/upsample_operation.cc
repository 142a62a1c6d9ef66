#include "convscope/graph/upsample_operation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/internal/tap_operation.h"
#include "convscope/graph/sliding_window.h"

namespace convscope {
namespace {

using Interpolation = UpSampleOp::Interpolation;

AxisTaps Nearest(int64_t length, int64_t size) {
  AxisTaps axis{.in = length};
  for (int64_t o = 0; o < length * size; ++o) axis.taps.push_back({{.index = o / size}});
  return axis;
}

AxisTaps Linear(int64_t length, int64_t size) {
  AxisTaps axis{.in = length};
  for (int64_t o = 0; o < length * size; ++o) {
    const double at = (static_cast<double>(o) + 0.5) / static_cast<double>(size) - 0.5;
    const double held = std::clamp(at, 0.0, static_cast<double>(length - 1));
    const auto left = static_cast<int64_t>(held);
    const double share = held - static_cast<double>(left);
    axis.taps.push_back({{.index = left, .weight = 1 - share}});
    if (share > 0) axis.taps.back().push_back({.index = left + 1, .weight = share});
  }
  return axis;
}

class UpSampleOperation : public Operation {
 public:
  explicit UpSampleOperation(UpSampleOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "UpSample"; }
  std::vector<Attribute> attributes() const override {
    const bool nearest = op_.interpolation == Interpolation::kNearest;
    return {{"sizes", op_.sizes}, {"interpolation", std::string(nearest ? "nearest" : "bilinear")}};
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    CheckFloating(inputs);
    const Shape& x = inputs[0].shape;
    const int rank = SpatialRank(x);
    const bool positive = std::all_of(op_.sizes.begin(), op_.sizes.end(), [](int64_t n) { return n >= 1; });
    if (!positive || (op_.sizes.size() != 1 && op_.sizes.size() != static_cast<size_t>(rank))) {
      throw Error({.rule = Concat("sizes are one number of at least 1, or one for each of the ", rank, " spatial axes"),
                   .received = attributes()[0].ValueText()});
    }
    std::vector<int64_t> lengths(x.lengths().begin(), x.lengths().end());
    for (int i = 0; i < rank; ++i) {
      if (Size(i) > Shape::kMaxElements) {
        throw Error({.rule = "an axis has a possible length", .received = attributes()[0].ValueText()});
      }
      lengths[i + 1] *= Size(i);
    }
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    return PrepareTaps(Taps(inputs[0].shape), inputs[0].dtype);
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    const std::vector<AxisTaps> taps = Taps(inputs[0].shape);
    for (size_t i = 0; i < taps.size(); ++i) {
      if (i == 0 || i + 1 == taps.size()) {  // samples and channels
        x.axes.push_back(AxisReads::Same(static_cast<int>(i)));
        continue;
      }
      std::vector<std::vector<int64_t>> lists;
      for (const std::vector<Tap>& of_place : taps[i].taps) {
        lists.emplace_back();
        for (const Tap& tap : of_place) lists.back().push_back(tap.index);
      }
      // Between centres of pixels, output o lies at (2 o + 1 - size) / (2 size) of the input.
      const int64_t size = taps[i].out() / taps[i].in;
      const PlaceRun run = op_.interpolation == Interpolation::kNearest
                               ? PlaceRun{.per = size, .window = true}
                               : PlaceRun{.step = 2, .per = 2 * size, .first = 1 - size, .last = size, .window = true};
      x.axes.push_back(AxisReads::By(static_cast<int>(i), std::move(lists), run));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const Shape& x = inputs[0]->shape();
    const std::vector<AxisTaps> axes = Taps(x);
    const bool nearest = op_.interpolation == Interpolation::kNearest;
    Arithmetic sum{.formula = nearest ? "the pixel that is repeated here" : "nearest pixels by their distance"};
    std::vector<std::pair<int64_t, double>> parts = {{0, 1}};  // element and weight
    int64_t below = 1;
    std::vector<int64_t> at(axes.size());
    for (size_t k = axes.size(); k-- > 0; element /= axes[k].out()) at[k] = element % axes[k].out();
    for (size_t k = axes.size(); k-- > 0; below *= axes[k].in) {
      std::vector<std::pair<int64_t, double>> further;
      for (const Tap& tap : axes[k].taps[at[k]]) {
        for (const auto& [from, weight] : parts) further.emplace_back(from + tap.index * below, weight * tap.weight);
      }
      parts = std::move(further);
    }
    for (const auto& [from, weight] : parts) sum.terms.push_back(TermOf(inputs, 0, from, weight));
    sum.window = Shape{static_cast<int64_t>(sum.terms.size())};
    if (nearest) sum.through = 0;
    return Finished(std::move(sum), inputs[0]->dtype());
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    node.builder.Add(node.names[0], std::make_shared<TapGradient>("UpSampleGradient", Taps(x)),
                     {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  int64_t Size(int axis) const { return op_.sizes[op_.sizes.size() == 1 ? 0 : axis]; }

  std::vector<AxisTaps> Taps(const Shape& x) const {
    std::vector<AxisTaps> axes = {AxisTaps::Identity(x[0])};
    for (int i = 1; i + 1 < x.rank(); ++i) {
      const bool nearest = op_.interpolation == Interpolation::kNearest;
      axes.push_back(nearest ? Nearest(x[i], Size(i - 1)) : Linear(x[i], Size(i - 1)));
    }
    axes.push_back(AxisTaps::Identity(x.back()));
    return axes;
  }

  UpSampleOp op_;
};

}  // namespace

UpSampleOp::operator OperationPtr() const {
  return std::make_shared<UpSampleOperation>(*this);
}

}  // namespace convscope
