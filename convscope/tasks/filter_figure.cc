#include "convscope/tasks/filter_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/internal/stage_signs.h"

namespace convscope {
namespace {

// More matrices with numbers than this, or more numbers in all, would fill a page by themselves; a larger matrix has no
// room for its numbers.
constexpr int64_t kMostMatrices = 16, kMostNumbers = 225;
constexpr int64_t kLargestMatrix = 15;
constexpr size_t kMostNamed = 8;  // kernels of a grid: a line each
// On a scale this many times too wide for it, little of a map is left.
constexpr float kTooWide = 4;
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

// What the channels of the convolved picture are called.
std::vector<std::string> ChannelNames(const FilterResult& result) {
  constexpr const char* kColours[] = {"red", "green", "blue"};
  const int64_t channels = result.pictures.front().trace["input"].shape()[3];
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
  if (channels != 2) {
    if (channels == 3) plot.values = ColourPicture(input, picture.white, arrays);
    panel.content = std::move(plot);
    return {panel};
  }
  std::vector<Panel> panels(2, panel);
  for (int64_t c = 0; c < channels; ++c) {
    plot.values = arrays.emplace_back(Channel(input, c)).view();
    panels[c].caption += ", " + ChannelNames(result)[c];
    panels[c].content = plot;
  }
  return panels;
}

// Of the maps of a stage where each channel was filtered alone: the channel, and the number of the kernel when there
// are several. Else none: their numbers are those of the kernels.
std::vector<std::string> MapLabels(const FilterResult& result) {
  std::vector<std::string> labels;
  const std::vector<std::string> channels = ChannelNames(result);
  if (result.bank.channels() != 1 || channels.size() == 1) return labels;
  for (const std::string& channel : channels) {
    for (int64_t k = 0; k < result.bank.filters(); ++k) {
      labels.push_back(result.bank.filters() == 1 ? channel : fmt::format("{} {}", k, channel));
    }
  }
  return labels;
}

// Whether every range but those of zero alone can be told on one scale for all.
bool ShareAScale(const std::vector<ValueRange>& ranges) {
  ValueRange all;
  for (const ValueRange& range : ranges) all = Join(all, range);
  const float widest = ScaleFor(all).high;
  return std::none_of(ranges.begin(), ranges.end(), [&](const ValueRange& range) {
    return !range.all_zero() && kTooWide * ScaleFor(range).high < widest;
  });
}

// How the stages of several pictures are coloured.
struct Comparison {
  std::map<std::string, Scale> scales;  // of each stage, for all pictures; empty: each picture has its own
  std::string remark;                   // on that; empty for one picture
};

Comparison Compare(const FilterResult& result) {
  if (result.pictures.size() == 1) return {};
  Comparison comparison{.remark = "each stage has one scale in all rows"};
  for (const std::string& stage : StageNames(result.pictures.front().trace.graph())) {
    ValueRange all;
    std::vector<ValueRange> ranges;
    for (const FilteredPicture& picture : result.pictures) {
      ranges.push_back(RangeOf(picture.trace[stage].view()));
      all = Join(all, ranges.back());
    }
    if (!ShareAScale(ranges)) {
      return {.remark = "each row has its own scales: on one for all, some would show too little"};
    }
    comparison.scales[stage] = ScaleFor(all, internal::StageSigns(result.pictures.front().trace, stage));
  }
  return comparison;
}

Panel StagePanel(const std::string& stage, const FilterResult& result, const FilteredPicture& picture,
                 const Comparison& comparison, bool as_rgb, std::vector<Tensor>& arrays) {
  const Tensor& tensor = picture.trace[stage];
  const int64_t maps = tensor.shape()[3];
  Panel panel{.title = stage, .caption = SizeText(tensor.shape())};
  std::replace(panel.title.begin(), panel.title.end(), '_', ' ');
  if (stage == "activation") panel.title = fmt::format("{} ({})", stage, Name(result.options.activation->kind));
  if (as_rgb) {
    panel.caption += ", maps as red, green, blue";
    panel.content = MapPlot{.values = ColourPicture(tensor, picture.white, arrays)};
    return panel;
  }
  const auto compared = comparison.scales.find(stage);
  const Scale scale = compared != comparison.scales.end()
                          ? compared->second
                          : ScaleFor(RangeOf(Maps(tensor)), internal::StageSigns(picture.trace, stage));
  if (maps == 1) {
    panel.content = MapPlot{.values = Maps(tensor), .scale = scale};
  } else {
    panel.content = GridPlot{
        .values = Maps(tensor), .scaling = GridPlot::Scaling::kGiven, .scale = scale, .labels = MapLabels(result)};
  }
  return panel;
}

std::string Footer(const FilterResult& result, const Comparison& comparison) {
  const FilterOptions& options = result.options;
  const auto pair = [](const std::array<int64_t, 2>& rows_columns) {
    return rows_columns[0] == rows_columns[1] ? std::to_string(rows_columns[0])
                                              : fmt::format("{} x {}", rows_columns[0], rows_columns[1]);
  };
  std::string text = fmt::format("stride {}, padding {}", pair(options.stride), PaddingText(options.padding));
  if (PaddingText(options.padding) != "valid") text += fmt::format(" ({})", Name(options.pad_mode));
  if (options.dilation != std::array<int64_t, 2>{1, 1}) text += ", dilation " + pair(options.dilation);
  if (options.flip_kernel) text += ", kernel flipped";
  if (result.bank.channels() == 1 && result.pictures.front().trace["input"].shape()[3] > 1) {
    text += ", each channel alone";
  }
  if (!comparison.remark.empty()) text += "; " + comparison.remark;
  return text;
}

// Plane (c, f) of kernels (R, S, C, F) as (R, S).
Tensor Plane(const Tensor& kernels, int64_t c, int64_t f) {
  const Shape& shape = kernels.shape();
  Tensor plane(Shape{shape[0], shape[1]});
  for (int64_t cell = 0; cell < plane.size(); ++cell) {
    plane.data()[cell] = kernels.data()[(cell * shape[2] + c) * shape[3] + f];
  }
  return plane;
}

// Of a grid of kernels (R, S, C, F).
std::string GridCaption(const Shape& shape, const std::vector<std::string>& names) {
  std::string text = fmt::format("{} kernels, {} x {}", shape[3], shape[0], shape[1]);
  if (shape[2] > 1) text += fmt::format(" x {}; map {} c + f is kernel f on channel c", shape[2], shape[3]);
  // Not where one name is all that they have.
  if (names.size() > kMostNamed || std::count(names.begin(), names.end(), names.front()) > 1) return text;
  for (size_t f = 0; f < names.size(); ++f) text += fmt::format("\n{}: {}", f, names[f]);
  return text;
}

}  // namespace

std::vector<Panel> KernelPanels(const Tensor& kernels, const std::vector<std::string>& names,
                                std::vector<Tensor>& arrays) {
  const Shape& shape = kernels.shape();
  const int64_t channels = shape[2], filters = shape[3];
  const int64_t planes = filters * channels;
  const std::string size = fmt::format("{} x {}", shape[0], shape[1]);
  const bool large = shape[0] > kLargestMatrix || shape[1] > kLargestMatrix;
  const bool many = planes > kMostMatrices || large || planes * shape[0] * shape[1] > kMostNumbers;
  if (many && planes > 1) {
    const Tensor& grid = arrays.emplace_back(kernels.Clone().Reshaped({shape[0], shape[1], planes}));
    const auto scaling = ShareAScale(RangesOf(grid.view())) ? GridPlot::Scaling::kShared : GridPlot::Scaling::kPerMap;
    return {{.title = "kernels",
             .caption = GridCaption(shape, names),
             .content = GridPlot{.values = grid.view(), .scaling = scaling}}};
  }
  std::vector<Panel> panels;
  const std::vector<ValueRange> ranges = RangesOf(kernels.view());
  for (int64_t f = 0; f < filters; ++f) {
    for (int64_t c = 0; c < channels; ++c) {
      Panel panel{.title = names[f], .caption = "kernel, " + size};
      if (channels > 1) panel.caption += fmt::format(", channel {}", c);
      const Tensor& plane = arrays.emplace_back(Plane(kernels, c, f));
      panel.content = MatrixPlot{.values = plane.view(), .scale = ScaleFor(ranges[f])};
      panels.push_back(std::move(panel));
    }
  }
  return panels;
}

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
  const Comparison comparison = Compare(result);
  made.figure.footer = Footer(result, comparison);
  std::vector<Panel> kernels = KernelPanels(result.bank.values, result.bank.names, made.arrays);
  // Between input and convolution while they are few, so that a row reads as the computation went.
  const bool own_row = result.pictures.size() > 1 || kernels.size() > 2;
  if (own_row) made.figure.rows.push_back(kernels);
  if (result.pictures.size() > 1) made.figure.panel_height = kComparedHeight;
  for (const FilteredPicture& picture : result.pictures) {
    std::vector<Panel> row = InputPanels(result, picture, made.arrays);
    if (!own_row) row.insert(row.end(), kernels.begin(), kernels.end());
    for (const std::string& stage : StageNames(picture.trace.graph())) {
      row.push_back(StagePanel(stage, result, picture, comparison, options.as_rgb, made.arrays));
    }
    made.figure.rows.push_back(std::move(row));
  }
  return made;
}

}  // namespace convscope
