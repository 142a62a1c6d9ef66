#include "convscope/tasks/train_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <exception>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/base/text.h"
#include "convscope/data/split.h"
#include "convscope/datasets/named_dataset.h"
#include "convscope/figures/render.h"
#include "convscope/formats/npy.h"
#include "convscope/formats/onnx.h"
#include "convscope/tasks/loss_choice.h"
#include "convscope/tasks/open_data.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/run_lock.h"
#include "convscope/tasks/run_snapshots.h"
#include "convscope/tasks/training_figures.h"
#include "convscope/train/fit.h"
#include "convscope/train/network_rules.h"

namespace convscope {
namespace {

constexpr int64_t kMostCheckpointBytes = int64_t{1} << 33;

void WriteBytes(const std::filesystem::path& path, std::string_view bytes) {
  WriteFileAtomically(path, std::array<std::string_view, 1>{bytes});
}

struct Parts {
  Dataset train;
  std::optional<Dataset> validation;
  Dataset test;
};

// What is learned from, what is watched meanwhile and what the result is measured on.
Parts SplitData(const OpenedData& opened, const TrainSettings& settings) {
  const std::string& choice = settings.validation;
  Parts parts{opened.data.train, std::nullopt, opened.data.test};
  if (choice == "none") return parts;
  if (choice == "test") {
    if (!parts.test.empty()) parts.validation = parts.test;
    return parts;
  }
  const double fraction = ParseNumber(choice, "validation");
  auto [train, validation] = Split(parts.train, {.fraction = fraction, .seed = settings.seed});
  if (train.empty() || validation.empty()) {
    throw Error({.where = "validation",
                 .rule = "a part of the training pictures is held back, and a part stays",
                 .received = Concat(choice, " of ", parts.train.size(), " pictures")});
  }
  parts.train = std::move(train);
  parts.validation = std::move(validation);
  return parts;
}

// Each class counts N / (classes * its pictures): on average a picture counts once.
std::vector<double> BalancedWeights(const Dataset& data) {
  const std::vector<int64_t> counts = data.ClassCounts();
  std::vector<double> weights;
  for (const int64_t count : counts) {
    weights.push_back(count == 0 ? 0
                                 : static_cast<double>(data.size()) /
                                       (static_cast<double>(counts.size()) * static_cast<double>(count)));
  }
  return weights;
}

// Data that have no name are, for a run that goes on, where they were.
OpenDataOptions DataOptionsOf(const TrainSettings& settings, const TrainRequest& request, const RunRecord* before) {
  const bool moved = before != nullptr && FindNamedDataset(settings.data) == nullptr;
  OpenDataOptions options{.source = moved ? before->data : settings.data, .test_fraction = settings.test_fraction};
  options.places.bundled = request.bundled;
  if (!settings.data_folder.empty()) {
    options.places.at_hand.insert(options.places.at_hand.begin(), settings.data_folder);
  }
  if (!settings.size.empty()) options.size = ParsePictureSize(settings.size, "size");
  options.colour = ColourOf(settings.grey, settings.rgb);
  options.progress = request.progress;
  return options;
}

// The network to train: a built-in one takes the pictures and classes that there are. A run that goes on takes the one
// in its folder, wherever the file that it was made of is now.
OpenedModel ModelToTrain(const TrainSettings& settings, const Dataset& train, const RunFolder* resumed,
                         const TellRemark& tell) {
  if (resumed != nullptr) return OpenModel(resumed->model().string());
  ModelChoice choice(settings.model, settings.weights);
  choice.shown_pictures = true;
  choice.tell = tell;
  OpenedModel opened = OpenModel(choice, {.seed = settings.seed,
                                          .architecture = {.input = train.shape(), .classes = train.classes()},
                                          .partial_weights = settings.partial_weights});
  opened.file.name = opened.bare_name;  // its weights are no file's any more
  return opened;
}

// Where labels are counted, a stray one makes classes that nothing shows.
void TellEmptyClasses(const Dataset& train, const TellRemark& tell) {
  constexpr size_t kMost = 5;
  const std::vector<int64_t> counts = train.ClassCounts();
  std::vector<std::string> empty;
  for (size_t c = 0; c < counts.size(); ++c) {
    if (counts[c] == 0) empty.push_back(train.class_names()[c]);
  }
  if (empty.empty() || !tell) return;
  const auto shown = std::span(empty).first(std::min(empty.size(), kMost));
  tell({ModelRemark::Kind::kAssumed,
        fmt::format("{} classes, of which {} have no training picture: {}{}", counts.size(), empty.size(),
                    fmt::join(shown, ", "), empty.size() > kMost ? ", ..." : "")});
}

std::string Absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

class Session {
 public:
  // `before`: the record of a run to go on with; null for a new one.
  Session(TrainSettings settings, const TrainRequest& request, const RunRecord* before)
      : settings_(std::move(settings)),
        request_(request),
        folder_{request.folder},
        opened_(OpenData(DataOptionsOf(settings_, request, before))),
        parts_(SplitData(opened_, settings_)),
        model_(ModelToTrain(settings_, parts_.train, before == nullptr ? nullptr : &folder_, request.tell)) {
    if (const std::string& remark = opened_.data.train.remark(); request.tell && !remark.empty()) {
      request.tell({ModelRemark::Kind::kAssumed, remark});
    }
    if (before == nullptr) TellEmptyClasses(parts_.train, request.tell);
    if (model_.network) model_.file.rules = RulesOf(*model_.network);
    CheckOutputFits(model_.file, Loss());
    // A run is resumed from whatever folder the user is in then.
    settings_.data_folder = Absolute(settings_.data_folder);
    record_.settings = settings_;
    record_.data = Absolute(opened_.location);
    record_.train_pictures = parts_.train.size();
    record_.test_pictures = parts_.test.size();
    for (const auto& [name, tensor] : model_.file.model.parameters()) record_.parameters += tensor->size();
    // Whatever classes the network was made for or trained on before, from now on it tells these apart.
    model_.file.class_names = parts_.train.class_names();
    // What was assumed of its pictures is so from now on, and they are cut as those of a folder were for this training.
    if (!model_.file.preprocessing) model_.file.preprocessing.emplace();
    model_.file.scaling_assumed = false;
    model_.file.preprocessing->fit = PictureFit::kCover;
    model_.file.preprocessing->crop = 1;
  }

  // `checkpoint`: to go on from; empty: begin.
  TrainOutcome Go(const std::string& checkpoint) {
    FitOptions options = Options();
    options.resume = checkpoint;
    if (!checkpoint.empty()) Remember(CheckpointHistory(checkpoint, folder_.checkpoint().string()));
    options.begin = [&] { Begin(checkpoint.empty()); };
    AddCallbacks(&options);
    try {
      return Finish(Fit(model_.file.model, model_.file.rules, parts_.train, options), options);
    } catch (const std::exception& error) {
      if (begun_) Fail(error.what());
      throw;
    }
  }

 private:
  int64_t EpochSteps() const { return (parts_.train.size() - 1) / settings_.batch_size + 1; }

  LossOp Loss() const {
    LossOp loss = ParseLoss(settings_.loss, "loss");
    loss.label_smoothing = settings_.label_smoothing;
    loss.from_logits = settings_.from_logits;
    return loss;
  }

  FitOptions Options() {
    FitOptions options{.optimizer = ParseOptimizer(settings_.optimizer),
                       .loss = Loss(),
                       .schedule = ParseSchedule(settings_.schedule, settings_.warmup, "schedule"),
                       .epochs = settings_.epochs,
                       .batch_size = settings_.batch_size,
                       .seed = settings_.seed,
                       .augmentation = {.shift = settings_.shift,
                                        .rotate = settings_.rotate,
                                        .zoom = settings_.zoom,
                                        .flip_horizontal = settings_.flip,
                                        .noise = settings_.noise},
                       .validation = parts_.validation,
                       .top = std::min<int64_t>(5, parts_.train.classes()),
                       .checkpoint_steps = settings_.checkpoint_steps,
                       .cancel = request_.cancel};
    if (model_.file.preprocessing) options.scaling = *model_.file.preprocessing;
    if (settings_.balance_classes) options.class_weights = BalancedWeights(parts_.train);
    options.save_checkpoint = [this](std::string_view bytes) {
      WriteBytes(folder_.checkpoint(), bytes);
      WriteState("running");
    };
    return options;
  }

  void AddCallbacks(FitOptions* options) {
    const bool validated = parts_.validation.has_value();
    const std::string monitor = validated ? "val_loss" : "loss";
    if (settings_.reduce_on_plateau > 0) {
      options->callbacks.push_back(ReduceOnPlateau{.monitor = monitor, .patience = settings_.reduce_on_plateau});
    }
    if (settings_.early_stopping > 0) {
      options->callbacks.push_back(
          EarlyStopping{.monitor = monitor, .patience = settings_.early_stopping, .restore_best_weights = true});
    }
    if (validated) {
      options->callbacks.push_back(BestCheckpoint{
          .monitor = monitor, .take = [this](const NamedTensors& best) { WriteModel(folder_.best(), best); }});
    }
    if (settings_.snapshot_every > 0 && !settings_.snapshots.empty()) {
      options->callbacks.push_back(TensorSnapshots{
          .tensors = SnapshotTensors(settings_, model_.file.model.graph()),
          .every = settings_.snapshot_every,
          .take = [this](const StepRecord& step, const NamedTensors& tensors) { SaveSnapshots(step, tensors); }});
    }
    options->callbacks.push_back(Observer{.after_step =
                                              [this](TrainingControl& control, const StepRecord& step) {
                                                record_.steps = step.step + 1;
                                                // The model of each checkpoint, so that after a power cut it is no
                                                // older than that.
                                                const int64_t every = settings_.checkpoint_steps;
                                                if (every > 0 && (step.step + 1) % every == 0)
                                                  WriteModel(folder_.model(), control.Parameters());
                                                if (request_.after_step) request_.after_step(step);
                                                if (request_.steer) request_.steer(control, step);
                                              },
                                          .after_epoch =
                                              [this](TrainingControl& control, const EpochRecord& epoch) {
                                                WriteModel(folder_.model(), control.Parameters());
                                                WriteBytes(folder_.history(), control.history().Csv());
                                                Remember(control.history());
                                                epoch_began_ = std::chrono::steady_clock::now();
                                                if (request_.after_epoch) request_.after_epoch(epoch);
                                              }});
  }

  // All has been checked. A network that cannot be saved is refused now, and not after its first epoch.
  void Begin(bool fresh) {
    made_when_missing_.emplace(folder_.path);
    if (fresh) lock_.emplace(folder_.path);
    if (fresh) WriteUntrained();
    if (settings_.snapshot_every > 0 && !settings_.snapshots.empty()) {
      std::filesystem::create_directories(folder_.snapshots());
    }
    WriteState("running");
    begun_ = true;
    epoch_began_ = std::chrono::steady_clock::now();
    Start(fresh);
  }

  void Remember(const History& history) {
    record_.epochs = static_cast<int64_t>(history.epochs.size());
    record_.steps = static_cast<int64_t>(history.step_losses.size());
    record_.seconds = 0;
    for (const EpochRecord& epoch : history.epochs) record_.seconds += epoch.seconds;
  }

  void Fail(const std::string& why) {
    try {
      WriteState("failed: " + why);
    } catch (const std::exception&) {
      // What went wrong first is what the user must hear of: a full disk takes no state either.
    }
  }

  void SaveSnapshots(const StepRecord& step, const NamedTensors& tensors) const {
    std::set<std::string> names;
    for (const auto& [name, tensor] : tensors) names.insert(name);
    for (const auto& [name, path] : SnapshotFiles(folder_.snapshots(), step.step, names)) {
      WriteNpy(*tensors.find(name)->second, path);
    }
  }

  void Start(bool fresh) const {
    if (!request_.started) return;
    TrainingStart start{.network = model_.file.name,
                        .data = opened_.name,
                        .train_pictures = parts_.train.size(),
                        .validation_pictures = parts_.validation ? parts_.validation->size() : 0,
                        .test_pictures = parts_.test.size(),
                        .steps = EpochSteps(),
                        .epochs = settings_.epochs,
                        .validates_on_test = parts_.validation.has_value() && settings_.validation == "test"};
    if (!fresh) start.epochs_done = record_.epochs;
    request_.started(start);
  }

  void WriteModel(const std::filesystem::path& path, NamedTensors parameters) const {
    ModelFile file = model_.file;
    file.model = Model(model_.file.model.graph(), std::move(parameters));
    file.notes.erase(kUntrainedNote);
    file.example.reset();  // of other weights
    file.source = fmt::format("trained on {} by convscope, seed {}", opened_.name, settings_.seed);
    WriteOnnx(file, path);
  }

  // What the training begins with, which is trained where another run left it.
  void WriteUntrained() const {
    ModelFile file = model_.file;
    if (!model_.trained) file.notes[kUntrainedNote] = fmt::format("random numbers of seed {}", settings_.seed);
    WriteOnnx(file, folder_.model());
  }

  void WriteState(const std::string& state) {
    record_.state = state;
    WriteRunRecord(folder_, record_);
  }

  TrainOutcome Finish(FitResult result, const FitOptions& options) {
    TrainOutcome outcome{
        .record = {}, .history = std::move(result.history), .test = {}, .interrupted = result.interrupted};
    WriteModel(folder_.model(), result.parameters);
    Remember(outcome.history);
    if (result.interrupted) {  // within an epoch, which the history has no seconds of
      record_.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - epoch_began_).count();
    }
    if (!outcome.history.step_losses.empty()) {
      Report(request_.progress, "drawing curves", 0);
      const std::string title = fmt::format("{} on {}", model_.file.name, opened_.name);
      Save(CurvesFigure(outcome.history, EpochSteps(), title), folder_.curves());
    }
    if (!result.interrupted && !parts_.test.empty()) {
      outcome.test = Evaluate(Model(model_.file.model.graph(), result.parameters), model_.file.rules, parts_.test,
                              {.loss = options.loss, .scaling = options.scaling, .progress = request_.progress});
      record_.test_loss = outcome.test.loss;
      record_.test_accuracy = outcome.test.accuracy();
      Save(ConfusionFigure(
               outcome.test.counts, parts_.test.class_names(),
               fmt::format("{} on {} test pictures of {}", model_.file.name, parts_.test.size(), opened_.name))
               .figure,
           folder_.confusion());
    }
    WriteState(result.interrupted ? "interrupted" : result.stopped.empty() ? "finished" : "stopped: " + result.stopped);
    outcome.record = record_;
    return outcome;
  }

  TrainSettings settings_;
  const TrainRequest& request_;
  RunFolder folder_;
  OpenedData opened_;
  Parts parts_;
  OpenedModel model_;
  RunRecord record_;
  std::optional<OutputFolder> made_when_missing_;
  std::optional<RunLock> lock_;  // of a new run; Resume holds that of another
  std::chrono::steady_clock::time_point epoch_began_;
  bool begun_ = false;  // then the folder holds a run
};

}  // namespace

TrainOutcome Train(const TrainRequest& request) {
  Check(request.settings);
  const RunFolder folder{request.folder};
  if (folder.HasRun()) {
    throw Error({.where = request.folder.string(),
                 .rule = "a run gets a folder of its own",
                 .received = "a folder that holds one",
                 .fix = "name another folder, or go on with --resume"});
  }
  return Session(request.settings, request, nullptr).Go("");
}

TrainOutcome Resume(const TrainRequest& request) {
  const RunFolder folder{request.folder};
  const RunLock lock(folder.path);
  const RunRecord record = ReadRunRecord(folder);
  if (!std::filesystem::exists(folder.checkpoint())) {
    throw Error({.where = request.folder.string(),
                 .rule = "a run goes on from its checkpoint",
                 .received = "none yet",
                 .fix = "remove the folder and train again"});
  }
  const std::string checkpoint = ReadFile(folder.checkpoint(), kMostCheckpointBytes);
  TrainSettings settings = record.settings;
  Check(settings);
  if (request.resumed_epochs > 0) {
    const size_t done = CheckpointHistory(checkpoint, folder.checkpoint().string()).epochs.size();
    if (static_cast<size_t>(request.resumed_epochs) < done) {
      throw Error({.where = request.folder.string(),
                   .rule = fmt::format("a run that goes on ends after the {} epochs that it has done, or later", done),
                   .received = fmt::format("{} epochs in all", request.resumed_epochs)});
    }
    settings.epochs = request.resumed_epochs;
  }
  return Session(std::move(settings), request, &record).Go(checkpoint);
}

}  // namespace convscope
