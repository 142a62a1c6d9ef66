#include "convscope/tasks/internal/kernel_panels.h"

#include <fmt/format.h>

#include <utility>

#include "convscope/figures/signs.h"
#include "convscope/tasks/internal/stage_scales.h"

namespace convscope::internal {
namespace {

// More matrices with numbers than this, or more numbers in all, would fill a page by themselves; a larger matrix has no
// room for its numbers.
constexpr int64_t kMostMatrices = 16, kMostNumbers = 225;
constexpr int64_t kLargestMatrix = 15;
constexpr int64_t kMostColumns = 16;  // of a table: more would be too narrow
constexpr double kTableHeight = 110;  // points, of matrices in a row a kernel

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

std::vector<Panel> KernelPanels(const Tensor& kernels, const KernelNames& names, std::vector<std::string> channel_names,
                                std::vector<Tensor>& arrays) {
  const Shape& shape = kernels.shape();
  const int64_t channels = shape[2], filters = shape[3];
  const int64_t planes = filters * channels;
  for (int64_t c = 0; c < channels && channel_names.size() < static_cast<size_t>(channels); ++c) {
    channel_names.push_back(fmt::format("channel {}", c));
  }
  const std::string size = fmt::format("{} x {}", shape[0], shape[1]);
  const bool large = shape[0] > kLargestMatrix || shape[1] > kLargestMatrix;
  const bool many = planes > kMostMatrices || large || planes * shape[0] * shape[1] > kMostNumbers;
  const std::vector<ValueRange> ranges = RangesOf(kernels.view());
  if (many && planes > 1) {
    const Tensor& values = arrays.emplace_back(kernels.Clone().Reshaped({shape[0], shape[1], planes}));
    GridPlot grid{.values = values.view()};
    NameMaps(channel_names, names.labels, grid);
    const ValueRange all = RangeOf(values.view());
    Colour(ScaleOf({all, RangesOf(values.view())}, all.low < 0 ? Signs::kBoth : Signs::kNonNegative), grid);
    std::string caption = filters == 1 ? "kernel, " + size : fmt::format("{} kernels, {}", filters, size);
    if (channels > 1) caption += fmt::format(" x {}", channels);
    return {{.title = filters == 1 ? names.titles.front() : "kernels", .caption = caption, .content = std::move(grid)}};
  }
  std::vector<Panel> panels;
  for (int64_t f = 0; f < filters; ++f) {
    for (int64_t c = 0; c < channels; ++c) {
      Panel panel{.title = names.titles[static_cast<size_t>(f)], .caption = "kernel, " + size};
      if (channels > 1) panel.caption += ", " + channel_names[static_cast<size_t>(c)];
      const Tensor& plane = arrays.emplace_back(Plane(kernels, c, f));
      panel.content = MatrixPlot{.values = plane.view(), .scale = ScaleFor(ranges[f])};
      panels.push_back(std::move(panel));
    }
  }
  return panels;
}

std::vector<std::vector<Panel>> RowsOfKernels(std::vector<Panel> panels, const Shape& shape) {
  const auto channels = static_cast<size_t>(shape[2]), filters = static_cast<size_t>(shape[3]);
  std::vector<std::vector<Panel>> rows;
  if (panels.size() == 1 || channels == 1 || filters == 1) {
    rows.push_back(std::move(panels));
    return rows;
  }
  for (size_t i = 0; i < panels.size(); ++i) {
    if (i % channels == 0) rows.emplace_back();
    panels[i].most_height = kTableHeight;
    rows.back().push_back(std::move(panels[i]));
  }
  return rows;
}

void NameMaps(const std::vector<std::string>& channels, const std::vector<std::string>& kernels, GridPlot& grid) {
  grid.labels.assign(channels.size() * kernels.size(), "");
  if (channels.size() > 1 && kernels.size() > 1 && kernels.size() <= kMostColumns) {
    grid.columns = static_cast<int>(kernels.size());
    grid.row_names = channels;
    grid.column_names = kernels;
    return;
  }
  for (size_t map = 0; map < grid.labels.size(); ++map) {
    const std::string &channel = channels[map / kernels.size()], &kernel = kernels[map % kernels.size()];
    grid.labels[map] = channels.size() == 1 ? kernel : kernels.size() == 1 ? channel : kernel + " " + channel;
  }
}

}  // namespace convscope::internal
