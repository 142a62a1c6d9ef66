#include "convscope/tasks/feature_pages.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/base/share_text.h"
#include "convscope/figures/render.h"
#include "convscope/figures/scale.h"
#include "convscope/inspect/layer_statistics.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/internal/html_text.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

using internal::HtmlText;

std::string LayerLine(const Features& features, const std::string& layer) {
  const Tensor& tensor = features.trace[layer];
  const LayerStatistics statistics = LayerStatisticsOf(MapsOf(tensor, layer));
  std::string text = tensor.shape().ToString();
  if (statistics.not_finite < tensor.size()) {  // of none there is none
    text += fmt::format(", {} to {}", NumberText(statistics.low), NumberText(statistics.high));
  }
  text += fmt::format(", {} zeros", ShareText(statistics.zeros));
  const MapShape maps = MapShapeOf(tensor.shape(), layer);
  if (maps.has_places && maps.rows * maps.columns > 1 && statistics.dead > 0) {
    text += fmt::format(", {} of {} maps all zero", statistics.dead, tensor.shape().back());
  }
  if (statistics.not_finite > 0) text += fmt::format(", {} not finite", statistics.not_finite);
  return text;
}

// Of a whole network, whose last layers hand on units: map 39 of each layer does not mean unit 39 of ten classes.
FeatureFigureOptions OptionsOf(const Features& features, const std::string& layer, FeatureFigureOptions options) {
  const MapShape maps = MapShapeOf(features.trace[layer].shape(), layer);
  if (!features.chosen && maps.rows * maps.columns == 1) options.channels.clear();
  return options;
}

void CheckHasMaps(const Features& features, const FeatureFigureOptions& options) {
  for (const std::string& layer : features.layers) {
    if (options.channels.empty() || !OptionsOf(features, layer, options).channels.empty()) return;
  }
  throw Error({.where = "channel",
               .rule = "where no layer is named, it is of the layers with rows and columns",
               .received = "a model without one",
               .fix = "name the layers"});
}

}  // namespace

std::vector<std::filesystem::path> SaveFeaturePages(const Features& features, const FeatureFigureOptions& options,
                                                    const std::filesystem::path& folder, const Progress& progress) {
  CheckHasMaps(features, options);
  const OutputFolder made_when_missing(folder);
  std::vector<std::filesystem::path> files = {folder / "index.html", folder / "overview.png"};
  // Drawn first and written together, so that a run which is stopped leaves no half of a folder.
  std::vector<std::string> bytes = {"", EncodePng(OverviewFigure(features).figure)};
  std::string contents = "<ol>\n", sections;
  FileNames names;
  const size_t digits = std::to_string(features.layers.size()).size();
  for (size_t i = 0; i < features.layers.size(); ++i) {
    const std::string& layer = features.layers[i];
    Report(progress, "drawing " + layer, static_cast<double>(i) / static_cast<double>(features.layers.size()));
    const std::string name = names.Make(fmt::format("{:0{}}.{}", i + 1, digits, layer)) + ".png";
    files.push_back(folder / name);
    bytes.push_back(EncodePng(LayersFigure(features, OptionsOf(features, layer, options), {layer}).figure));
    contents += fmt::format("<li><a href=\"#layer-{}\">{}</a>: {}</li>\n", i + 1, HtmlText(layer),
                            HtmlText(LayerLine(features, layer)));
    sections += fmt::format(
        "<section id=\"layer-{0}\">\n<h2>{1}</h2>\n<p>{2}</p>\n"
        "<img src=\"{3}\" alt=\"the maps of {1}\" loading=\"lazy\">\n</section>\n",
        i + 1, HtmlText(layer), HtmlText(LayerLine(features, layer)), HtmlText(name));
  }
  const std::string title = fmt::format("{} on {}", features.model.title(), PictureText(features.shown));
  const std::string body = fmt::format(
      "<p>It says: {}</p>\n<img src=\"overview.png\" alt=\"the picture, the mean map of each layer, the scores\">\n"
      "<h2>Layers</h2>\n{}</ol>\n{}",
      HtmlText(VerdictText(features.model, features.trace)), contents, sections);
  bytes[0] = internal::HtmlPage(title, body,
                                "h2 { font-size: 1.1rem; margin-top: 2rem; }\n"
                                "img { max-width: min(100%, 760px); height: auto; background: #fff; }\n");
  Report(progress, "writing " + folder.string(), 1);
  for (size_t i = files.size(); i-- > 0;) {  // the page that shows them all comes last
    WriteFileAtomically(files[i], std::array<std::string_view, 1>{bytes[i]});
  }
  return files;
}

}  // namespace convscope
