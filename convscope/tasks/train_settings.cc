#include "convscope/tasks/train_settings.h"

#include <nlohmann/json.hpp>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

// Calls visit(name, field) for every field: the one list that writing and reading share.
template <typename Settings, typename Visit>
void EachField(Settings& settings, const Visit& visit) {
  visit("model", settings.model);
  visit("weights", settings.weights);
  visit("partial_weights", settings.partial_weights);
  visit("data", settings.data);
  visit("data_folder", settings.data_folder);
  visit("size", settings.size);
  visit("grey", settings.grey);
  visit("rgb", settings.rgb);
  visit("test_fraction", settings.test_fraction);
  visit("epochs", settings.epochs);
  visit("batch_size", settings.batch_size);
  visit("seed", settings.seed);
  visit("optimizer", settings.optimizer);
  visit("schedule", settings.schedule);
  visit("warmup", settings.warmup);
  visit("loss", settings.loss);
  visit("from_logits", settings.from_logits);
  visit("label_smoothing", settings.label_smoothing);
  visit("validation", settings.validation);
  visit("balance_classes", settings.balance_classes);
  visit("shift", settings.shift);
  visit("rotate", settings.rotate);
  visit("zoom", settings.zoom);
  visit("noise", settings.noise);
  visit("flip", settings.flip);
  visit("early_stopping", settings.early_stopping);
  visit("reduce_on_plateau", settings.reduce_on_plateau);
  visit("checkpoint_steps", settings.checkpoint_steps);
  visit("snapshot_every", settings.snapshot_every);
  visit("snapshots", settings.snapshots);
}

// An optional field that holds nothing is no member.
template <typename Field>
void Put(internal::Json& json, const char* name, const Field& field) {
  json[name] = field;
}
void Put(internal::Json& json, const char* name, const std::optional<double>& field) {
  if (field) json[name] = *field;
}
template <typename Field>
void Take(const internal::Json& member, Field& field) {
  member.get_to(field);
}
void Take(const internal::Json& member, std::optional<double>& field) {
  field = member.get<double>();
}

}  // namespace

void Check(const TrainSettings& settings) {
  const auto at_least = [](const char* name, int64_t least, int64_t value) {
    if (value >= least) return;
    throw Error({.where = name, .rule = Concat("it is at least ", least), .received = std::to_string(value)});
  };
  at_least("epochs", 1, settings.epochs);
  at_least("batch_size", 1, settings.batch_size);
  at_least("warmup", 0, settings.warmup);
  at_least("early_stopping", 0, settings.early_stopping);
  at_least("reduce_on_plateau", 0, settings.reduce_on_plateau);
  at_least("checkpoint_steps", 0, settings.checkpoint_steps);
  at_least("snapshot_every", settings.snapshots.empty() ? 0 : 1, settings.snapshot_every);
}

std::span<const ScheduleForm> ScheduleForms() {
  static const ScheduleForm forms[] = {
      {"constant", {}},
      {"step", {{"steps", static_cast<double>(StepDecay{}.every_steps)}, {"factor", StepDecay{}.factor}}},
      {"exponential",
       {{"steps", static_cast<double>(ExponentialDecay{}.decay_steps)}, {"factor", ExponentialDecay{}.factor}}},
      {"cosine", {{"steps", static_cast<double>(CosineDecay{}.decay_steps)}, {"alpha", CosineDecay{}.alpha, true}}},
  };
  return forms;
}

Schedule ParseSchedule(const std::string& text, int64_t warmup_steps, const std::string& where) {
  const std::vector<std::string> parts = Split(text, ':');
  const auto count = [&](size_t least, size_t most) {
    if (parts.size() >= least && parts.size() <= most) return;
    throw Error({.where = where,
                 .rule = "a schedule is constant, step:STEPS:FACTOR, exponential:STEPS:FACTOR or cosine:STEPS[:ALPHA]",
                 .received = '"' + text + '"'});
  };
  Schedule schedule{.decay = ConstantRate{}, .warmup_steps = warmup_steps};
  if (parts[0] == "step") {
    count(3, 3);
    schedule.decay = StepDecay{ParseInteger(parts[1], where), ParseNumber(parts[2], where)};
  } else if (parts[0] == "exponential") {
    count(3, 3);
    schedule.decay =
        ExponentialDecay{.decay_steps = ParseInteger(parts[1], where), .factor = ParseNumber(parts[2], where)};
  } else if (parts[0] == "cosine") {
    count(2, 3);
    schedule.decay = CosineDecay{ParseInteger(parts[1], where), parts.size() > 2 ? ParseNumber(parts[2], where) : 0};
  } else {
    count(parts[0] == "constant" ? 1 : 0, parts[0] == "constant" ? 1 : 0);
  }
  Check(schedule);
  return schedule;
}

std::string SettingsJson(const TrainSettings& settings) {
  internal::Json json;
  EachField(settings, [&](const char* name, const auto& field) { Put(json, name, field); });
  return internal::JsonText(json);
}

TrainSettings ParseSettings(const std::string& json, const std::string& where) {
  TrainSettings settings;
  try {
    const auto object = internal::Json::parse(json);
    EachField(settings, [&](const char* name, auto& field) {
      if (object.contains(name)) Take(object.at(name), field);
    });
  } catch (const nlohmann::json::exception& error) {
    throw Error({.where = where, .rule = "the settings of a run are one JSON object", .received = error.what()});
  }
  return settings;
}

}  // namespace convscope
