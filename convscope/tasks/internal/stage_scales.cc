#include "convscope/tasks/internal/stage_scales.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/text.h"
#include "convscope/tasks/filter_picture.h"

namespace convscope::internal {
namespace {

// On a scale this many times too wide for it, little of a map is left.
constexpr float kTooWide = 4;

// (1, H, W, C) without its first axis.
TensorView<const float> MapsOf(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  return {tensor.data(), Shape{shape[1], shape[2], shape[3]}};
}

float LargestOf(const ValueRange& range) {
  return std::max(std::fabs(range.low), std::fabs(range.high));
}

bool IsWithin(const ValueRange& range, float bound) {
  return range.not_finite == 0 && LargestOf(range) <= bound;
}

StageRanges RangesOfMaps(TensorView<const float> maps) {
  const ValueRange all = RangeOf(maps);
  return {all, maps.shape()[2] == 1 ? std::vector<ValueRange>{all} : RangesOf(maps)};
}

// What rounding can make of a zero, of each map of the convolution that is no more than that; 0 of the others.
std::vector<float> RoundingOf(const Trace& trace) {
  const Tensor& kernel = trace["kernel"];  // (R, S, C, F)
  const int64_t filters = kernel.shape()[3], terms = kernel.size() / filters;
  const float pixel = LargestOf(ExtremesOf(trace["input"].view()));
  const double epsilon = std::numeric_limits<float>::epsilon() * std::sqrt(static_cast<double>(terms));
  const std::vector<ValueRange> ranges = RangesOf(MapsOf(trace["conv"]));
  std::vector<float> rounding;
  for (int64_t f = 0; f < filters; ++f) {
    double sum = trace.graph().Has("bias") ? std::fabs(trace["bias"].data()[f]) : 0;
    for (int64_t i = 0; i < terms; ++i) sum += static_cast<double>(pixel) * std::fabs(kernel.data()[i * filters + f]);
    const double bound = epsilon * sum;
    const bool tells = bound < std::numeric_limits<float>::max() && IsWithin(ranges[f], static_cast<float>(bound));
    rounding.push_back(tells ? static_cast<float>(bound) : 0);
  }
  return rounding;
}

// "±2.57", "0 to 2.57": in a table of many columns there is no room for more.
std::string TextOf(const Scale& scale) {
  constexpr int kDigits = 3;
  return scale.low < 0 ? "±" + NumberText(scale.high, kDigits) : Concat("0 to ", NumberText(scale.high, kDigits));
}

// Whether there is something to be scaled.
bool HasScale(const ValueRange& range) {
  return !range.all_zero() && range.not_finite < range.count;
}

}  // namespace

void StageRanges::Add(const StageRanges& other) {
  all = Join(all, other.all);
  maps.resize(std::max(maps.size(), other.maps.size()));
  for (size_t f = 0; f < other.maps.size(); ++f) maps[f] = Join(maps[f], other.maps[f]);
}

bool ShareAScale(const std::vector<ValueRange>& ranges) {
  ValueRange all;
  for (const ValueRange& range : ranges) all = Join(all, range);
  const float widest = ScaleFor(all).high;
  return std::none_of(ranges.begin(), ranges.end(), [&](const ValueRange& range) {
    return HasScale(range) && kTooWide * ScaleFor(range).high < widest;
  });
}

StageScale ScaleOf(const StageRanges& ranges, Signs signs) {
  StageScale scale{.all = ScaleFor(ranges.all, signs), .maps = {}, .texts = {}};
  if (ShareAScale(ranges.maps)) return scale;
  const bool both = scale.all.map == ColorMap::kDiverging;
  for (const ValueRange& range : ranges.maps) {
    const float high = ScaleFor(range).high;
    scale.maps.push_back({scale.all.map, both ? -high : 0, high});
    scale.texts.push_back(HasScale(range) ? TextOf(scale.maps.back()) : "");
  }
  return scale;
}

void Colour(const StageScale& scale, GridPlot& grid) {
  grid.scaling = scale.maps.empty() ? GridPlot::Scaling::kGiven : GridPlot::Scaling::kPerMap;
  grid.scale = scale.all;
  grid.scales = scale.maps;
  for (size_t f = 0; f < scale.maps.size(); ++f) {
    std::string& label = grid.labels[f];
    if (!scale.texts[f].empty()) label += (label.empty() ? "" : "\n") + scale.texts[f];
  }
}

std::vector<DrawnStage> DrawnStages(const Trace& trace, std::vector<Tensor>& arrays) {
  const std::vector<float> rounding = RoundingOf(trace);
  const bool any = std::any_of(rounding.begin(), rounding.end(), [](float bound) { return bound > 0; });
  std::vector<DrawnStage> stages;
  for (const std::string& name : StageNames(trace.graph())) {
    DrawnStage& stage = stages.emplace_back(DrawnStage{name, MapsOf(trace[name])});
    if (!any) continue;
    std::vector<ValueRange> ranges = RangesOf(stage.maps);
    Tensor& drawn = arrays.emplace_back(trace[name].Clone());
    const auto maps = static_cast<int64_t>(ranges.size());
    for (int64_t f = 0; f < maps; ++f) {
      if (rounding[f] == 0 || !IsWithin(ranges[f], rounding[f])) continue;
      stage.rounding = std::max(stage.rounding, LargestOf(ranges[f]));
      for (int64_t i = f; i < drawn.size(); i += maps) drawn.data()[i] = 0;
    }
    stage.maps = MapsOf(drawn);
  }
  return stages;
}

std::string ScaledAs(const Trace& trace, const std::string& stage) {
  return stage == "conv" ? stage : std::string(ResultStage(trace.graph()));
}

std::map<std::string, StageRanges> RangesByScale(const Trace& trace, const std::vector<DrawnStage>& stages) {
  std::map<std::string, StageRanges> ranges;
  for (const DrawnStage& stage : stages) ranges[ScaledAs(trace, stage.name)].Add(RangesOfMaps(stage.maps));
  return ranges;
}

}  // namespace convscope::internal
