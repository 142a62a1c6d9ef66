// Padding and other sizes of pictures in .onnx files.
#include <algorithm>
#include <cmath>

#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_import_table.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/resize_operation.h"

namespace convscope::internal {
namespace {

// Before opset 11 pads and value are attributes; negative pads take away.
void ReadPad(const ImportNode& node) {
  const auto rank = static_cast<size_t>(node.rank());
  const bool old = node.opset() < 11;
  const char* const name = node.opset() < 2 ? "paddings" : "pads";
  if (old) node.Require(name);
  const std::vector<int64_t> given = old ? node.Integers(name) : node.ConstantIntegers(1, "the pads");
  node.CheckSmall("pads", given);
  std::vector<int64_t> padded = SameAxes(node.rank());
  if (!old && node.HasInput(3)) {
    padded = node.ConstantIntegers(3, "the axes");
    for (int64_t& axis : padded) axis = node.Axis(axis);
  }
  if (given.size() != 2 * padded.size()) {
    node.Fail("pads has a beginning and an end for each axis", Concat(given.size(), " entries"));
  }
  const FileAxes axes = node.AxesOf(0), places = Inverse(axes);
  std::vector<int64_t> none(rank, 0);
  CropOp crop{none, none};
  PadOp pad{.before = none, .after = none};
  for (size_t i = 0; i < padded.size(); ++i) {
    const auto ours = static_cast<size_t>(places[static_cast<size_t>(padded[i])]);
    const int64_t before = given[i], after = given[padded.size() + i];
    (before < 0 ? crop.before : pad.before)[ours] = std::abs(before);
    (after < 0 ? crop.after : pad.after)[ours] = std::abs(after);
  }
  const std::string mode = node.Word("mode", "constant");
  if (mode == "constant") {
    const bool has_value = !old && node.HasInput(2);
    pad.value = has_value ? node.ConstantNumber(2, "the value of the padding") : node.Number("value", 0);
  } else {
    pad.mode = ParsePadMode(mode, "mode");
  }
  std::string x = node.Stored(0, axes);
  const bool crops = crop.before != none || crop.after != none;
  if (crops && pad.before == none && pad.after == none) return node.Add(crop, {x}, axes);
  if (crops) x = node.AddStep("crop", crop, {x});
  node.Add(pad, {x}, axes);
}

ResizeMode ModeOf(const ImportNode& node) {
  const std::string mode = node.Word("mode", "nearest");
  if (mode == "nearest") return ResizeMode::kNearest;
  if (mode == "linear" || mode == "bilinear") return ResizeMode::kLinear;
  if (mode == "cubic") return ResizeMode::kCubic;
  node.Fail("mode is nearest, linear or cubic", mode);
}

ResizeCoordinates CoordinatesOf(const ImportNode& node) {
  const std::string name = node.Word("coordinate_transformation_mode", "half_pixel");
  constexpr std::pair<std::string_view, ResizeCoordinates> kNames[] = {
      {"half_pixel", ResizeCoordinates::kHalfPixel},
      {"half_pixel_symmetric", ResizeCoordinates::kHalfPixelSymmetric},
      {"pytorch_half_pixel", ResizeCoordinates::kPytorchHalfPixel},
      {"align_corners", ResizeCoordinates::kAlignCorners},
      {"asymmetric", ResizeCoordinates::kAsymmetric},
      {"tf_half_pixel_for_nn", ResizeCoordinates::kTfHalfPixelForNn},
      {"tf_crop_and_resize", ResizeCoordinates::kTfCropAndResize},
  };
  for (const auto& [known, coordinates] : kNames) {
    if (known == name) return coordinates;
  }
  node.Fail("coordinate_transformation_mode is one of ONNX'", name);
}

ResizeNearest NearestOf(const ImportNode& node) {
  const std::string name = node.Word("nearest_mode", "round_prefer_floor");
  if (name == "round_prefer_floor") return ResizeNearest::kRoundPreferFloor;
  if (name == "round_prefer_ceil") return ResizeNearest::kRoundPreferCeil;
  if (name == "floor") return ResizeNearest::kFloor;
  if (name == "ceil") return ResizeNearest::kCeil;
  node.Fail("nearest_mode is floor, ceil, round_prefer_floor or round_prefer_ceil", name);
}

// The scale that keeps the shape of the picture, the smaller or the larger of all, and the lengths that it gives; 0
// where each axis has its own.
double KeepAspect(const ImportNode& node, const std::vector<int64_t>& resized, std::vector<int64_t>& lengths) {
  const std::string policy = node.Word("keep_aspect_ratio_policy", "stretch");
  if (policy == "stretch") return 0;
  if (policy != "not_larger" && policy != "not_smaller") {
    node.Fail("keep_aspect_ratio_policy is stretch, not_larger or not_smaller", policy);
  }
  std::vector<double> scales;
  for (size_t i = 0; i < resized.size(); ++i) {
    const int64_t length = node.InputShape(0)[static_cast<int>(resized[i])];
    if (length == 0) node.Fail("what keeps its shape has one", node.InputShape(0).ToString());
    scales.push_back(static_cast<double>(lengths[i]) / static_cast<double>(length));
  }
  if (scales.empty()) return 0;
  const double scale = policy == "not_larger" ? *std::min_element(scales.begin(), scales.end())
                                              : *std::max_element(scales.begin(), scales.end());
  for (size_t i = 0; i < resized.size(); ++i) {
    lengths[i] = static_cast<int64_t>(
        std::floor(scale * static_cast<double>(node.InputShape(0)[static_cast<int>(resized[i])]) + 0.5));
  }
  return scale;
}

// Resize, and what stood for it before opset 10, Upsample.
void ReadResize(const ImportNode& node) {
  const bool simple = node.type() == "Upsample" || node.opset() < 11;  // asymmetric, rounded down
  const auto rank = static_cast<size_t>(node.rank());
  std::vector<int64_t> resized = node.Integers("axes");
  if (resized.empty()) resized = SameAxes(node.rank());
  for (int64_t& axis : resized) axis = node.Axis(axis);
  std::vector<double> scales, roi;
  std::vector<int64_t> lengths;
  if (node.opset() < 7) {
    // Upsample-1 names the two axes.
    node.Require("height_scale"), node.Require("width_scale");
    scales = {1, 1, node.Number("height_scale", 1), node.Number("width_scale", 1)};
  } else if (node.opset() < 9 && simple) {
    node.Require("scales");
    scales = node.Numbers("scales");
  } else if (simple) {
    scales = node.ConstantNumbers(1, "the scales");
  } else {
    if (node.HasInput(1)) roi = node.ConstantNumbers(1, "the region");
    if (node.HasInput(2)) scales = node.ConstantNumbers(2, "the scales");
    if (node.HasInput(3)) lengths = node.ConstantIntegers(3, "the lengths");
  }
  const size_t given = scales.empty() ? lengths.size() : scales.size();
  if (given != resized.size()) node.Fail("a scale or a length is given for each axis", Concat(given, " of them"));
  node.CheckSmall("a length", lengths);
  const double common = scales.empty() ? KeepAspect(node, resized, lengths) : 0;

  const FileAxes axes = node.AxesOf(0), places = Inverse(axes);
  ResizeOp resize{.scales = std::vector<double>(rank, 1),
                  .lengths = std::vector<int64_t>(rank, 0),
                  .mode = ModeOf(node),
                  .coordinates = simple ? ResizeCoordinates::kAsymmetric : CoordinatesOf(node),
                  .nearest = simple ? ResizeNearest::kFloor : NearestOf(node),
                  .cubic_a = node.Number("cubic_coeff_a", -0.75),
                  .exclude_outside = node.Integer("exclude_outside", 0) != 0,
                  .extrapolation = node.Number("extrapolation_value", 0),
                  .antialias = node.Integer("antialias", 0) != 0};
  const bool crops = resize.coordinates == ResizeCoordinates::kTfCropAndResize;
  if (crops && roi.size() != 2 * resized.size())
    node.Fail("a region has a start and an end an axis", Concat(roi.size()));
  if (crops) {
    resize.roi.assign(rank, 0);
    resize.roi.resize(2 * rank, 1);
  }
  for (size_t i = 0; i < resized.size(); ++i) {
    const auto ours = static_cast<size_t>(places[static_cast<size_t>(resized[i])]);
    if (!scales.empty()) resize.scales[ours] = scales[i];
    if (scales.empty() && (common != 0 || lengths[i] != node.InputShape(0)[static_cast<int>(resized[i])])) {
      resize.lengths[ours] = lengths[i];
    }
    if (common != 0) resize.scales[ours] = common;
    if (crops) {
      resize.roi[ours] = roi[i];
      resize.roi[rank + ours] = roi[resized.size() + i];
    }
  }
  node.Add(resize, {node.Stored(0, axes)}, axes);
}

}  // namespace

std::vector<OnnxReader> OnnxBorderReaders() {
  return {
      {"Pad", ImportAxes::kFollowing, ReadPad},
      {"Resize", ImportAxes::kFollowing, ReadResize},
      {"Upsample", ImportAxes::kFollowing, ReadResize},
  };
}

}  // namespace convscope::internal
