#include "convscope/graph/resize_operation.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/graph/graph.h"
#include "convscope/kernels/indexed_copy.h"
#include "convscope/kernels/separable_taps.h"
#include "convscope/tensor/element_bits.h"

namespace convscope {
namespace {

constexpr const char* kModes[] = {"nearest", "linear", "cubic"};
constexpr const char* kCoordinates[] = {"half_pixel",          "pytorch_half_pixel",   "align_corners",
                                        "asymmetric",          "tf_half_pixel_for_nn", "tf_crop_and_resize",
                                        "half_pixel_symmetric"};
constexpr const char* kNearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};

template <typename Enum, size_t kCount>
Enum Parsed(std::string_view name, const char* const (&names)[kCount], const char* what) {
  const auto found = std::find(std::begin(names), std::end(names), name);
  if (found != std::end(names)) return static_cast<Enum>(found - std::begin(names));
  std::string list;
  for (const char* known : names) list += Concat(list.empty() ? "" : ", ", known);
  throw Error(
      {.where = "resize", .rule = Concat("the ", what, " is one of ", list), .received = Concat('"', name, '"')});
}

bool HasRoi(const ResizeOp& op) {
  return op.coordinates == ResizeCoordinates::kTfCropAndResize && !op.roi.empty();
}

std::vector<AxisTaps> TapsOf(const ResizeOp& op, const Shape& x) {
  std::vector<AxisTaps> taps;
  for (const ResizedAxis& axis : ResizedAxes(op, x)) {
    taps.push_back(axis.stays ? AxisTaps::Identity(axis.axis.in) : ResizeTaps(axis.axis));
  }
  return taps;
}

bool HasGaps(const AxisTaps& axis) {
  return std::any_of(axis.taps.begin(), axis.taps.end(), [](const auto& taps) { return taps.empty(); });
}

// Puts `value` wherever the place on some axis has no taps.
template <typename T>
void FillGaps(const std::vector<AxisTaps>& axes, T value, T* output) {
  const int64_t rows = axes.back().out();
  int64_t outer = 1;
  for (size_t k = 0; k + 1 < axes.size(); ++k) outer *= axes[k].out();
  ParallelRanges(outer, (int64_t{1} << 14) / (rows + 1) + 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      bool gap = false;
      int64_t place = i;
      for (size_t k = axes.size() - 1; k-- > 0; place /= axes[k].out()) {
        gap = gap || axes[k].taps[place % axes[k].out()].empty();
      }
      for (int64_t o = 0; o < rows; ++o) {
        if (gap || axes.back().taps[o].empty()) output[i * rows + o] = value;
      }
    }
  });
}

// By which rule an axis is read, where places are whole numbers over whole numbers.
std::optional<PlaceRun> RunOf(const ResizeAxis& axis) {
  if (!axis.IsExact() || axis.mode == ResizeMode::kCubic || (axis.antialias && axis.scale < 1)) return std::nullopt;
  // Output place o lies at (step o + first) / per.
  PlaceRun run{.window = true};
  switch (axis.coordinates) {
    case ResizeCoordinates::kHalfPixel:
    case ResizeCoordinates::kHalfPixelSymmetric:
      run.step = 2 * axis.in, run.per = 2 * axis.out, run.first = axis.in - axis.out;
      break;
    case ResizeCoordinates::kAsymmetric:
      run.step = axis.in, run.per = axis.out;
      break;
    default:
      return std::nullopt;
  }
  if (axis.mode == ResizeMode::kLinear) {
    run.last = run.first + run.per - 1;
    return run;
  }
  // Rounded: twice the fraction, half of it more or less.
  run.step *= 2, run.first *= 2, run.per *= 2;
  switch (axis.nearest) {
    case ResizeNearest::kRoundPreferFloor:
      run.first += run.per / 2 - 1;
      break;
    case ResizeNearest::kRoundPreferCeil:
      run.first += run.per / 2;
      break;
    case ResizeNearest::kFloor:
      break;
    case ResizeNearest::kCeil:
      run.first += run.per - 1;
      break;
  }
  run.last = run.first;
  return run;
}

template <typename T>
std::unique_ptr<PreparedOperation> PrepareSeparable(const std::vector<AxisTaps>& axes, double extrapolation) {
  std::vector<AxisTaps> gaps;
  if (extrapolation != 0 && std::any_of(axes.begin(), axes.end(), HasGaps)) gaps = axes;
  return PreparedFrom([taps = SeparableTaps<T>(axes), gaps = std::move(gaps), extrapolation](
                          std::span<const void* const> from, std::span<void* const> to) mutable {
    taps(static_cast<const T*>(from[0]), static_cast<T*>(to[0]));
    if (!gaps.empty()) FillGaps(gaps, static_cast<T>(extrapolation), static_cast<T*>(to[0]));
  });
}

// Input: the gradient of the output.
class ResizeGradient : public Operation {
 public:
  explicit ResizeGradient(std::vector<AxisTaps> axes) : axes_(std::move(axes)) {
    for (AxisTaps& axis : axes_) axis = axis.Transposed();
  }

  std::string_view type() const override { return "ResizeGradient"; }
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
    return inputs[0].dtype == DType::kFloat32 ? PrepareSeparable<float>(axes_, 0) : PrepareSeparable<double>(axes_, 0);
  }

 private:
  std::vector<AxisTaps> axes_;
};

class ResizeOperation : public Operation {
 public:
  explicit ResizeOperation(ResizeOp op) : op_(std::move(op)) {}

  std::string_view type() const override { return "Resize"; }
  std::vector<Attribute> attributes() const override {
    const ResizeOp usual;
    std::vector<Attribute> list;
    if (!op_.scales.empty()) list.push_back({"scales", NumbersText(op_.scales)});
    if (!op_.lengths.empty()) list.push_back({"lengths", op_.lengths});
    list.push_back({"mode", std::string(Name(op_.mode))});
    list.push_back({"coordinates", std::string(Name(op_.coordinates))});
    if (op_.mode == ResizeMode::kNearest) list.push_back({"nearest", std::string(Name(op_.nearest))});
    if (op_.mode == ResizeMode::kCubic) list.push_back({"cubic_a", op_.cubic_a});
    if (op_.exclude_outside) list.push_back({"exclude_outside", true});
    if (op_.extrapolation != usual.extrapolation) list.push_back({"extrapolation", op_.extrapolation});
    if (!op_.roi.empty()) list.push_back({"roi", NumbersText(op_.roi)});
    if (op_.antialias) list.push_back({"antialias", true});
    return list;
  }

  std::vector<TensorType> Infer(std::span<const TensorType> inputs) const override {
    CheckInputCount(inputs, 1, 1);
    if (op_.mode != ResizeMode::kNearest) CheckFloating(inputs);
    if (op_.antialias && op_.mode == ResizeMode::kNearest) {
      throw Error({.rule = "antialias weights places, so the mode is linear or cubic", .received = "nearest"});
    }
    if (!op_.roi.empty() && op_.coordinates != ResizeCoordinates::kTfCropAndResize) {
      throw Error({.rule = "a roi is what tf_crop_and_resize reads", .received = std::string(Name(op_.coordinates))});
    }
    std::vector<int64_t> lengths;
    for (const ResizedAxis& axis : ResizedAxes(op_, inputs[0].shape)) lengths.push_back(axis.axis.out);
    return {{Shape(lengths), inputs[0].dtype}};
  }

  int64_t MultiplyAdds(std::span<const TensorType>) const override { return 0; }

  std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs, std::span<const Tensor* const>,
                                             Epilogue) const override {
    const std::vector<AxisTaps> axes = TapsOf(op_, inputs[0].shape);
    const DType dtype = inputs[0].dtype;
    if (op_.mode == ResizeMode::kNearest) {
      std::vector<std::vector<int64_t>> places;
      for (const AxisTaps& axis : axes) {
        places.emplace_back();
        for (const std::vector<Tap>& taps : axis.taps) places.back().push_back(taps.empty() ? -1 : taps[0].index);
      }
      return PreparedFrom(
          [copy = IndexedCopy(inputs[0].shape, places, SizeInBytes(dtype), ElementBits(op_.extrapolation, dtype))](
              std::span<const void* const> from, std::span<void* const> to) { copy(from[0], to[0]); });
    }
    return dtype == DType::kFloat32 ? PrepareSeparable<float>(axes, op_.extrapolation)
                                    : PrepareSeparable<double>(axes, op_.extrapolation);
  }

  std::vector<InputReads> Reads(std::span<const TensorType> inputs) const override {
    InputReads x{.kind = InputReads::Kind::kAxes};
    const std::vector<ResizedAxis> axes = ResizedAxes(op_, inputs[0].shape);
    for (size_t i = 0; i < axes.size(); ++i) {
      const int number = static_cast<int>(i);
      if (axes[i].stays) {
        x.axes.push_back(AxisReads::Same(number));
        continue;
      }
      std::vector<std::vector<int64_t>> lists;
      for (const std::vector<Tap>& taps : ResizeTaps(axes[i].axis).taps) {
        lists.emplace_back();
        for (const Tap& tap : taps) lists.back().push_back(tap.index);
      }
      x.axes.push_back(AxisReads::By(number, std::move(lists), RunOf(axes[i].axis)));
    }
    return {std::move(x)};
  }

  std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const override {
    const DType dtype = inputs[0]->dtype();
    if (dtype != DType::kFloat32 && dtype != DType::kFloat64) return std::nullopt;
    const std::vector<AxisTaps> axes = TapsOf(op_, inputs[0]->shape());
    const bool nearest = op_.mode == ResizeMode::kNearest;
    Arithmetic sum{.formula = nearest                           ? "the pixel that is nearest"
                              : op_.mode == ResizeMode::kLinear ? "pixels around, by their distance"
                                                                : "pixels around, by a cubic of their distance"};
    std::vector<std::pair<int64_t, double>> parts = {{0, 1}};  // element and weight
    int64_t below = 1;
    for (size_t k = axes.size(); k-- > 0; below *= axes[k].in) {
      std::vector<std::pair<int64_t, double>> further;
      for (const Tap& tap : axes[k].taps[element % axes[k].out()]) {
        for (const auto& [from, weight] : parts) further.emplace_back(from + tap.index * below, weight * tap.weight);
      }
      element /= axes[k].out();
      parts = std::move(further);
    }
    if (parts.empty()) {
      return Arithmetic{.rule = Arithmetic::Rule::kFunction,
                        .formula = "the number that is put outside of the picture",
                        .numbers = {{"extrapolation", op_.extrapolation}},
                        .value = op_.extrapolation,
                        .tolerance = UnitRoundoff(dtype) * std::abs(op_.extrapolation)};
    }
    for (const auto& [from, weight] : parts) sum.terms.push_back(TermOf(inputs, 0, from, weight));
    sum.window = Shape{static_cast<int64_t>(sum.terms.size())};
    if (nearest) {
      sum.through = 0;
      sum.value = sum.terms[0].value;
      return sum;
    }
    return Finished(std::move(sum), dtype);
  }

  std::vector<std::string> AddGradient(const NodeGradient& node) const override {
    const Shape& x = node.builder.graph()[node.inputs[0]].type.shape;
    node.builder.Add(node.names[0], std::make_shared<ResizeGradient>(TapsOf(op_, x)), {node.output_gradients[0]});
    return {node.names[0]};
  }

 private:
  ResizeOp op_;
};

}  // namespace

std::string_view Name(ResizeMode mode) {
  return kModes[static_cast<size_t>(mode)];
}
std::string_view Name(ResizeCoordinates coordinates) {
  return kCoordinates[static_cast<size_t>(coordinates)];
}
std::string_view Name(ResizeNearest nearest) {
  return kNearest[static_cast<size_t>(nearest)];
}

ResizeMode ParseResizeMode(std::string_view name) {
  return Parsed<ResizeMode>(name, kModes, "mode");
}
ResizeCoordinates ParseResizeCoordinates(std::string_view name) {
  return Parsed<ResizeCoordinates>(name, kCoordinates, "coordinates' rule");
}
ResizeNearest ParseResizeNearest(std::string_view name) {
  return Parsed<ResizeNearest>(name, kNearest, "rounding");
}

std::string NumbersText(const std::vector<double>& numbers) {
  std::string text;
  for (const double number : numbers) text += Concat(text.empty() ? "" : ",", ShortestText(number));
  return text;
}

std::vector<double> ParseNumbersText(const std::string& text, std::string_view where) {
  std::vector<double> numbers;
  for (const std::string& part : Split(text, ',')) numbers.push_back(ParseNumber(part, std::string(where)));
  return numbers;
}

std::vector<ResizedAxis> ResizedAxes(const ResizeOp& op, const Shape& x) {
  const size_t rank = x.lengths().size();
  const auto fits = [&](size_t count) { return count == 0 || count == rank; };
  if (!fits(op.scales.size()) || !fits(op.lengths.size()) || (!op.roi.empty() && op.roi.size() != 2 * rank)) {
    throw Error(
        {.rule = Concat("scales and lengths have one entry for each of the ", rank, " axes, a roi two"),
         .received = Concat(op.scales.size(), " scales, ", op.lengths.size(), " lengths, a roi of ", op.roi.size())});
  }
  std::vector<ResizedAxis> axes;
  for (size_t i = 0; i < rank; ++i) {
    const int64_t n = x[static_cast<int>(i)];
    const double told = op.scales.empty() ? 1 : op.scales[i];
    const int64_t length = op.lengths.empty() ? 0 : op.lengths[i];
    ResizedAxis& resized = axes.emplace_back();
    ResizeAxis& axis = resized.axis;
    axis = {.in = n,
            .out = length,
            .scale = told,
            .mode = op.mode,
            .coordinates = op.coordinates,
            .nearest = op.nearest,
            .cubic_a = op.cubic_a,
            .exclude_outside = op.exclude_outside,
            .antialias = op.antialias};
    if (HasRoi(op)) axis.begin = op.roi[i], axis.end = op.roi[rank + i];
    if (length < 0 || (length > 0 && n == 0) || (length == 0 && !(told > 0 && told <= 1e6)) ||
        (length > 0 && !(told >= 0 && told <= 1e6)) || !std::isfinite(axis.begin) || !std::isfinite(axis.end)) {
      throw Error({.rule = "an axis has a scale above 0 and at most a million, or a length above 0",
                   .received = Concat("axis ", i, " of ", x.ToString(), " with scale ", ShortestText(told),
                                      " and length ", length)});
    }
    if (length == 0 && told == 1 && axis.begin == 0 && axis.end == 1) {
      axis.out = n;
      resized.stays = true;
      continue;
    }
    if (length == 0) {
      axis.out = static_cast<int64_t>(std::floor(static_cast<float>(told) * static_cast<float>(n)));
    } else if (told == 0 || told == 1) {
      axis.scale = static_cast<double>(length) / static_cast<double>(n);
    }
    if (axis.out < 1 || axis.out > Shape::kMaxElements) {
      throw Error({.rule = "a resized axis keeps a place, and has a possible length",
                   .received = Concat("axis ", i, " of ", x.ToString(), " with scale ", ShortestText(told))});
    }
  }
  return axes;
}

ResizeOp::operator OperationPtr() const {
  return std::make_shared<ResizeOperation>(*this);
}

}  // namespace convscope
