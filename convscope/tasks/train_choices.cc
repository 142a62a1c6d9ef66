#include "convscope/tasks/train_choices.h"

#include <utility>
#include <variant>

#include "convscope/formats/keras_json.h"
#include "convscope/graph/loss_operation.h"
#include "convscope/nn/architectures.h"
#include "convscope/nn/layer_kinds.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/train_settings.h"
#include "convscope/train/optimizer.h"

namespace convscope {
namespace {

using internal::Json;

Json DatasetsJson(const DataPlaces& places) {
  Json list = Json::array();
  for (const NamedDataset& dataset : NamedDatasets()) {
    if (!FindDataset(dataset, places)) continue;
    const auto lengths = dataset.shape.lengths();
    list.push_back({{"name", dataset.name},
                    {"title", dataset.title},
                    {"shape", std::vector<int64_t>(lengths.begin(), lengths.end())},
                    {"train", dataset.train},
                    {"test", dataset.test},
                    {"classes", dataset.class_names}});
  }
  return list;
}

Json OptimizersJson() {
  Json list = Json::array();
  for (const std::string& name : OptimizerNames()) {
    Json settings = Json::array();
    for (const Attribute& attribute : Attributes(MakeOptimizer(name))) {
      Json standard = std::visit([](const auto& value) { return Json(value); }, attribute.value);
      settings.push_back({{"name", attribute.name}, {"standard", std::move(standard)}});
    }
    list.push_back({{"name", name}, {"settings", std::move(settings)}});
  }
  return list;
}

Json SchedulesJson() {
  Json list = Json::array();
  for (const ScheduleForm& form : ScheduleForms()) {
    Json settings = Json::array();
    for (const ScheduleForm::Setting& setting : form.settings) {
      settings.push_back({{"name", setting.name}, {"standard", setting.standard}});
    }
    list.push_back({{"name", form.name}, {"settings", std::move(settings)}});
  }
  return list;
}

Json LossesJson() {
  Json list = Json::array();
  for (const std::string& name : LossNames()) {
    Json settings = Json::array();
    if (name == Name(LossKind::kHuber)) settings.push_back({{"name", "delta"}, {"standard", LossOp{}.delta}});
    list.push_back({{"name", name}, {"settings", std::move(settings)}});
  }
  return list;
}

}  // namespace

std::string TrainChoicesJson(const DataPlaces& places) {
  Json architectures = Json::array(), layers = Json::array();
  for (const Architecture& architecture : Architectures()) {
    if (!architecture.tells_classes) continue;
    architectures.push_back({{"name", architecture.name}, {"description", architecture.description}});
  }
  for (const LayerKind& kind : LayerKinds()) {
    layers.push_back({{"name", kind.name}, {"arguments", Json::parse(ConfigJson(kind.defaults))}});
  }
  return internal::JsonText({{"datasets", DatasetsJson(places)},
                             {"architectures", std::move(architectures)},
                             {"layers", std::move(layers)},
                             {"optimizers", OptimizersJson()},
                             {"schedules", SchedulesJson()},
                             {"losses", LossesJson()},
                             {"settings", Json::parse(SettingsJson(TrainSettings{}))}});
}

}  // namespace convscope
