#include "convscope/tasks/attribute_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/share_text.h"
#include "convscope/tasks/internal/source_title.h"

namespace convscope {
namespace {

// What 98 of 100 values stay below, without their signs: gradients of single pixels have so few large ones that on a
// scale of their size nothing would be seen. 0 for a map of few pixels, and where that many are zero or not finite.
float OfMostPixels(const Tensor& map) {
  constexpr int64_t kManyPixels = 4096;
  if (map.size() < kManyPixels) return 0;
  std::vector<float> sizes;
  for (const float value : map.view().span()) {
    if (std::isfinite(value)) sizes.push_back(std::fabs(value));
  }
  if (sizes.empty()) return 0;
  const auto place = sizes.begin() + static_cast<ptrdiff_t>((sizes.size() - 1) * 98 / 100);
  std::nth_element(sizes.begin(), place, sizes.end());
  return *place;
}

// Of all maps of one method. From zero, wherever the values begin: no value may look weaker than it is.
Scale ScaleOf(const AttributedPicture& picture, AttributionMethod method) {
  const AttributionMethodFacts& facts = FactsOf(method);
  const bool of_pixels = !facts.of_layer && method != AttributionMethod::kOcclusion;
  ValueRange range;
  float most = 0;
  for (const AttributedMap& map : picture.maps) {
    if (map.attribution.method != method) continue;
    range = Join(range, RangeOf(map.attribution.map.view()));
    if (of_pixels) most = std::max(most, OfMostPixels(map.attribution.map));
  }
  const Scale usual = ScaleFor(range);
  const float high = most > 0 ? most : usual.high;
  if (facts.is_signed || usual.map == ColorMap::kDiverging) return {ColorMap::kDiverging, -high, high};
  return {ColorMap::kViridis, 0, high};
}

std::string CaptionOf(const AttributedPicture& picture, const AttributedMap& map) {
  const Attribution& a = map.attribution;
  const AttributionMethodFacts& facts = FactsOf(a.method);
  if (facts.of_layer) {
    return fmt::format("{} x {}{}", picture.layer_maps[0], picture.layer_maps[1],
                       facts.knows_class ? "" : "; knows no class");
  }
  if (a.integration) {
    const double gap = a.integration->gap, gained = a.integration->score - a.integration->baseline_score;
    const std::string from = fmt::format("from {}; {} steps", picture.integration_baseline, a.integration->steps);
    return std::isfinite(gap) && std::isfinite(gained) ? fmt::format("{}, gap {:.2g} of {:.3g}", from, gap, gained)
                                                       : from + "; scores on the way are no numbers";
  }
  if (a.occlusion) {
    return fmt::format("window {}, stride {}, by {}", a.occlusion->window, a.occlusion->stride,
                       picture.occlusion_baseline);
  }
  const bool ruled =
      a.method == AttributionMethod::kGuidedBackpropagation || a.method == AttributionMethod::kDeconvolution;
  if (ruled && !picture.rectified) return "no rectifier: the gradient";
  return picture.shown.picture.shape()[2] > 1 ? std::string(facts.channels) : "";
}

Panel PanelOf(const AttributedPicture& picture, const AttributedMap& map, const Scale& scale) {
  // The figure's title says which class where there is one.
  return {
      .title = picture.classes.size() > 1 ? NameOf(picture, map) : std::string(FactsOf(map.attribution.method).name),
      .caption = CaptionOf(picture, map),
      .content = MapPlot{.values = map.attribution.map.view(),
                         .scale = scale,
                         .frames = {},
                         .photograph = picture.shown.picture.view()}};
}

Panel ClassBars(const AttributedPicture& picture) {
  BarPlot bars{.high = 1, .format = "percent"};
  size_t broken = 0;
  for (const AttributedClass& c : picture.classes) {
    if (c.number == picture.predicted.number) bars.marked.push_back(bars.names.size());
    bars.names.push_back(c.name);
    bars.values.push_back(std::isfinite(c.probability) ? c.probability : 0);
    broken += std::isfinite(c.probability) ? 0 : 1;
  }
  if (broken > 0) {
    return {.title = "the classes asked for",
            .caption = fmt::format("{} of {} probabilities are NaN, drawn as 0", broken, picture.classes.size()),
            .content = bars};
  }
  return {.title = "the classes asked for", .caption = bars.marked.empty() ? "" : "predicted: orange", .content = bars};
}

// The curves of some maps of one class, of deletion or insertion, beside the random one.
Panel CurvePanel(const AttributedPicture& picture, std::span<const AttributedMap* const> maps, size_t c,
                 bool deletion) {
  ChartPlot chart{.series = {},
                  .x_label = deletion ? "share of the pixels removed" : "share of the pixels put in",
                  .y_label = "probability",
                  .y_low = 0,
                  .y_high = 1,
                  // Two side by side on a page, and above them the names of their lines, two in a line.
                  .least_height = maps.size() > 3 ? 214.0 : 180.0};
  const auto add = [&](std::string_view name, const FaithfulnessCurves& curves, int color) {
    const FaithfulnessCurve& curve = deletion ? curves.deletion : curves.insertion;
    chart.series.push_back(
        {.name = fmt::format("{} {:.3f}", name, curve.area), .x = curve.share, .y = curve.probability, .color = color});
  };
  int color = 0;
  for (const AttributedMap* map : maps) add(FactsOf(map->attribution.method).name, *map->curves, color++);
  add("random", picture.random[c], kSeriesColors - 1);
  const std::string& baseline = deletion ? picture.deletion_baseline : picture.insertion_baseline;
  return {.title = fmt::format("{} {}: {}", deletion ? "deletion, to" : "insertion, from", baseline,
                               picture.classes[c].name),
          .caption = fmt::format("with the areas under the curves: {} is more faithful", deletion ? "less" : "more"),
          .content = std::move(chart)};
}

// Few curves a chart: a dozen cannot be told apart, and their names leave a chart no height.
void AddCurves(const AttributedPicture& picture, size_t c, Figure* figure) {
  constexpr size_t kMost = 6;
  std::vector<const AttributedMap*> maps;
  for (const AttributedMap& map : picture.maps) {
    if (map.for_class == c && map.curves) maps.push_back(&map);
  }
  for (size_t begin = 0; begin < maps.size(); begin += kMost) {
    const auto some = std::span<const AttributedMap* const>(maps).subspan(begin, std::min(kMost, maps.size() - begin));
    figure->rows.push_back({CurvePanel(picture, some, c, true), CurvePanel(picture, some, c, false)});
  }
}

// "fashion-cnn (untrained): Dress, 0.1 %; predicted Trouser, 99.8 %; maps of layer pool_layer_4"
std::string TitleOf(const AttributedPicture& picture) {
  std::string title = picture.model + (picture.trained ? "" : " (untrained)") + ": ";
  const AttributedClass& only = picture.classes.front();
  if (picture.classes.size() == 1 && only.number != picture.predicted.number) {
    title += fmt::format("{}, {}; ", only.name, ShareText(only.probability));
  }
  title += picture.predicted.number < 0
               ? "predicted " + picture.predicted.name
               : fmt::format("predicted {}, {}", picture.predicted.name, ShareText(picture.predicted.probability));
  if (picture.equals > 1) title += fmt::format(", the same score as {} more", picture.equals - 1);
  if (!picture.layer.empty()) title += "; maps of layer " + picture.layer;
  return title;
}

// With several classes: so many that the page is about as wide as it is high, the maps of one method side by side.
size_t MethodsInRow(const AttributedPicture& picture) {
  constexpr double kAspect = 1.4;  // height to width of a map with its texts
  constexpr size_t kMostMaps = 6;  // side by side
  std::vector<AttributionMethod> methods;
  for (const AttributedMap& map : picture.maps) {
    if (methods.empty() || methods.back() != map.attribution.method) methods.push_back(map.attribution.method);
  }
  const size_t classes = picture.classes.size();
  const double even = std::sqrt(kAspect * static_cast<double>(methods.size()) / static_cast<double>(classes));
  return std::clamp<size_t>(static_cast<size_t>(std::lround(even)), 1, std::max<size_t>(1, kMostMaps / classes));
}

}  // namespace

Figure AttributeFigure(const AttributedPicture& picture) {
  Figure figure{.title = TitleOf(picture),
                .footer =
                    "Of the logit, on the picture in grey: the stronger the colour, the larger the value. "
                    "All maps of a method have one scale.",
                .rows = {},
                .panel_height = 170};
  const std::string truth = picture.shown.truth ? "is: " + *picture.shown.truth : "";
  const std::string note = picture.shown.note;
  std::vector<Panel> first = {{.title = internal::SourceTitle(picture.shown.source),
                               .caption = truth + (truth.empty() || note.empty() ? "" : "; ") + note,
                               .content = MapPlot{.values = picture.shown.picture.view(), .scale = PhotographScale()}}};
  const bool one_class = picture.classes.size() == 1;
  if (!one_class) {
    first.push_back(ClassBars(picture));
    figure.rows.push_back(std::move(first));
  }
  size_t in_row = 0;  // methods
  for (size_t i = 0; i < picture.maps.size();) {
    const AttributionMethod method = picture.maps[i].attribution.method;
    const Scale scale = ScaleOf(picture, method);
    if (in_row++ % MethodsInRow(picture) == 0 && !one_class) figure.rows.emplace_back();
    std::vector<Panel>& row = one_class ? first : figure.rows.back();
    for (; i < picture.maps.size() && picture.maps[i].attribution.method == method; ++i) {
      row.push_back(PanelOf(picture, picture.maps[i], scale));
    }
  }
  if (one_class) figure.rows.push_back(std::move(first));
  for (size_t c = 0; c < picture.random.size(); ++c) AddCurves(picture, c, &figure);
  return figure;
}

}  // namespace convscope
