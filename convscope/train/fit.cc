#include "convscope/train/fit.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/train/classifier_batch.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/internal/fit_identity.h"
#include "convscope/train/tensor_archive.h"
#include "convscope/train/training_step.h"

namespace convscope {
namespace {

// Prefixes of names in a checkpoint.
constexpr std::string_view kParameters = "parameter/";
constexpr std::string_view kOptimizer = "optimizer/";
constexpr std::string_view kHistory = "history/";
constexpr char kAnother[] = "resume with the network, data and options that the checkpoint was saved with";

// The tensors whose names begin with `prefix`, without it.
NamedTensors Part(const NamedTensors& tensors, std::string_view prefix) {
  NamedTensors part;
  for (auto i = tensors.lower_bound(prefix); i != tensors.end() && i->first.starts_with(prefix); ++i) {
    part[i->first.substr(prefix.size())] = i->second;
  }
  return part;
}

void Put(NamedTensors& tensors, std::string_view prefix, NamedTensors part) {
  for (auto& [name, tensor] : part) tensors[Concat(prefix, name)] = std::move(tensor);
}

const Tensor& Need(const NamedTensors& tensors, const std::string& name, DType dtype, int64_t size) {
  const auto found = tensors.find(name);
  if (found != tensors.end() && found->second->dtype() == dtype && (size < 0 || found->second->size() == size)) {
    return *found->second;
  }
  throw Error({.where = "checkpoint",
               .rule = Concat("it holds ", name),
               .received = found == tensors.end() ? "none of this name" : found->second->shape().ToString(),
               .fix = kAnother});
}

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void CheckWeights(const char* what, const std::vector<double>& weights, int64_t count) {
  if (weights.empty()) return;
  if (static_cast<int64_t>(weights.size()) != count) {
    throw Error({.where = "training",
                 .rule = Concat("there is one ", what, " weight for each of ", count),
                 .received = Concat(weights.size(), " weights")});
  }
  for (const double weight : weights) {
    if (weight >= 0 && std::isfinite(weight)) continue;
    throw Error({.where = "training",
                 .rule = Concat("a ", what, " weight is 0 or more, and finite"),
                 .received = ShortestText(weight)});
  }
}

TrainingGoal GoalOf(const TrainingRules& rules, const FitOptions& options) {
  return {.loss = options.loss, .rules = rules};
}

class Fitting : public TrainingControl {
 public:
  Fitting(const Model& model, const TrainingRules& rules, const Dataset& data, const FitOptions& options)
      : options_(options),
        classes_(CheckClassifier(model.graph(), GoalOf(rules, options), data)),
        step_(model.graph(), GoalOf(rules, options), model.parameters(), options.optimizer),
        batches_(data, {.batch_size = options.batch_size,
                        .shuffle = options.shuffle,
                        .seed = options.seed,
                        .scaling = options.scaling,
                        .augmentation = options.augmentation}),
        counts_(classes_, options.top) {
    CheckLossFits(model.graph(), GoalOf(rules, options));
    Check(options.schedule);
    CheckWeights("class", options.class_weights, data.classes());
    CheckWeights("sample", options.sample_weights, data.size());
    if (options.epochs < 0 || options.checkpoint_steps < 0) {
      throw Error({.where = "training",
                   .rule = "epochs and checkpoint_steps must be 0 or more",
                   .received = Concat(options.epochs, " and ", options.checkpoint_steps)});
    }
    if (options.validation) {
      CheckClassifier(model.graph(), GoalOf(rules, options), *options.validation);
      validation_.emplace(*options.validation,
                          BatchOptions{.batch_size = options.batch_size, .shuffle = false, .scaling = options.scaling});
    }
    for (const CallbackPtr& callback : options.callbacks) callback->Restore({});
    if (!options.resume.empty()) Restore();
  }

  FitResult Run() {
    // So that no step allocates; a training of more steps than any is likely to have is given the rest as it comes.
    constexpr int64_t kMostReserved = int64_t{1} << 22;
    const int64_t epochs = std::min(options_.epochs, kMostReserved / batches_.per_epoch() + 1);
    const auto steps = static_cast<size_t>(std::min(kMostReserved, epochs * batches_.per_epoch()));
    history_.step_losses.reserve(steps);
    history_.step_accuracies.reserve(steps);
    for (const CallbackPtr& callback : options_.callbacks) callback->Begin(*this);
    if (options_.begin) options_.begin();
    const bool epoch_done = batch_ == batches_.per_epoch();  // but for its validation
    batches_.Seek(epoch_done ? epoch_ + 1 : epoch_, epoch_done ? 0 : batch_);
    while (epoch_ < options_.epochs && stopped_.empty() && !interrupted_) RunEpoch();
    FitResult result{.interrupted = interrupted_, .stopped = stopped_};
    if (!interrupted_) {
      for (const CallbackPtr& callback : options_.callbacks) callback->End(*this);
    }
    result.parameters = step_.Parameters();
    result.history = std::move(history_);
    return result;
  }

  const History& history() const override { return history_; }
  NamedTensors Parameters() const override { return step_.Parameters(); }
  void SetParameters(const NamedTensors& parameters) override { step_.SetParameters(parameters); }
  double learning_rate() const override { return learning_rate_; }
  double learning_rate_factor() const override { return rate_factor_; }
  void SetLearningRateFactor(double factor) override { rate_factor_ = factor; }
  void Stop(const std::string& why) override { stopped_ = why; }
  void SaveTo(std::function<void(std::string_view)> save) override { saves_.push_back(std::move(save)); }

  void Watch(const std::vector<std::string>& tensors, int64_t every) override {
    watched_.insert(watched_.end(), tensors.begin(), tensors.end());
    watch_every_.push_back(every);
    WatchAll();
  }

  void WatchNext(const std::vector<std::string>& tensors) override {
    // Another list makes another graph; the same one costs nothing.
    if (tensors != watched_next_) {
      const std::vector<std::string> before = std::exchange(watched_next_, tensors);
      try {
        WatchAll();
      } catch (const Error&) {
        watched_next_ = before;
        throw;
      }
    }
    watch_next_ = true;
  }

  NamedTensors Watched() const override { return watching_ ? step_.Watched() : NamedTensors(); }

 private:
  void WatchAll() {
    std::vector<std::string> all = watched_;
    all.insert(all.end(), watched_next_.begin(), watched_next_.end());
    step_.Watch(all);
  }

  bool Cancelled() const { return options_.cancel != nullptr && *options_.cancel; }

  void RunEpoch() {
    const auto start = std::chrono::steady_clock::now();
    while (batch_ < batches_.per_epoch() && stopped_.empty()) {
      RunStep();
      if (Cancelled()) return Interrupt();
    }
    // A callback that stopped the training within an epoch leaves that epoch without a record.
    if (batch_ < batches_.per_epoch()) return Save(options_.save_checkpoint);
    EpochRecord record{.epoch = epoch_ + 1,
                       .loss = loss_sum_ / static_cast<double>(std::max<int64_t>(1, samples_)),
                       .accuracy = static_cast<double>(hits_.correct) / static_cast<double>(samples_),
                       .top_accuracy = static_cast<double>(hits_.top_correct) / static_cast<double>(samples_),
                       .learning_rate = learning_rate_};
    if (validation_) {
      const Evaluation measured = Evaluate(step_, *validation_, classes_, options_.top, options_.cancel);
      if (Cancelled()) return Interrupt();
      record.has_validation = true;
      record.val_loss = measured.loss;
      record.val_accuracy = measured.counts.Accuracy();
      record.val_top_accuracy = measured.counts.TopAccuracy();
    }
    record.seconds = SecondsSince(start);
    history_.epochs.push_back(record);
    ++epoch_;
    batch_ = 0;
    samples_ = 0;
    loss_sum_ = 0;
    hits_ = {};
    for (const CallbackPtr& callback : options_.callbacks) callback->AfterEpoch(*this, record);
    SaveAsAsked();
    Save(options_.save_checkpoint);
  }

  void RunStep() {
    const Batch& batch = batches_.Next();
    const auto count = static_cast<int64_t>(batch.labels.size());
    const TrainingStep::Inputs inputs = step_.LearningInputs(count);
    std::memcpy(inputs.pictures.bytes(), batch.images.data(), static_cast<size_t>(inputs.pictures.SizeInBytes()));
    FillTarget(batch.labels, inputs.target);
    for (size_t i = 0; i < batch.labels.size(); ++i) {
      double weight = 1;
      if (!options_.class_weights.empty()) weight *= options_.class_weights[static_cast<size_t>(batch.labels[i])];
      if (!options_.sample_weights.empty()) weight *= options_.sample_weights[static_cast<size_t>(batch.samples[i])];
      inputs.weights[i] = weight;
    }
    const auto watched = [&](int64_t every) { return steps_ % every == 0; };
    watching_ = std::any_of(watch_every_.begin(), watch_every_.end(), watched);
    if (std::exchange(watch_next_, false)) watching_ = true;
    learning_rate_ = LearningRate(options_.optimizer) * Factor(options_.schedule, steps_) * rate_factor_;
    const TrainingStep::Place place{
        .seed = options_.seed, .epoch = epoch_, .first_sample = batch_ * options_.batch_size};
    try {
      const TrainingStep::Result result =
          watching_ ? step_.LearnWatching(count, place, learning_rate_) : step_.Learn(count, place, learning_rate_);
      TakeDown(result, batch, count);
    } catch (const Error& error) {
      throw error.At(Concat("epoch ", epoch_ + 1, ", step ", batch_ + 1, " of ", batches_.per_epoch()));
    }
  }

  void TakeDown(const TrainingStep::Result& result, const Batch& batch, int64_t count) {
    const Hits hits = counts_.Add(result.scores.view(), batch.labels, Threshold(result.from_logits));
    loss_sum_ += result.loss * static_cast<double>(count);
    samples_ += count;
    hits_.correct += hits.correct;
    hits_.top_correct += hits.top_correct;
    const double accuracy = static_cast<double>(hits.correct) / static_cast<double>(count);
    history_.step_losses.push_back(static_cast<float>(result.loss));
    history_.step_accuracies.push_back(static_cast<float>(accuracy));
    const StepRecord record{.step = steps_,
                            .epoch = epoch_,
                            .batch = batch_,
                            .batches = batches_.per_epoch(),
                            .loss = result.loss,
                            .accuracy = accuracy,
                            .mean_loss = loss_sum_ / static_cast<double>(samples_),
                            .mean_accuracy = static_cast<double>(hits_.correct) / static_cast<double>(samples_),
                            .learning_rate = learning_rate_};
    ++steps_;
    ++batch_;
    for (const CallbackPtr& callback : options_.callbacks) callback->AfterStep(*this, record);
    SaveAsAsked();
    if (options_.checkpoint_steps > 0 && steps_ % options_.checkpoint_steps == 0) Save(options_.save_checkpoint);
  }

  void Interrupt() {
    interrupted_ = true;
    Save(options_.save_checkpoint);
  }

  void SaveAsAsked() {
    for (const auto& save : std::exchange(saves_, {})) Save(save);
  }

  void Save(const std::function<void(std::string_view)>& save) {
    if (save) save(Checkpoint());
  }

  static std::string CallbackPrefix(size_t i, const Callback& callback) {
    return Concat("callback/", i, "/", callback.name(), "/");
  }

  // Made when it is first asked for: it reads all pictures.
  const std::string& Identity() const {
    if (identity_.empty()) {
      identity_ = internal::FitIdentity(step_.network(), step_.goal().rules, batches_.data(), options_);
    }
    return identity_;
  }

  std::string Checkpoint() const {
    NamedTensors all;
    Put(all, kParameters, step_.Parameters());
    for (const auto& [name, state] : step_.updater().states()) {
      all[Concat(kOptimizer, name)] = Share(state.Clone());
    }
    Put(all, kHistory, history_.ToTensors());
    for (size_t i = 0; i < options_.callbacks.size(); ++i) {
      Put(all, CallbackPrefix(i, *options_.callbacks[i]), options_.callbacks[i]->State());
    }
    const int64_t counts[] = {epoch_,   batch_,        steps_,           step_.updater().steps(),
                              samples_, hits_.correct, hits_.top_correct};
    Tensor position(Shape{static_cast<int64_t>(std::size(counts))}, DType::kInt64);
    std::copy(std::begin(counts), std::end(counts), position.data<int64_t>());
    all["position"] = Share(std::move(position));
    Tensor sums(Shape{3}, DType::kFloat64);
    sums.data<double>()[0] = loss_sum_;
    sums.data<double>()[1] = rate_factor_;
    sums.data<double>()[2] = learning_rate_;
    all["sums"] = Share(std::move(sums));
    all["identity"] = TextTensor(Identity());
    all["stopped"] = TextTensor(stopped_);
    return TensorsToBytes(all);
  }

  // Of another network the checkpoint's parameters tell best what is another.
  void CheckParameters(const NamedTensors& saved) const {
    for (const GraphTensor& tensor : step_.network().tensors()) {
      if (tensor.role != TensorRole::kParameter) continue;
      const auto found = saved.find(tensor.name);
      if (found != saved.end() && found->second->shape() == tensor.type.shape) continue;
      throw Error({.where = "checkpoint",
                   .rule = Concat("the network of this training has ", tensor.name, " ", tensor.type.shape.ToString()),
                   .received = found == saved.end() ? "a checkpoint of another network, without it"
                                                    : Concat("a checkpoint of another network, where it is ",
                                                             found->second->shape().ToString()),
                   .fix = kAnother});
    }
  }

  void Restore() {
    const NamedTensors all = TensorsFromBytes(options_.resume, "checkpoint");
    CheckParameters(Part(all, kParameters));
    internal::CheckIdentity(TextOf(Need(all, "identity", DType::kUInt8, -1)), Identity());
    const int64_t* counts = Need(all, "position", DType::kInt64, 7).data<int64_t>();
    if (*std::min_element(counts, counts + 7) < 0 || counts[1] > batches_.per_epoch()) {
      throw Error({.where = "checkpoint", .rule = "its position is one of this training", .received = "another"});
    }
    const double* sums = Need(all, "sums", DType::kFloat64, 3).data<double>();
    try {
      step_.SetParameters(Part(all, kParameters));
      step_.RestoreUpdater(counts[3], Part(all, kOptimizer));
      history_ = History::FromTensors(Part(all, kHistory));
    } catch (const Error& error) {
      throw error.At("checkpoint");
    }
    epoch_ = counts[0];
    batch_ = counts[1];
    steps_ = counts[2];
    samples_ = counts[4];
    hits_ = {.correct = counts[5], .top_correct = counts[6]};
    loss_sum_ = sums[0];
    rate_factor_ = sums[1];
    learning_rate_ = sums[2];
    stopped_ = TextOf(Need(all, "stopped", DType::kUInt8, -1));
    for (size_t i = 0; i < options_.callbacks.size(); ++i) {
      options_.callbacks[i]->Restore(Part(all, CallbackPrefix(i, *options_.callbacks[i])));
    }
  }

  const FitOptions& options_;
  int64_t classes_;
  TrainingStep step_;
  Batches batches_;
  std::optional<Batches> validation_;

  // Where it is: the step that comes next.
  int64_t epoch_ = 0, batch_ = 0, steps_ = 0;
  // Of the epoch so far.
  int64_t samples_ = 0;
  double loss_sum_ = 0;
  Hits hits_;

  ClassificationCounts counts_;  // of all steps; only what it returns for each is read
  double rate_factor_ = 1, learning_rate_ = 0;
  History history_;
  mutable std::string identity_;
  std::string stopped_;
  bool interrupted_ = false;
  std::vector<std::string> watched_;
  std::vector<int64_t> watch_every_;
  std::vector<std::string> watched_next_;
  bool watch_next_ = false;  // in the step that comes
  bool watching_ = false;
  std::vector<std::function<void(std::string_view)>> saves_;
};

}  // namespace

FitResult Fit(const Model& model, const TrainingRules& rules, const Dataset& data, const FitOptions& options) {
  return Fitting(model, rules, data, options).Run();
}

NamedTensors CheckpointParameters(std::string_view checkpoint, const std::string& where) {
  return Part(TensorsFromBytes(checkpoint, where), kParameters);
}

History CheckpointHistory(std::string_view checkpoint, const std::string& where) {
  return History::FromTensors(Part(TensorsFromBytes(checkpoint, where), kHistory));
}

}  // namespace convscope
