#include "convscope/tasks/dream_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/data_pass.h"
#include "convscope/inspect/explanation.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/maps.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/source_title.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/tensor_files.h"

namespace convscope {
namespace {

DreamGoal ClassGoal(const ModelFile& file, const std::string& text, std::string* what) {
  const ClassifierTensors tensors = FindClassifier(file.model.graph(), file.outputs);
  // One score tells two classes apart: the higher, the more of the second.
  std::vector<std::string> names;
  for (int64_t c = 0; c < tensors.ClassCount(); ++c) names.push_back(ClassName(file.class_names, c));
  const int64_t number = ParseClass(text, names);
  *what = fmt::format("class {}{}", number,
                      file.class_names.empty() ? "" : " (" + names[static_cast<size_t>(number)] + ")");
  const bool one = tensors.classes == 1, least = one && number == 0;
  *what += fmt::format(" in {}{}", tensors.logits, least ? " (its negative)" : "");
  return {.tensor = tensors.logits, .channel = one ? 0 : number, .place = {}, .least = least};
}

// One value, as ParseValuePlace takes it.
DreamGoal ValueGoal(const Graph& graph, const std::string& text) {
  const ValuePlace value = ParseValuePlace(graph, text);
  const MapShape shape = MapShapeOf(graph[value.tensor].type.shape, value.tensor);
  const int64_t place = value.element / shape.channels % (shape.rows * shape.columns);
  DreamGoal goal{.tensor = value.tensor, .channel = value.element % shape.channels, .place = {}};
  if (graph[value.tensor].type.shape.rank() > 2) goal.place = {{place / shape.columns, place % shape.columns}};
  return goal;
}

DreamGoal GoalOf(const ModelFile& file, const DreamRequest& request, std::string* what) {
  const Graph& graph = file.model.graph();
  if (!request.class_name.empty()) return ClassGoal(file, request.class_name, what);
  CheckOneLayer(request.layer, [&graph](const std::string& name) { return graph.Has(name); });
  DreamGoal goal{.tensor = request.layer, .channel = request.channel, .place = {}};
  if (!request.at.empty()) goal = ValueGoal(graph, request.at);
  goal.tensor = MapLayer(graph, goal.tensor);
  CheckGoal(graph, goal);
  const MapShape shape = MapShapeOf(graph[goal.tensor].type.shape, goal.tensor);
  const bool places = shape.rows * shape.columns > 1;
  *what = fmt::format("{} {} of {}", places ? "channel" : "unit", goal.channel, goal.tensor);
  if (goal.place) {
    *what += fmt::format(" at {},{}", (*goal.place)[0], (*goal.place)[1]);
  } else if (places) {
    *what += " (mean of its map)";
  }
  return goal;
}

BestOfData FindBest(const DreamRequest& request, const ModelData& opened, const DreamGoal& goal) {
  const ModelFile& file = opened.model.file;
  const Dataset& data = opened.data;
  BestOfData best{.picture = {}, .sample = -1};
  const auto take = [&](const Batch& batch, std::span<const Tensor* const> tensors) {
    const std::vector<float> goals = GoalsOf(goal, *tensors[0]);
    for (size_t i = 0; i < goals.size(); ++i) {
      if (std::isnan(goals[i]) || (best.sample >= 0 && !(goals[i] > best.goal))) continue;
      best.goal = goals[i];
      best.sample = batch.samples[i];
    }
  };
  PassOver(file.model, data, {goal.tensor},
           {.scaling = file.preprocessing.value_or(Preprocessing{}),
            .progress = request.options.progress,
            .what = "looking for the best of the data"},
           take);
  best.among = opened.title;
  if (best.sample < 0) {
    throw Error({.where = best.among, .rule = "one of them gives a number", .received = "NaN of each"});
  }
  best.picture = data.image(best.sample).Reshaped(data.shape());
  best.name = ClassName(opened.class_names, data.label(best.sample));
  return best;
}

std::string TitleOf(const DreamOutcome& outcome) {
  return fmt::format("{}{}: what excites {} most", outcome.model, outcome.trained ? "" : " (untrained)", outcome.what);
}

constexpr char kUnmoved[] =
    "a value that never moves has no slope to climb, and its picture shows nothing of it: try --from, --seed or more "
    "--steps";

constexpr char kNoNumber[] =
    "a value that is no number has no slope to climb, and its picture shows nothing of it: convscope features tells "
    "which layers hold such values";

bool IsNumber(const DreamOutcome& outcome, size_t dream) {
  return !std::isnan(outcome.dream.goals[dream]);
}

// Why a dream shows nothing, after `between`; mostly empty.
std::string WhyNothing(const DreamOutcome& outcome, size_t dream, const std::string& between) {
  if (!IsNumber(outcome, dream)) return between + "which is no number";
  return outcome.dream.moved[dream] ? "" : between + "which never moved";
}

// What there is to know of the dreams that show nothing; mostly nothing.
std::vector<std::string> RemarksOn(const DreamOutcome& outcome) {
  bool no_number = false, unmoved = false;
  for (size_t i = 0; i < outcome.dream.goals.size(); ++i) {
    no_number = no_number || !IsNumber(outcome, i);
    unmoved = unmoved || (IsNumber(outcome, i) && !outcome.dream.moved[i]);
  }
  std::vector<std::string> remarks;
  if (unmoved) remarks.emplace_back(kUnmoved);
  if (no_number) remarks.emplace_back(kNoNumber);
  return remarks;
}

std::string NumberOf(float value) {
  return NumberText(value, 4);
}

internal::Json JsonNumber(float value) {
  return std::isfinite(value) ? internal::Json(value) : internal::Json(nullptr);
}

}  // namespace

DreamOutcome DreamPictures(const DreamRequest& request) {
  std::optional<ModelData> opened;
  if (request.data) opened = OpenModelData(request.model, *request.data, request.train);
  std::optional<OpenedModel> alone;
  const OpenedModel& model = opened ? opened->model : alone.emplace(OpenModel(request.model));
  DreamOutcome outcome{.model = model.file.name, .trained = model.trained, .goal = {}, .options = request.options};
  outcome.goal = GoalOf(model.file, request, &outcome.what);
  PictureInput(model.file.model.graph());
  std::optional<ModelPicture> from;
  if (request.from) {
    from = ReadModelPicture(model.file, *request.from, OpenDataFor(request.model, model.file, request.from->data),
                            "a dream begins with one picture");
    outcome.from = from->source;
    outcome.options.from = &from->picture;
  }
  outcome.options.scaling = model.file.preprocessing.value_or(Preprocessing{});
  // Before the climb, which takes longer: data that do not fit are known at once.
  if (opened) outcome.best = FindBest(request, *opened, outcome.goal);
  outcome.dream = MakeDream(model.file.model, outcome.goal, outcome.options);
  outcome.options.from = nullptr;
  return outcome;
}

std::string DreamText(const DreamOutcome& outcome) {
  std::string text = TitleOf(outcome) + "\n";
  text += fmt::format("{} from {}, seed {}\n", CountText(outcome.options.steps, "step"),
                      outcome.from.empty() ? "noise" : outcome.from, outcome.options.seed);
  for (size_t i = 0; i < outcome.dream.goals.size(); ++i) {
    text += fmt::format("dream {}: {}, from {} at the beginning{}\n", i, NumberOf(outcome.dream.goals[i]),
                        NumberOf(outcome.dream.beginning[i]), WhyNothing(outcome, i, ", "));
  }
  for (const std::string& remark : RemarksOn(outcome)) text += remark + "\n";
  if (outcome.best) {
    text += fmt::format("best of {}: {}, picture {} ({})\n", outcome.best->among, NumberOf(outcome.best->goal),
                        outcome.best->sample, outcome.best->name);
  }
  return text;
}

std::string DreamJson(const DreamOutcome& outcome) {
  internal::Json json = {{"model", outcome.model},
                         {"trained", outcome.trained},
                         {"tensor", outcome.goal.tensor},
                         {"channel", outcome.goal.channel},
                         {"row", nullptr},
                         {"column", nullptr},
                         {"what", outcome.what},
                         {"from", outcome.from.empty() ? internal::Json() : internal::Json(outcome.from)},
                         {"seed", outcome.options.seed},
                         {"steps", outcome.options.steps}};
  if (outcome.goal.place) {
    json["row"] = (*outcome.goal.place)[0];
    json["column"] = (*outcome.goal.place)[1];
  }
  json["dreams"] = internal::Json::array();
  const auto count = static_cast<int64_t>(outcome.dream.goals.size());
  for (int64_t i = 0; i < count; ++i) {
    internal::Json curve = internal::Json::array();
    for (int64_t step = 0; step < outcome.options.steps; ++step) {
      curve.push_back(JsonNumber(outcome.dream.curve.data()[step * count + i]));
    }
    json["dreams"].push_back({{"value", JsonNumber(outcome.dream.goals[static_cast<size_t>(i)])},
                              {"moved", static_cast<bool>(outcome.dream.moved[static_cast<size_t>(i)])},
                              {"beginning", JsonNumber(outcome.dream.beginning[static_cast<size_t>(i)])},
                              {"curve", std::move(curve)}});
  }
  if (outcome.best) {
    json["best_of_data"] = {{"data", outcome.best->among},
                            {"sample", outcome.best->sample},
                            {"name", outcome.best->name},
                            {"value", JsonNumber(outcome.best->goal)}};
  }
  return internal::JsonText(json);
}

OwningFigure DreamFigure(const DreamOutcome& outcome) {
  OwningFigure made;
  const Tensor& pictures = outcome.dream.pictures;
  const Shape shape{pictures.shape()[1], pictures.shape()[2], pictures.shape()[3]};
  std::vector<Panel> row;
  ChartPlot chart{.series = {}, .x_label = "step", .y_label = "value"};
  const int64_t count = pictures.shape()[0];
  for (int64_t i = 0; i < count; ++i) {
    row.push_back(
        {.title = count > 1 ? fmt::format("dream {}", i) : "dream",
         .caption = fmt::format("value {}{}", NumberOf(outcome.dream.goals[static_cast<size_t>(i)]),
                                WhyNothing(outcome, static_cast<size_t>(i), ",\n")),
         .content = MapPlot{
             .values = {pictures.data() + i * shape.NumElements(), shape}, .scale = PhotographScale(), .frames = {}}});
    Series series{.name = count > 1 ? fmt::format("dream {}", i) : "", .x = {}, .y = {}};
    for (int64_t step = 0; step < outcome.options.steps; ++step) {
      series.x.push_back(static_cast<double>(step));
      series.y.push_back(static_cast<double>(outcome.dream.curve.data()[step * count + i]));
    }
    chart.series.push_back(std::move(series));
  }
  if (outcome.best) {
    row.push_back(
        {.title = "the best of the data",
         .caption = fmt::format("value {}\npicture {}, {}", NumberOf(outcome.best->goal), outcome.best->sample,
                                outcome.best->name),
         .content = MapPlot{.values = outcome.best->picture.view(), .scale = PhotographScale(), .frames = {}}});
    // Black and dashed, as no dream is.
    Series best{.name = "best of the data", .x = {}, .y = {}, .color = 2 * kSeriesColors - 1};
    best.x = {0, static_cast<double>(outcome.options.steps - 1)};
    best.y.assign(2, static_cast<double>(outcome.best->goal));
    if (chart.series.size() == 1) chart.series[0].name = "dream";
    chart.series.push_back(std::move(best));
  }
  made.figure.title = TitleOf(outcome);
  made.figure.rows.push_back(std::move(row));
  if (outcome.options.steps > 1) {
    made.figure.rows.push_back(
        {{.title =
              outcome.dream.steady ? "while it climbs" : "while it climbs, of pictures moved and enlarged a little",
          .caption = "",
          .content = std::move(chart)}});
  }
  std::string footer = fmt::format(
      "{} from {}, seed {}; pixels are held between 0 and 1 by a sigmoid, and grown {}",
      CountText(outcome.options.steps, "step"), outcome.from.empty() ? "noise" : internal::SourceTitle(outcome.from),
      outcome.options.seed, outcome.options.waves ? "from waves, coarse ones first" : "one by one");
  if (outcome.goal.place) footer += "; pixels that the place does not see are as they began";
  if (outcome.best) footer += "; the best of " + outcome.best->among;
  for (const std::string& remark : RemarksOn(outcome)) footer += "; " + remark;
  made.figure.footer = std::move(footer);
  made.figure.panel_height = count > 3 ? 150 : 220;
  return made;
}

std::vector<std::filesystem::path> SaveDream(const DreamOutcome& outcome, const std::filesystem::path& folder) {
  const NamedArray arrays[] = {{"pictures", &outcome.dream.pictures}, {"curve", &outcome.dream.curve}};
  return SaveArrays(arrays, folder, outcome.options.progress);
}

}  // namespace convscope
