#include "convscope/tasks/diff_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/formats/picture_note.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/number_in.h"
#include "convscope/tasks/open_model.h"

namespace convscope {
namespace {

constexpr size_t kMostBars = 24;
constexpr double kBarLength = 110, kMapHeight = 190;  // points; names of tensors are long

std::string ValueText(double value) {
  return NumberText(static_cast<float>(value), 3);
}

std::string Titled(const std::string& name, bool trained) {
  return trained ? name : name + " (untrained)";
}

// Of two paths what tells them apart: their last names, and as many folders before those as it takes.
std::pair<std::string, std::string> ShortNames(const std::string& a, const std::string& b) {
  const auto parts_of = [](const std::string& text) {
    std::vector<std::string> parts;
    for (const std::filesystem::path& part : std::filesystem::path(text)) {
      if (!part.empty()) parts.push_back(part.string());
    }
    return parts;
  };
  const std::vector<std::string> parts_a = parts_of(a), parts_b = parts_of(b);
  const auto last = [](const std::vector<std::string>& parts, size_t count) {
    std::filesystem::path path;
    for (size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i) path /= parts[i];
    return path.string();
  };
  for (size_t count = 1; count <= std::max(parts_a.size(), parts_b.size()); ++count) {
    if (last(parts_a, count) != last(parts_b, count)) return {last(parts_a, count), last(parts_b, count)};
  }
  return {last(parts_a, 1), last(parts_b, 1)};
}

std::vector<std::string> RemarksOn(const ModelFile& a, const ModelFile& b) {
  std::vector<std::string> remarks;
  const auto text = [](const ModelFile& file) {
    if (!file.preprocessing) return std::string("not known");
    return PreprocessingText(*file.preprocessing) + (file.scaling_assumed ? " (assumed)" : "");
  };
  if (text(a) != text(b)) remarks.push_back("preprocessing: " + text(a) + " -> " + text(b));
  if (a.class_names != b.class_names) {
    remarks.push_back(
        fmt::format("class names are not the same ({} and {} of them)", a.class_names.size(), b.class_names.size()));
  }
  if (a.outputs != b.outputs) remarks.push_back("outputs are not the same tensors");
  return remarks;
}

// Maps are drawn of tensors of two axes to five, a list of numbers as units.
bool CanDraw(const Tensor& parting) {
  return parting.dtype() == DType::kFloat32 && parting.shape().rank() >= 1 && parting.shape().rank() <= 5;
}

// The channel in which two tensors (1, ..., C) are furthest apart.
int64_t FurthestChannel(const Tensor& a, const Tensor& b) {
  int64_t furthest = 0;
  float most = -1;
  for (int64_t i = 0; i < a.size(); ++i) {
    const float distance = std::abs(a.data()[i] - b.data()[i]);
    // A NaN in one of them is further apart than any number.
    const bool broken = std::isnan(a.data()[i]) != std::isnan(b.data()[i]);
    const float apart = broken ? std::numeric_limits<float>::infinity() : distance;
    if (apart > most) {
      most = apart;
      furthest = i % a.shape().back();
    }
  }
  return furthest;
}

std::string NameOf(const ModelChoice& named, const OpenedModel& opened) {
  std::string name = named.name;
  if (!named.weights.empty()) name += " with " + std::filesystem::path(named.weights).filename().string();
  return opened.made_for.empty() ? name : name + " for " + opened.made_for;
}

PictureDifference DiffOn(const DiffRequest& request, const ModelAndData& opened_a, const ModelAndData& opened_b) {
  ModelFile a = opened_a.model.file, b = opened_b.model.file;
  for (ModelFile* const file : {&a, &b}) file->model = ForOnePicture(file->model);
  const std::string input_a = PictureInput(a.model.graph()), input_b = PictureInput(b.model.graph());
  const Shape shape_a = a.model.graph()[input_a].type.shape, shape_b = b.model.graph()[input_b].type.shape;
  if (shape_a != shape_b) {
    throw Error({.where = "picture",
                 .rule = "two models that are shown one picture have inputs of one shape",
                 .received = shape_a.ToString() + " and " + shape_b.ToString(),
                 .fix = "leave the picture out to compare structure and weights alone"});
  }
  const std::string rule = "two models are compared on one picture";
  const ModelPicture of_a = ReadModelPicture(a, *request.picture, opened_a.data, rule);
  const ModelPicture of_b = ReadModelPicture(b, *request.picture, opened_b.data, rule);
  const Trace trace_a(a.model, {{input_a, of_a.input}}, request.picture->progress);
  const Trace trace_b(b.model, {{input_b, of_b.input}}, request.picture->progress);
  PictureDifference difference{.source = of_a.source,
                               .traces = CompareTraces(trace_a, trace_b, request.tolerance),
                               .parting_a = {},
                               .parting_b = {}};
  if (difference.traces.parting) {
    const std::string& name = difference.traces.tensors[*difference.traces.parting].name;
    difference.parting_a = trace_a[name].Clone();
    difference.parting_b = trace_b[name].Clone();
    if (NeverNegative(a.model).contains(name) && NeverNegative(b.model).contains(name))
      difference.signs = Signs::kNonNegative;
    if (CanDraw(difference.parting_a)) {
      difference.channel = FurthestChannel(difference.parting_a, difference.parting_b);
    }
  }
  const auto scores_a = TryFindClassifier(a.model.graph(), a.outputs),
             scores_b = TryFindClassifier(b.model.graph(), b.outputs);
  if (scores_a && scores_b && scores_a->classes == scores_b->classes) {
    difference.scores_a = ClassScores(trace_a[scores_a->output].view().span(), scores_a->probabilities);
    difference.scores_b = ClassScores(trace_b[scores_b->output].view().span(), scores_b->probabilities);
    difference.probabilities = scores_a->probabilities && scores_b->probabilities;
    difference.class_names = ClassNames(a.class_names, b.class_names, static_cast<int64_t>(difference.scores_a.size()));
  }
  return difference;
}

// None where no class has the highest score alone.
std::optional<size_t> Likeliest(const std::vector<float>& scores) {
  if (HighestCount(scores) != 1) return std::nullopt;
  return ClassOrder(scores)[0];
}

// "Sneaker (0.97)".
std::string SaysText(const std::vector<float>& scores, const std::vector<std::string>& names, bool with_score) {
  const std::optional<size_t> best = Likeliest(scores);
  if (!best) return NothingText(scores);
  return with_score ? fmt::format("{} ({})", names[*best], ValueText(static_cast<double>(scores[*best])))
                    : names[*best];
}

// Of both models, the classes that one of them finds among the likeliest, in the order of their numbers.
std::vector<size_t> ClassesToShow(const PictureDifference& picture) {
  std::vector<float> highest;  // fmax takes the other where one is NaN
  for (size_t c = 0; c < picture.scores_a.size(); ++c) {
    highest.push_back(std::fmax(picture.scores_a[c], picture.scores_b[c]));
  }
  std::vector<size_t> order = ClassOrder(highest);
  order.resize(std::min(order.size(), kMostBars));
  std::sort(order.begin(), order.end());
  return order;
}

void AppendTable(const std::vector<ArrayDifference>& arrays, const char* what, std::string* text) {
  size_t widest = std::string_view(what).size();
  for (const ArrayDifference& array : arrays) widest = std::max(widest, array.name.size());
  *text +=
      fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>8}\n", what, widest, "largest", "mean", "relative", "cosine");
  for (const ArrayDifference& array : arrays) {
    if (array.equal) {
      *text += fmt::format("{:<{}}  {:>10}\n", array.name, widest, "the same");
    } else {
      *text +=
          fmt::format("{:<{}}  {:>10}  {:>10}  {:>10}  {:>8}\n", array.name, widest, ValueText(array.largest),
                      ValueText(array.mean), ValueText(array.relative), internal::NumberIn("{:.4f}", array.cosine));
    }
  }
}

internal::Json NumberJson(double value) {
  return std::isfinite(value) ? internal::Json(value) : internal::Json(nullptr);
}

internal::Json ArraysJson(const std::vector<ArrayDifference>& arrays) {
  internal::Json list = internal::Json::array();
  for (const ArrayDifference& array : arrays) {
    const auto lengths = array.shape.lengths();
    list.push_back({{"name", array.name},
                    {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
                    {"equal", array.equal},
                    {"largest", NumberJson(array.largest)},
                    {"mean", NumberJson(array.mean)},
                    {"relative", NumberJson(array.relative)},
                    {"cosine", NumberJson(array.cosine)}});
  }
  return list;
}

std::string PartingText(const DiffOutcome& outcome) {
  const PictureDifference& picture = *outcome.picture;
  if (picture.traces.tensors.empty()) {
    return fmt::format("on {} nothing can be compared: no tensor of both has one name and one shape", picture.source);
  }
  if (!picture.traces.parting) {
    return fmt::format("on {} they nowhere part by more than {} of a tensor's largest value", picture.source,
                       outcome.tolerance);
  }
  const ArrayDifference& parting = picture.traces.tensors[*picture.traces.parting];
  return fmt::format("on {} they first part at {}: by {} at most, where the largest value is {}", picture.source,
                     parting.name, ValueText(parting.largest), ValueText(parting.magnitude));
}

Panel BarsOf(const std::vector<ArrayDifference>& arrays, const std::string& title) {
  BarPlot bars{.names = {}, .values = {}, .high = {}, .marked = {}, .most_length = kBarLength};
  double most = 0;
  int64_t not_finite = 0;
  for (size_t i = 0; i < arrays.size() && bars.names.size() < kMostBars; ++i) {
    const double value = arrays[i].relative;
    not_finite += std::isfinite(value) ? 0 : 1;
    bars.names.push_back(arrays[i].name);
    bars.values.push_back(std::isfinite(value) ? value : 0);
    bars.written.push_back(std::isfinite(value) ? "" : ValueText(value));
    most = std::max(most, bars.values.back());
  }
  if (most == 0) bars.high = 1;
  std::string caption = "norm of the difference over the norm in A";
  if (not_finite > 0) caption += fmt::format("; {} without a finite one", not_finite);
  if (arrays.size() > kMostBars) caption += fmt::format("; the first {} of {}", kMostBars, arrays.size());
  return {.title = title, .caption = caption, .content = std::move(bars)};
}

// The parting tensor's channel in both, and the difference of it.
std::vector<Panel> PartingPanels(const PictureDifference& picture, OwningFigure* made) {
  const std::string& name = picture.traces.tensors[*picture.traces.parting].name;
  const Shape& shape = picture.parting_a.shape();
  const MapShape maps = shape.rank() == 1 ? MapShape{.channels = shape[0]} : MapShapeOf(shape, name);
  if (maps.rows * maps.columns == 1) {
    ChartPlot chart{.series = {}, .x_label = "unit", .y_label = "value"};
    for (const bool second : {false, true}) {
      Series series{.name = second ? "B" : "A", .x = {}, .y = {}};
      const Tensor& values = second ? picture.parting_b : picture.parting_a;
      for (int64_t i = 0; i < values.size(); ++i) {
        series.x.push_back(static_cast<double>(i));
        series.y.push_back(static_cast<double>(values.data()[i]));
      }
      chart.series.push_back(std::move(series));
    }
    return {{.title = name + ", where they first part", .caption = "", .content = std::move(chart)}};
  }
  Tensor a = OneMap(MapsOf(picture.parting_a, name), picture.channel, name);
  Tensor b = OneMap(MapsOf(picture.parting_b, name), picture.channel, name);
  Tensor apart(a.shape());
  for (int64_t i = 0; i < a.size(); ++i) apart.data()[i] = b.data()[i] - a.data()[i];
  const Scale scale = ScaleFor(Join(RangeOf(std::as_const(a).view()), RangeOf(std::as_const(b).view())), picture.signs);
  // Always diverging about zero: which of both is larger is what the difference is for.
  const Scale signed_scale = SignedScaleFor(RangeOf(std::as_const(apart).view()));
  std::vector<Panel> panels;
  const auto add = [&](Tensor map, std::string title, std::string caption, const Scale& of) {
    made->arrays.push_back(std::move(map));
    panels.push_back(
        {.title = std::move(title),
         .caption = std::move(caption),
         .content = MapPlot{.values = std::as_const(made->arrays.back()).view(), .scale = of, .frames = {}}});
  };
  const std::string map = fmt::format("{} channel {}", name, picture.channel);
  add(std::move(a), "A: " + map, "one scale for A and B", scale);
  add(std::move(b), "B: " + map, "", scale);
  add(std::move(apart), "B - A", "zero is neutral", signed_scale);
  return panels;
}

Panel ScoresOf(const PictureDifference& picture, bool second, const std::vector<size_t>& classes, double high) {
  const std::vector<float>& scores = second ? picture.scores_b : picture.scores_a;
  const std::vector<std::string>& names = picture.class_names;
  BarPlot bars;
  if (picture.probabilities) bars.format = "percent";
  for (const size_t c : classes) {
    if (c == Likeliest(scores)) bars.marked = {bars.names.size()};
    bars.names.push_back(names[c]);
    const auto score = static_cast<double>(scores[c]);
    bars.values.push_back(std::isfinite(score) ? score : 0);
    bars.written.push_back(std::isfinite(score) ? "" : ValueText(score));
  }
  if (high > 0) bars.high = high;
  return {.title = fmt::format("{} says {}", second ? "B" : "A", SaysText(scores, names, false)),
          .caption = scores.size() > kMostBars
                         ? fmt::format("of {} classes the {} likeliest of A or B", scores.size(), kMostBars)
                         : "",
          .content = std::move(bars)};
}

}  // namespace

DiffOutcome DiffModels(const DiffRequest& request) {
  const PictureChoice choice = request.picture.value_or(PictureChoice{});
  // As their files state them, whose structure is compared; a picture is shown to each ForOnePicture.
  const ModelAndData opened_a = OpenModelAndData(request.a, choice.data),
                     opened_b = OpenModelAndData(request.b, choice.data);
  const OpenedModel &a = opened_a.model, &b = opened_b.model;
  DiffOutcome outcome{.a = NameOf(request.a, a),
                      .b = NameOf(request.b, b),
                      .trained_a = a.trained,
                      .trained_b = b.trained,
                      .models = CompareModels(a.file.model, b.file.model),
                      .remarks = RemarksOn(a.file, b.file),
                      .picture = {},
                      .tolerance = request.tolerance};
  if (request.picture) outcome.picture = DiffOn(request, opened_a, opened_b);
  return outcome;
}

std::string DiffText(const DiffOutcome& outcome) {
  std::string text =
      fmt::format("A: {}\nB: {}\n", Titled(outcome.a, outcome.trained_a), Titled(outcome.b, outcome.trained_b));
  if (outcome.identical()) {
    text += "identical\n";
  } else {
    text += outcome.models.structure.empty() ? "structure: the same\n" : "structure:\n";
    for (const StructureChange& change : outcome.models.structure) {
      text += fmt::format("  {:<7}  {}: {}\n", change.kind, change.name, change.what);
    }
    for (const std::string& remark : outcome.remarks) text += remark + "\n";
    if (!outcome.models.parameters.empty()) AppendTable(outcome.models.parameters, "weights", &text);
  }
  if (!outcome.picture) return text;
  const PictureDifference& picture = *outcome.picture;
  if (picture.traces.parting) AppendTable(picture.traces.tensors, "tensors", &text);
  text += PartingText(outcome) + "\n";
  if (!picture.scores_a.empty()) {
    text += fmt::format("A says {}, B says {}\n", SaysText(picture.scores_a, picture.class_names, true),
                        SaysText(picture.scores_b, picture.class_names, true));
  }
  return text;
}

std::string DiffJson(const DiffOutcome& outcome) {
  internal::Json json = {{"a", outcome.a},
                         {"b", outcome.b},
                         {"identical", outcome.identical()},
                         {"structure", internal::Json::array()},
                         {"remarks", outcome.remarks},
                         {"weights", ArraysJson(outcome.models.parameters)}};
  for (const StructureChange& change : outcome.models.structure) {
    json["structure"].push_back({{"kind", change.kind}, {"name", change.name}, {"what", change.what}});
  }
  if (outcome.picture) {
    const PictureDifference& picture = *outcome.picture;
    json["picture"] = {
        {"source", picture.source},
        {"tolerance", outcome.tolerance},
        {"tensors", ArraysJson(picture.traces.tensors)},
        {"parting", picture.traces.parting ? internal::Json(picture.traces.tensors[*picture.traces.parting].name)
                                           : internal::Json()}};
    if (!picture.scores_a.empty()) {
      json["picture"]["scores"] = {
          {"classes", picture.class_names}, {"a", internal::Json::array()}, {"b", internal::Json::array()}};
      for (const float score : picture.scores_a) json["picture"]["scores"]["a"].push_back(NumberJson(score));
      for (const float score : picture.scores_b) json["picture"]["scores"]["b"].push_back(NumberJson(score));
    }
  }
  return internal::JsonText(json);
}

OwningFigure DiffFigure(const DiffOutcome& outcome) {
  OwningFigure made;
  const auto [name_a, name_b] = ShortNames(outcome.a, outcome.b);
  made.figure.title =
      fmt::format("A: {}   B: {}", Titled(name_a, outcome.trained_a), Titled(name_b, outcome.trained_b));
  made.figure.panel_height = kMapHeight;
  std::vector<Panel> bars;
  if (!outcome.models.parameters.empty()) {
    bars.push_back(BarsOf(outcome.models.parameters, "weights: relative difference"));
  }
  if (outcome.picture && !outcome.picture->traces.tensors.empty()) {
    bars.push_back(BarsOf(outcome.picture->traces.tensors, "tensors on the picture: relative difference"));
  }
  if (!bars.empty()) made.figure.rows.push_back(std::move(bars));
  if (outcome.picture) {
    const PictureDifference& picture = *outcome.picture;
    if (picture.traces.parting && CanDraw(picture.parting_a)) {
      made.figure.rows.push_back(PartingPanels(picture, &made));
    }
    if (!picture.scores_a.empty()) {
      double high = 0;
      for (const std::vector<float>* const scores : {&picture.scores_a, &picture.scores_b}) {
        for (const float score : *scores) high = std::max(high, std::isfinite(score) ? static_cast<double>(score) : 0);
      }
      const std::vector<size_t> classes = ClassesToShow(picture);
      made.figure.rows.push_back({ScoresOf(picture, false, classes, high), ScoresOf(picture, true, classes, high)});
    }
  }
  if (made.figure.rows.empty()) {
    throw Error({.where = "figure",
                 .rule = "two models with weights or a picture in common are drawn",
                 .received = "two with neither",
                 .fix = "leave -o out for the table"});
  }
  std::string footer =
      outcome.identical() ? "identical" : CountText(std::ssize(outcome.models.structure), "change") + " of structure";
  for (const std::string& remark : outcome.remarks) footer += "; " + remark;
  if (outcome.picture) footer += "; " + PartingText(outcome);
  made.figure.footer = std::move(footer);
  return made;
}

}  // namespace convscope
