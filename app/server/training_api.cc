#include "app/server/training_api.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "app/server/json_body.h"
#include "app/server/run_names.h"
#include "convscope/base/text.h"
#include "convscope/datasets/named_dataset.h"
#include "convscope/nn/architectures.h"
#include "convscope/tasks/check_layers.h"
#include "convscope/tasks/curves_view.h"
#include "convscope/tasks/evaluate_model.h"
#include "convscope/tasks/learning_view.h"
#include "convscope/tasks/list_runs.h"
#include "convscope/tasks/run_folder.h"
#include "convscope/tasks/train_choices.h"

namespace convscope::server {
namespace {

constexpr int64_t kMostTrainingBytes = int64_t{12} << 30;
constexpr size_t kMostRuns = 16;  // that are compared

const NamedDataset& DatasetNamed(const std::string& name) {
  const NamedDataset* const dataset = FindNamedDataset(name);
  if (dataset != nullptr) return *dataset;
  throw Error({.where = "data", .rule = "a data set of /api/train/choices", .received = name.substr(0, 80)});
}

// A network for a data set: a built-in one's name, or layers.
struct NetworkRequest {
  std::string model;
  LayerList list;  // its layers empty: built-in
};

NetworkRequest ReadNetwork(const Json& body) {
  NetworkRequest request;
  Read(body, "model", request.model);
  std::string data;
  Read(body, "data", data);
  const NamedDataset& dataset = DatasetNamed(data);
  request.list.picture = dataset.shape;
  request.list.classes = static_cast<int64_t>(dataset.class_names.size());
  if (const auto layers = body.find("layers"); layers != body.end()) {
    request.list.layers = layers->dump(-1, ' ', false, Json::error_handler_t::replace);
  } else if (FindArchitecture(request.model) == nullptr) {
    throw Error({.where = "model",
                 .rule = "a network of /api/train/choices, or layers",
                 .received = request.model.substr(0, 80),
                 .fix = DidYouMean(request.model, ArchitectureNames())});
  }
  return request;
}

LayerCheck Check(const NetworkRequest& request) {
  return request.list.layers.empty() ? CheckArchitecture(request.model, request.list.picture, request.list.classes)
                                     : CheckLayers(request.list);
}

// Used by the worker alone; what a training does in its own thread is Training's business.
class TrainingApi {
 public:
  TrainingApi(std::shared_ptr<Training> training, std::filesystem::path runs, DataPlaces places)
      : training_(std::move(training)), runs_(std::move(runs)), places_(std::move(places)) {}

  HttpAnswer State() const {
    auto [state, history] = training_->State();
    return {.type = "application/octet-stream",
            .body = CurvesViewBytes(std::vector<NamedHistory>{{"", std::move(history)}}, state)};
  }

  HttpAnswer Choices() const { return {.body = TrainChoicesJson(places_)}; }

  HttpAnswer CheckNetwork(const HttpRequest& http) const {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"model", "data", "layers"});
    const NetworkRequest request = ReadNetwork(body);
    const LayerCheck check = Check(request);
    Json answer = Json::parse(LayerCheckJson(check));
    if (request.list.layers.empty() && !check.wrong) {
      const std::string text =
          LayersText(MakeArchitecture(request.model, {.input = request.list.picture, .classes = request.list.classes}));
      if (!text.empty()) answer["text"] = Json::parse(text);
    }
    return {.body = answer.dump()};
  }

  HttpAnswer Start(const HttpRequest& http) {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"run", "settings", "layers"});
    const auto settings = body.find("settings");
    if (settings == body.end())
      throw Error({.where = "request", .rule = "a training has settings", .received = "none"});
    // Those of TrainSettings that name no file.
    CheckMembers(*settings, "settings",
                 {"model",
                  "data",
                  "epochs",
                  "batch_size",
                  "seed",
                  "optimizer",
                  "schedule",
                  "warmup",
                  "loss",
                  "from_logits",
                  "validation",
                  "shift",
                  "rotate",
                  "zoom",
                  "noise",
                  "flip",
                  "balance_classes",
                  "label_smoothing",
                  "early_stopping",
                  "reduce_on_plateau",
                  "snapshots",
                  "snapshot_every",
                  "checkpoint_steps"});
    Training::Order order = NewOrder(body);
    order.settings = ParseSettings(settings->dump(-1, ' ', false, Json::error_handler_t::replace), "settings");
    convscope::Check(order.settings);
    Json network = *settings;
    if (const auto layers = body.find("layers"); layers != body.end()) network["layers"] = *layers;
    const NetworkRequest request = ReadNetwork(network);
    const LayerCheck check = Check(request);
    if (check.wrong) throw Error(*check.wrong);
    // A batch has no more pictures than there are.
    const int64_t batch = std::min(order.settings.batch_size, DatasetNamed(order.settings.data).train);
    if (const int64_t bytes = TrainingBytes(check, batch); bytes > kMostTrainingBytes) {
      throw Error({.where = "batch_size",
                   .rule = Concat("a training takes at most ", kMostTrainingBytes >> 30, " GiB here"),
                   .received = Concat(bytes >> 30, " GiB"),
                   .fix = "take fewer pictures a step, or a smaller network"});
    }
    if (!request.list.layers.empty()) {
      order.network = KerasModelText(request.list, request.model.empty() ? "network" : request.model);
    }
    return Begin(std::move(order), http);
  }

  HttpAnswer Resume(const HttpRequest& http) {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"run", "epochs"});
    Training::Order order = NewOrder(body);
    CheckData(CheckRun(order.run));
    Read(body, "epochs", order.epochs);
    order.resumes = true;
    return Begin(std::move(order), http);
  }

  HttpAnswer Steer(const HttpRequest& http) {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"do"});
    std::string what;
    Read(body, "do", what);
    return OrNotNow([&] {
      if (what == "pause") {
        training_->Pause();
      } else if (what == "step") {
        training_->Step();
      } else if (what == "continue") {
        training_->Continue();
      } else if (what == "stop") {
        training_->Stop();
      } else {
        throw Error({.where = "do", .rule = "pause, step, continue or stop", .received = what.substr(0, 80)});
      }
      return HttpAnswer{.body = "{}"};
    });
  }

  HttpAnswer Look(const HttpRequest& http) {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"run", "step", "layer", "sample"});
    std::string run;
    Read(body, "run", run);
    const RunFolder folder = CheckRun(run);
    CheckData(folder);
    LearningLook look;
    Read(body, "layer", look.layer);
    Read(body, "sample", look.sample);
    const LearningView& view = ViewOf(run, folder, http.progress);
    std::shared_ptr<const LearningMoment> live;
    LearningMoment kept;
    std::optional<int64_t> step;
    Read(body, "step", step);
    if (step) {
      kept = view.Snapshot(*step);
    } else {
      if (run == training_->run()) live = training_->Look(view.KernelOf(look));
      if (!live) kept = view.Latest();
    }
    return {.type = "application/octet-stream", .body = view.Bytes(live ? *live : kept, look)};
  }

  HttpAnswer Runs() const {
    RunList list;
    std::error_code failure;
    if (std::filesystem::is_directory(runs_, failure)) list = ListRuns(runs_);
    std::erase_if(list.runs, [](const ListedRun& run) { return !IsRunName(run.name); });
    return {.body = RunsJson(list)};
  }

  HttpAnswer Curves(const HttpRequest& http) const {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"runs"});
    std::vector<std::string> runs;
    Read(body, "runs", runs, kMostRuns);
    std::vector<NamedHistory> histories;
    for (const std::string& run : runs) {
      const RunFolder folder = CheckRun(run);
      std::error_code failure;
      const bool learned = std::filesystem::exists(folder.checkpoint(), failure);  // else it has just begun
      histories.push_back({run, learned ? ReadRunHistory(folder) : History{}});
    }
    return {.type = "application/octet-stream", .body = CurvesViewBytes(histories, "")};
  }

  HttpAnswer Evaluate(const HttpRequest& http) const {
    const Json body = ParseBody(http.body);
    CheckMembers(body, "request", {"run"});
    std::string run;
    Read(body, "run", run);
    const RunFolder folder = CheckRun(run);
    OpenDataOptions data{.source = CheckData(folder), .progress = http.progress};
    data.places = places_;
    return {.body = EvaluateJson(EvaluateModel({.model = folder.path.string(), .data = data}))};
  }

 private:
  // A run of the folder; not a link, which may lead out of it.
  std::filesystem::path FolderOf(const std::string& run) const {
    std::error_code failure;
    const std::filesystem::path folder = runs_ / run;
    if (IsRunName(run) && !std::filesystem::is_symlink(folder, failure)) return folder;
    throw Error(
        {.where = "run",
         .rule = "a run's name is a word of at most 64 letters, digits, '.', '_' and '-', and a folder of its own",
         .received = run.substr(0, 80)});
  }

  RunFolder CheckRun(const std::string& run) const {
    const RunFolder folder{FolderOf(run)};
    if (folder.HasRun()) return folder;
    throw Error({.where = "run", .rule = "a run of /api/runs", .received = run});
  }

  // The data set of a run; one of a path is for the command line.
  static std::string CheckData(const RunFolder& folder) {
    return DatasetNamed(ReadRunRecord(folder).settings.data).name;
  }

  Training::Order NewOrder(const Json& body) const {
    Training::Order order;
    Read(body, "run", order.run);
    order.folder = FolderOf(order.run);
    order.bundled = places_.bundled;
    return order;
  }

  HttpAnswer Begin(Training::Order order, const HttpRequest& http) {
    view_.reset();
    return OrNotNow([&] {
      training_->Begin(std::move(order), http.progress);
      return HttpAnswer{.body = "{}"};
    });
  }

  template <typename Make>
  static HttpAnswer OrNotNow(const Make& make) {
    try {
      return make();
    } catch (const NotNow& error) {
      return ErrorAnswer(409, error.parts());
    }
  }

  const LearningView& ViewOf(const std::string& run, const RunFolder& folder, const Progress& progress) {
    if (!view_ || viewed_ != run) {
      view_.reset();
      viewed_ = run;
      view_.emplace(folder, places_.bundled, progress);
    }
    return *view_;
  }

  const std::shared_ptr<Training> training_;
  const std::filesystem::path runs_;
  const DataPlaces places_;
  std::optional<LearningView> view_;  // of the run that was looked at last
  std::string viewed_;
};

}  // namespace

std::vector<HttpRoute> TrainingRoutes(std::shared_ptr<Training> training, const std::filesystem::path& runs,
                                      const DataPlaces& places) {
  const auto api = std::make_shared<TrainingApi>(std::move(training), runs, places);
  using R = const HttpRequest&;
  return {
      {"GET", "/api/train", true, [=](R) { return api->State(); }},
      {"GET", "/api/train/choices", true, [=](R) { return api->Choices(); }},
      {"POST", "/api/train/check", true, [=](R r) { return api->CheckNetwork(r); }, kMostJsonBytes},
      {"POST", "/api/train/start", true, [=](R r) { return api->Start(r); }, kMostJsonBytes},
      {"POST", "/api/train/resume", true, [=](R r) { return api->Resume(r); }, kMostJsonBytes},
      {"POST", "/api/train/steer", false, [=](R r) { return api->Steer(r); }, kMostJsonBytes},
      {"POST", "/api/train/look", true, [=](R r) { return api->Look(r); }, kMostJsonBytes},
      {"GET", "/api/runs", true, [=](R) { return api->Runs(); }},
      {"POST", "/api/runs/curves", true, [=](R r) { return api->Curves(r); }, kMostJsonBytes},
      {"POST", "/api/runs/evaluate", true, [=](R r) { return api->Evaluate(r); }, kMostJsonBytes},
  };
}

}  // namespace convscope::server
