#include "convscope/tasks/filter_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {
namespace {

// More matrices with numbers than this are a sheet, not a figure; larger ones have no room for the numbers.
constexpr int64_t kMostMatrices = 16;
constexpr int64_t kLargestMatrix = 15;
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

Panel InputPanel(const FilterResult& result, const FilteredPicture& picture, std::vector<Tensor>& arrays) {
  const Tensor& input = picture.trace["input"];
  Panel panel{.title = std::filesystem::path(picture.source).filename().string(),
              .caption = "input, " + SizeText(input.shape())};
  const Scale photograph{.map = ColorMap::kGray, .low = 0, .high = picture.white};
  if (input.shape()[3] == 2) {
    panel.content = GridPlot{.values = Maps(input), .scaling = GridPlot::Scaling::kGiven, .scale = photograph};
    return panel;
  }
  const bool colour = input.shape()[3] == 3;
  MapPlot plot{.values = colour ? ColourPicture(input, picture.white, arrays) : Maps(input), .scale = photograph};
  if (&picture == &result.pictures.front()) {
    for (const CropArea& crop : result.bank.crops) {
      plot.frames.push_back({.row = crop.y,
                             .column = crop.x,
                             .rows = crop.height,
                             .columns = crop.width,
                             .label = result.bank.crops.size() > 1 ? std::to_string(plot.frames.size()) : ""});
    }
  }
  panel.content = std::move(plot);
  return panel;
}

Panel StagePanel(const std::string& stage, const FilterResult& result, const FilteredPicture& picture, bool as_rgb,
                 std::vector<Tensor>& arrays) {
  const Tensor& tensor = picture.trace[stage];
  const int64_t maps = tensor.shape()[3];
  Panel panel{.title = stage, .caption = SizeText(tensor.shape())};
  std::replace(panel.title.begin(), panel.title.end(), '_', ' ');
  if (stage == "activation") panel.title = fmt::format("{} ({})", stage, Name(result.options.activation->kind));
  const bool rgb_alone = result.bank.channels() == 1 && picture.trace["input"].shape()[3] == 3;
  if (rgb_alone && maps == 3 && !as_rgb) panel.caption += "; 0 red, 1 green, 2 blue";
  if (rgb_alone && maps > 3) {
    panel.caption += fmt::format("; map {} c + k is kernel k on channel c", result.bank.filters());
  }
  if (as_rgb) {
    panel.caption += ", maps as red, green, blue";
    panel.content = MapPlot{.values = ColourPicture(tensor, picture.white, arrays)};
    return panel;
  }
  ValueRange range;
  const bool compared = result.pictures.size() > 1;
  for (const FilteredPicture& other : result.pictures) {
    if (compared) range = Join(range, RangeOf(other.trace[stage].view()));
  }
  if (maps == 1) {
    MapPlot plot{.values = Maps(tensor)};
    if (compared) plot.scale = ScaleFor(range);
    panel.content = std::move(plot);
  } else {
    GridPlot plot{.values = Maps(tensor)};
    if (compared) {
      plot.scaling = GridPlot::Scaling::kGiven;
      plot.scale = ScaleFor(range);
    }
    panel.content = plot;
  }
  return panel;
}

std::string Footer(const FilterResult& result) {
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
  if (result.pictures.size() > 1) text += "; each stage has one scale in all rows";
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

}  // namespace

std::vector<Panel> KernelPanels(const Tensor& kernels, const std::vector<std::string>& names,
                                std::vector<Tensor>& arrays) {
  const Shape& shape = kernels.shape();
  const int64_t channels = shape[2], filters = shape[3];
  const ValueRange range = RangeOf(kernels.view());
  const std::string size = fmt::format("{} x {}", shape[0], shape[1]);
  const bool large = shape[0] > kLargestMatrix || shape[1] > kLargestMatrix;
  if (filters * channels > kMostMatrices || (large && filters * channels > 1)) {
    std::string caption = fmt::format("{} kernels, {}", filters, size);
    if (channels > 1) caption += fmt::format(" x {}; map {} c + f is kernel f on channel c", channels, filters);
    const Tensor& grid = arrays.emplace_back(kernels.Clone().Reshaped({shape[0], shape[1], channels * filters}));
    return {{.title = "kernels", .caption = caption, .content = GridPlot{.values = grid.view()}}};
  }
  std::vector<Panel> panels;
  for (int64_t f = 0; f < filters; ++f) {
    for (int64_t c = 0; c < channels; ++c) {
      Panel panel{.title = names[f], .caption = "kernel, " + size};
      if (channels > 1) panel.caption += fmt::format(", channel {}", c);
      const Tensor& plane = arrays.emplace_back(Plane(kernels, c, f));
      panel.content = MatrixPlot{.values = plane.view(), .scale = ScaleFor(range)};
      panels.push_back(std::move(panel));
    }
  }
  return panels;
}

OwningFigure MakeFilterFigure(const FilterResult& result, const FilterFigureOptions& options) {
  OwningFigure made;
  made.figure.footer = Footer(result);
  std::vector<Panel> kernels = KernelPanels(result.bank.values, result.bank.names, made.arrays);
  // Between input and convolution while they are few, so that a row reads as the computation went.
  const bool own_row = result.pictures.size() > 1 || kernels.size() > 2;
  if (own_row) made.figure.rows.push_back(kernels);
  if (result.pictures.size() > 1) made.figure.panel_height = kComparedHeight;
  for (const FilteredPicture& picture : result.pictures) {
    std::vector<Panel> row = {InputPanel(result, picture, made.arrays)};
    if (!own_row) row.insert(row.end(), kernels.begin(), kernels.end());
    for (const std::string& stage : StageNames(picture.trace.graph())) {
      const int64_t maps = picture.trace[stage].shape()[3];
      if (options.as_rgb && maps != 3) {
        throw Error({.where = picture.source,
                     .rule = "three output maps can be shown as one colour picture",
                     .received = fmt::format("{} of them", maps),
                     .fix = "leave out --as-rgb, or filter a colour picture with one kernel"});
      }
      row.push_back(StagePanel(stage, result, picture, options.as_rgb, made.arrays));
    }
    made.figure.rows.push_back(std::move(row));
  }
  return made;
}

}  // namespace convscope
