#include "convscope/tasks/filter_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/internal/kernel_names.h"
#include "convscope/tasks/internal/kernel_panels.h"
#include "convscope/tasks/internal/stage_scales.h"
#include "convscope/tasks/internal/stage_signs.h"

namespace convscope {
namespace {

using internal::DrawnStage;
using internal::KernelNames;
using internal::NamesOf;
using internal::StageRanges;
using internal::StageScale;

constexpr double kComparedHeight = 110;  // points, of panels in one of many rows

// (1, H, W, C) without its first axis.
TensorView<const float> Maps(const Tensor& tensor) {
  const Shape& shape = tensor.shape();
  return {tensor.data(), Shape{shape[1], shape[2], shape[3]}};
}

std::string SizeText(const Shape& shape) {
  return shape[3] == 1 ? fmt::format("{} x {}", shape[1], shape[2])
                       : fmt::format("{} x {} x {}", shape[1], shape[2], shape[3]);
}

// The maps of `tensor` (1, H, W, 3) as a colour picture, which is drawn with white at 1.
TensorView<const float> ColourPicture(const Tensor& tensor, float white, std::vector<Tensor>& arrays) {
  if (white == 1) return Maps(tensor);
  Tensor& scaled = arrays.emplace_back(tensor.Clone());
  for (float& value : scaled.view().span()) value /= white;
  return Maps(scaled);
}

// What the channels of a convolved picture are called: one may be grey and another one not.
std::vector<std::string> ChannelNames(const FilterResult& result, const FilteredPicture& picture) {
  constexpr const char* kColours[] = {"red", "green", "blue"};
  const int64_t channels = picture.trace["input"].shape()[3];
  std::vector<std::string> names;
  for (int64_t c = 0; c < channels; ++c) {
    const std::vector<int>& chosen = result.options.channels;
    names.emplace_back(channels == 1 ? "grey" : kColours[chosen.empty() ? c : chosen[static_cast<size_t>(c)]]);
  }
  return names;
}

// Channel c of `picture` (1, H, W, C) as (H, W).
Tensor Channel(const Tensor& picture, int64_t c) {
  const Shape& shape = picture.shape();
  Tensor plane(Shape{shape[1], shape[2]});
  for (int64_t pixel = 0; pixel < plane.size(); ++pixel) {
    plane.data()[pixel] = picture.data()[pixel * shape[3] + c];
  }
  return plane;
}

// One, or one a channel where two of a picture's channels were chosen: they are no colour picture.
std::vector<Panel> InputPanels(const FilterResult& result, const FilteredPicture& picture,
                               std::vector<Tensor>& arrays) {
  const Tensor& input = picture.trace["input"];
  const int64_t channels = input.shape()[3];
  const Scale photograph{.map = ColorMap::kGray, .low = 0, .high = picture.white};
  MapPlot plot{.values = Maps(input), .scale = photograph};
  if (&picture == &result.pictures.front()) {
    for (const CropArea& crop : result.bank.crops) {
      plot.frames.push_back({.row = crop.y,
                             .column = crop.x,
                             .rows = crop.height,
                             .columns = crop.width,
                             .label = result.bank.crops.size() > 1 ? std::to_string(plot.frames.size()) : ""});
    }
  }
  Panel panel{.title = std::filesystem::path(picture.source).filename().string(),
              .caption = "input, " + SizeText(input.shape())};
  if (result.options.scale != 255) panel.caption += ", pixels / " + ShortestText(result.options.scale);
  if (channels != 2) {
    if (channels == 3) plot.values = ColourPicture(input, picture.white, arrays);
    panel.content = std::move(plot);
    return {panel};
  }
  std::vector<Panel> panels(2, panel);
  for (int64_t c = 0; c < channels; ++c) {
    plot.values = arrays.emplace_back(Channel(input, c)).view();
    panels[c].caption += ", " + ChannelNames(result, picture)[c];
    panels[c].content = plot;
  }
  return panels;
}

// How the stages of several pictures are coloured.
struct Comparison {
  std::map<std::string, StageScale> scales;  // by ScaledAs, for all pictures; empty: each picture has its own
  std::string remark;                        // on that; empty for one picture
};

std::map<std::string, StageScale> ScalesOf(const std::map<std::string, StageRanges>& ranges, const Trace& trace) {
  std::map<std::string, StageScale> scales;
  for (const auto& [stage, range] : ranges)
    scales[stage] = internal::ScaleOf(range, internal::StageSigns(trace, stage));
  return scales;
}

Comparison Compare(const FilterResult& result, const std::vector<std::vector<DrawnStage>>& pictures) {
  if (pictures.size() == 1) return {};
  std::map<std::string, StageRanges> all;
  std::map<std::string, std::vector<ValueRange>> each;
  for (size_t p = 0; p < pictures.size(); ++p) {
    for (const auto& [stage, ranges] : internal::RangesByScale(result.pictures[p].trace, pictures[p])) {
      all[stage].Add(ranges);
      each[stage].push_back(ranges.all);
    }
  }
  // A grey and a colour picture have no maps that belong together.
  const auto channels = [&](const FilteredPicture& picture) { return picture.trace["input"].shape()[3]; };
  const int64_t first = channels(result.pictures.front());
  if (std::ranges::any_of(result.pictures, [&](const auto& picture) { return channels(picture) != first; })) {
    for (auto& [stage, ranges] : all) ranges.maps.clear();
  }
  for (const auto& [stage, ranges] : each) {
    if (!internal::ShareAScale(ranges)) {
      return {.remark = "each row has its own scales: on one for all, some would show too little"};
    }
  }
  return {.scales = ScalesOf(all, result.pictures.front().trace), .remark = "each stage has one scale in all rows"};
}

// What was added to the convolution: one number, or one a kernel while they are few.
std::string BiasText(const Tensor& bias, int64_t filters) {
  constexpr int64_t kMostNumbers = 8;
  const float* values = bias.data();  // those of the first channel, which the others repeat
  if (std::count(values, values + filters, values[0]) == filters) return "bias " + NumberText(values[0]);
  if (filters > kMostNumbers) {
    const auto [low, high] = std::minmax_element(values, values + filters);
    return fmt::format("bias from {} to {}", NumberText(*low), NumberText(*high));
  }
  std::string text = "bias";
  for (int64_t k = 0; k < filters; ++k) text += (k == 0 ? " " : ", ") + NumberText(values[k]);
  return text;
}

std::string PairText(const std::array<int64_t, 2>& rows_columns) {
  return rows_columns[0] == rows_columns[1] ? std::to_string(rows_columns[0])
                                            : fmt::format("{} x {}", rows_columns[0], rows_columns[1]);
}

// What made the stage, beyond its name.
std::string HowText(const std::string& stage, const FilterResult& result, const Trace& trace) {
  if (stage == "conv") return trace.graph().Has("bias") ? BiasText(trace["bias"], result.bank.filters()) : "";
  if (stage == "activation") {
    const Activation& activation = *result.options.activation;
    return activation == Activation{.kind = activation.kind} ? "" : Formula(activation);
  }
  const std::vector<std::string> stages = StageNames(trace.graph());  // the pools last
  const std::vector<FilterPool>& pools = result.options.pools;
  const auto after = static_cast<size_t>(stages.end() - std::find(stages.begin(), stages.end(), stage));
  const FilterPool& pool = pools[pools.size() - after];
  return fmt::format("windows of {} x {}, step {}", pool.size[0], pool.size[1], PairText(pool.stride));
}

Panel StagePanel(const DrawnStage& stage, const FilterResult& result, const FilteredPicture& picture,
                 const StageScale& scale, bool as_rgb, std::vector<Tensor>& arrays) {
  const Tensor& tensor = picture.trace[stage.name];
  Panel panel{.title = stage.name, .caption = SizeText(tensor.shape())};
  std::replace(panel.title.begin(), panel.title.end(), '_', ' ');
  if (stage.name == "activation") {
    panel.title = fmt::format("{} ({})", stage.name, Name(result.options.activation->kind));
  }
  if (const std::string how = HowText(stage.name, result, picture.trace); !how.empty()) panel.caption += ", " + how;
  if (as_rgb) {
    panel.caption += ", maps as red, green, blue";
    panel.content = MapPlot{.values = ColourPicture(tensor, picture.white, arrays)};
    return panel;
  }
  if (stage.rounding > 0) panel.caption += ", rounding of up to " + NumberText(stage.rounding, 2) + " drawn as zero";
  if (tensor.shape()[3] == 1) {
    panel.content = MapPlot{.values = stage.maps, .scale = scale.all};
    return panel;
  }
  GridPlot grid{.values = stage.maps};
  const bool alone = result.bank.channels() == 1;
  internal::NameMaps(alone ? ChannelNames(result, picture) : std::vector<std::string>{""},
                     NamesOf(result.bank.names).labels, grid);
  internal::Colour(scale, grid);
  panel.content = std::move(grid);
  return panel;
}

std::string PaddingFacts(const std::array<Padding, 2>& padding) {
  const auto& [rows, columns] = padding;
  if (rows.kind != Padding::Kind::kExplicit || columns.kind != Padding::Kind::kExplicit) return PaddingText(padding);
  if (rows.before == rows.after && rows == columns) return std::to_string(rows.before);
  return fmt::format("{} above, {} below, {} left, {} right", rows.before, rows.after, columns.before, columns.after);
}

std::string Footer(const FilterResult& result, const Comparison& comparison, const KernelNames& names, bool as_rgb) {
  const FilterOptions& options = result.options;
  std::string text = fmt::format("stride {}, padding {}", PairText(options.stride), PaddingFacts(options.padding));
  if (PaddingText(options.padding) != "valid") text += fmt::format(" ({})", Name(options.pad_mode));
  if (options.dilation != std::array<int64_t, 2>{1, 1}) text += ", dilation " + PairText(options.dilation);
  if (options.flip_kernel) text += ", kernel flipped";
  if (result.bank.channels() == 1 && result.pictures.front().trace["input"].shape()[3] > 1) {
    text += ", each channel alone";
  }
  if (!options.pools.empty() && !as_rgb) {
    text += options.activation ? "; pools are on the activation's scale" : "; pools are on the convolution's scale";
  }
  if (!comparison.remark.empty()) text += "; " + comparison.remark;
  if (!names.legend.empty()) text += "\n" + names.legend;
  return text;
}

}  // namespace

void CheckFigureOptions(const FilterResult& result, const FilterFigureOptions& options) {
  if (!options.as_rgb) return;
  for (const FilteredPicture& picture : result.pictures) {
    // The stages after the convolution have as many.
    const int64_t maps = picture.trace["conv"].shape()[3];
    if (maps == 3) continue;
    throw Error({.where = picture.source,
                 .rule = "three output maps can be shown as one colour picture",
                 .received = fmt::format("{} of them", maps),
                 .fix = "leave out --as-rgb, or filter a colour picture with one kernel"});
  }
}

OwningFigure MakeFilterFigure(const FilterResult& result, const FilterFigureOptions& options) {
  CheckFigureOptions(result, options);
  OwningFigure made;
  std::vector<std::vector<DrawnStage>> stages;
  for (const FilteredPicture& picture : result.pictures) {
    stages.push_back(internal::DrawnStages(picture.trace, made.arrays));
  }
  const Comparison comparison = Compare(result, stages);
  const KernelNames names = NamesOf(result.bank.names);
  made.figure.footer = Footer(result, comparison, names, options.as_rgb);
  const std::vector<std::string> channels =
      result.bank.channels() > 1 ? ChannelNames(result, result.pictures.front()) : std::vector<std::string>{""};
  std::vector<Panel> kernels = internal::KernelPanels(result.bank.values, names, channels, made.arrays);
  // Between input and convolution while they are few, so that a row reads as the computation went.
  const bool own_row = result.pictures.size() > 1 || kernels.size() > 2;
  if (own_row) made.figure.rows = internal::RowsOfKernels(kernels, result.bank.values.shape());
  if (result.pictures.size() > 1) made.figure.panel_height = kComparedHeight;
  for (size_t p = 0; p < result.pictures.size(); ++p) {
    const FilteredPicture& picture = result.pictures[p];
    std::vector<Panel> row = InputPanels(result, picture, made.arrays);
    if (!own_row) row.insert(row.end(), kernels.begin(), kernels.end());
    const std::map<std::string, StageScale> scales =
        comparison.scales.empty() ? ScalesOf(internal::RangesByScale(picture.trace, stages[p]), picture.trace)
                                  : comparison.scales;
    for (const DrawnStage& stage : stages[p]) {
      row.push_back(StagePanel(stage, result, picture, scales.at(internal::ScaledAs(picture.trace, stage.name)),
                               options.as_rgb, made.arrays));
    }
    made.figure.rows.push_back(std::move(row));
  }
  return made;
}

}  // namespace convscope
