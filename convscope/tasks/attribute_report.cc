// What AttributePicture found, in words and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "convscope/base/share_text.h"
#include "convscope/figures/scale.h"
#include "convscope/tasks/attribute_picture.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/attribute_object.h"
#include "convscope/tasks/internal/number_in.h"

namespace convscope {
namespace {

// The pixel with the largest value; none where none is finite or all are equal.
std::optional<std::pair<int64_t, int64_t>> PeakOf(const Tensor& map) {
  int64_t best = -1;
  bool differ = false;
  for (int64_t i = 0; i < map.size(); ++i) {
    if (!std::isfinite(map.data()[i])) continue;
    differ = differ || (best >= 0 && map.data()[i] != map.data()[best]);
    if (best < 0 || map.data()[i] > map.data()[best]) best = i;
  }
  if (!differ) return {};
  return std::pair(best / map.shape()[1], best % map.shape()[1]);
}

double SumOf(const Tensor& map) {
  double sum = 0;
  for (int64_t i = 0; i < map.size(); ++i) sum += static_cast<double>(map.data()[i]);
  return sum;
}

// Where the numbers of a line are taken from: of a class activation map the layer's own, which bilinear enlarging only
// narrows; else one value a pixel.
const Tensor& Counted(const Attribution& attribution) {
  return FactsOf(attribution.method).of_layer ? attribution.raw : attribution.map;
}

// An end of the range; none of a map without a number.
std::string EndText(const ValueRange& range, float end) {
  return range.not_finite < range.count ? NumberText(end) : "-";
}

// What a line of the table says after the numbers.
std::string RemarkOf(const AttributedPicture& picture, const AttributedMap& map) {
  const Attribution& a = map.attribution;
  std::string text = Remark(ExtremesOf(a.map.view()), "in magenta");
  const auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  if (a.integration) {
    const IntegratedGradients& facts = *a.integration;
    const double gained = facts.score - facts.baseline_score;
    const std::string from = fmt::format("from {}, {} steps: ", picture.integration_baseline, facts.steps);
    if (!std::isfinite(facts.gap) || !std::isfinite(gained)) {
      add(from + "no gap, since scores on the way are no numbers");
    } else {
      add(fmt::format("{}gap {:.3g} of {:.4g}{}", from, facts.gap, gained,
                      facts.complete() ? "" : fmt::format(", more than the {:.2g} allowed", facts.allowed)));
    }
  }
  if (a.occlusion) {
    add(fmt::format("window {}, stride {}, hidden by {}", a.occlusion->window, a.occlusion->stride,
                    picture.occlusion_baseline));
  }
  if (!FactsOf(a.method).knows_class) add("knows no class");
  const bool ruled =
      a.method == AttributionMethod::kGuidedBackpropagation || a.method == AttributionMethod::kDeconvolution;
  if (ruled && !picture.rectified) add("the network has no rectifier: this is the gradient");
  return text;
}

std::string ClassText(const AttributedClass& c) {
  if (c.number < 0) return c.name;
  // Of a class without a name its number is the name.
  const std::string unnamed = ClassName({}, c.number);
  const bool named = c.name != unnamed && c.name != fmt::format("{}", c.number);
  return fmt::format("{}, {}, logit {}", named ? fmt::format("{} ({})", c.name, c.number) : unnamed,
                     ShareText(c.probability, 2), NumberText(c.logit));
}

internal::Json ClassJson(const AttributedClass& c) {
  if (c.number < 0) return nullptr;
  return {{"class", c.number}, {"name", c.name}, {"probability", c.probability}, {"logit", c.logit}};
}

internal::Json CurveJson(const FaithfulnessCurve& curve, const FaithfulnessCurve& random, const std::string& baseline) {
  return {{"area", curve.area},   {"random_area", random.area},       {"baseline", baseline},
          {"share", curve.share}, {"probability", curve.probability}, {"random_probability", random.probability}};
}

internal::Json MapJson(const AttributedPicture& picture, const AttributedMap& map) {
  const Attribution& a = map.attribution;
  const AttributionMethodFacts& facts = FactsOf(a.method);
  const ValueRange range = ExtremesOf(Counted(a).view());
  internal::Json json = {{"method", facts.name}};
  if (facts.knows_class) {
    json["class"] = picture.classes[map.for_class].number;
    json["name"] = picture.classes[map.for_class].name;
  }
  json["raw_shape"] = std::vector<int64_t>(a.raw.shape().lengths().begin(), a.raw.shape().lengths().end());
  const bool any = range.not_finite < range.count;
  json["low"] = any ? internal::Json(range.low) : internal::Json();
  json["high"] = any ? internal::Json(range.high) : internal::Json();
  json["sum"] = SumOf(Counted(a));
  json["values_of"] = facts.of_layer ? "layer" : "pixels";
  json["not_finite"] = range.not_finite;
  if (const auto peak = PeakOf(a.map)) json["peak"] = {peak->first, peak->second};
  if (a.integration) {
    json["integration"] = {{"baseline", picture.integration_baseline},
                           {"steps", a.integration->steps},
                           {"score", a.integration->score},
                           {"baseline_score", a.integration->baseline_score},
                           {"sum", a.integration->sum},
                           {"gap", a.integration->gap},
                           {"allowed", a.integration->allowed},
                           {"complete", a.integration->complete()}};
  }
  if (a.occlusion) {
    json["occlusion"] = {
        {"window", a.occlusion->window}, {"stride", a.occlusion->stride}, {"baseline", picture.occlusion_baseline}};
  }
  if (map.curves) {
    const FaithfulnessCurves& random = picture.random[map.for_class];
    json["deletion"] = CurveJson(map.curves->deletion, random.deletion, picture.deletion_baseline);
    json["insertion"] = CurveJson(map.curves->insertion, random.insertion, picture.insertion_baseline);
  }
  return json;
}

std::string CurvesText(const AttributedPicture& picture) {
  std::string text = fmt::format(
      "\nAreas under the curves of the class' probability (random: mean of random orders of the pixels)\n"
      "  deletion, to {}: the smaller the more faithful\n  insertion, from {}: the larger the more faithful\n",
      picture.deletion_baseline, picture.insertion_baseline);
  text += fmt::format("  {:<44} {:>9} {:>9} {:>10} {:>9}\n", "", "deletion", "random", "insertion", "random");
  for (const AttributedMap& map : picture.maps) {
    if (!map.curves) continue;
    const FaithfulnessCurves& random = picture.random[map.for_class];
    std::string name = NameOf(picture, map);
    if (!FactsOf(map.attribution.method).knows_class) name += ", for " + picture.classes[map.for_class].name;
    const auto area = [](const FaithfulnessCurve& curve) { return internal::NumberIn("{:.4f}", curve.area); };
    text += fmt::format("  {:<44} {:>9} {:>9} {:>10} {:>9}\n", name, area(map.curves->deletion), area(random.deletion),
                        area(map.curves->insertion), area(random.insertion));
  }
  return text;
}

}  // namespace

std::string AttributeText(const AttributedPicture& picture) {
  std::string text;
  if (!picture.trained) text += picture.model + " is untrained: its weights are random numbers\n";
  text += picture.shown.source;
  if (picture.shown.truth) text += fmt::format(", which is: {}", *picture.shown.truth);
  if (!picture.shown.note.empty()) text += fmt::format(" ({})", picture.shown.note);
  text += fmt::format("\n  predicted: {}", ClassText(picture.predicted));
  text += picture.equals > 1 ? fmt::format(", the first of {} classes with one score\n", picture.equals) : "\n";
  for (const AttributedClass& c : picture.classes) {
    if (c.number != picture.predicted.number) text += fmt::format("  asked for: {}\n", ClassText(c));
  }
  if (!picture.layer.empty()) {
    text += fmt::format(
        "  class activation maps of layer {}, {} maps of {} x {}\n"
        "    (smallest, largest and sum are of the {} x {} values; strongest is the pixel once enlarged)\n",
        picture.layer, picture.layer_maps[2], picture.layer_maps[0], picture.layer_maps[1], picture.layer_maps[0],
        picture.layer_maps[1]);
  }
  text += fmt::format("\n  {:<44} {:>10} {:>10} {:>10}  {:<9}\n", "attribution of the logit", "smallest", "largest",
                      "sum", "strongest");
  for (const AttributedMap& map : picture.maps) {
    const Tensor& counted = Counted(map.attribution);
    const ValueRange range = ExtremesOf(counted.view());
    const auto peak = PeakOf(map.attribution.map);
    std::string line =
        fmt::format("  {:<44} {:>10} {:>10} {:>10}  {:<9}", NameOf(picture, map), EndText(range, range.low),
                    EndText(range, range.high), NumberText(static_cast<float>(SumOf(counted))),
                    peak ? fmt::format("{}, {}", peak->first, peak->second) : "-");
    const std::string remark = RemarkOf(picture, map);
    line += remark.empty() ? "" : "  " + remark;
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  if (!picture.random.empty()) text += CurvesText(picture);
  for (const std::string& left : picture.left_out) text += "left out: " + left + "\n";
  return text;
}

internal::Json internal::AttributeObject(const AttributedPicture& picture) {
  internal::Json json = {{"model", picture.model}, {"trained", picture.trained}};
  json["picture"] = {{"source", picture.shown.source}};
  if (picture.shown.truth) json["picture"]["truth"] = *picture.shown.truth;
  if (!picture.shown.note.empty()) json["picture"]["note"] = picture.shown.note;
  json["predicted"] = ClassJson(picture.predicted);
  if (picture.equals > 1) json["equally_predicted"] = picture.equals;
  json["classes"] = internal::Json::array();
  for (const AttributedClass& c : picture.classes) json["classes"].push_back(ClassJson(c));
  if (!picture.layer.empty()) {
    json["layer"] = {{"name", picture.layer},
                     {"rows", picture.layer_maps[0]},
                     {"columns", picture.layer_maps[1]},
                     {"channels", picture.layer_maps[2]}};
  }
  json["attributions"] = internal::Json::array();
  for (const AttributedMap& map : picture.maps) json["attributions"].push_back(MapJson(picture, map));
  if (!picture.left_out.empty()) json["left_out"] = picture.left_out;
  return json;
}

std::string AttributeJson(const AttributedPicture& picture) {
  return internal::JsonText(internal::AttributeObject(picture));
}

}  // namespace convscope
