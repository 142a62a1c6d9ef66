#include "convscope/train/callbacks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

void CheckMonitor(std::string_view callback, const std::string& monitor) {
  try {
    History::Value({.has_validation = true}, monitor);
  } catch (const Error& error) {
    throw error.At(std::string(callback));
  }
}

void CheckAtLeast(std::string_view callback, const char* name, double number, double least) {
  if (number >= least) return;
  throw Error({.where = std::string(callback),
               .rule = Concat(name, " must be at least ", least),
               .received = ShortestText(number)});
}

// The best value so far, and what it takes to be better.
class Best {
 public:
  Best(const std::string& monitor, double min_delta) : sign_(IsMoreBetter(monitor) ? -1 : 1), min_delta_(min_delta) {}

  // What is no number is never better, not even than nothing.
  bool Improves(double value) const {
    return !std::isnan(value) && (!known_ || sign_ * value < sign_ * best_ - min_delta_);
  }
  void Set(double value) {
    best_ = value;
    known_ = true;
  }
  // The numbers that a checkpoint keeps.
  double value() const { return best_; }
  bool known() const { return known_; }
  void Forget() { known_ = false; }

 private:
  double sign_, min_delta_;
  double best_ = 0;
  bool known_ = false;
};

// Numbers by name as scalars in double, which hold counts exactly.
NamedTensors Numbers(const std::map<std::string, double>& numbers) {
  NamedTensors tensors;
  for (const auto& [name, number] : numbers) {
    Tensor tensor(Shape{}, DType::kFloat64);
    tensor.data<double>()[0] = number;
    tensors[name] = Share(std::move(tensor));
  }
  return tensors;
}

double Number(const NamedTensors& tensors, std::string_view callback, const std::string& name) {
  const auto found = tensors.find(name);
  if (found == tensors.end() || found->second->size() != 1) {
    throw Error({.where = Concat("checkpoint of ", callback),
                 .rule = Concat("it holds a number ", name),
                 .received = "none",
                 .fix = "resume with the callbacks that the checkpoint was saved with"});
  }
  return found->second->data<double>()[0];
}

constexpr char kBestPrefix[] = "best_weights/";

class EarlyStoppingCallback : public Callback {
 public:
  explicit EarlyStoppingCallback(EarlyStopping options)
      : options_(std::move(options)), best_(options_.monitor, options_.min_delta) {
    CheckMonitor(name(), options_.monitor);
    CheckAtLeast(name(), "patience", static_cast<double>(options_.patience), 0);
    CheckAtLeast(name(), "min_delta", options_.min_delta, 0);
  }

  std::string_view name() const override { return "early_stopping"; }

  void AfterEpoch(TrainingControl& training, const EpochRecord& record) override {
    const double value = History::Value(record, options_.monitor);
    if (options_.restore_best_weights && best_weights_.empty()) best_weights_ = training.Parameters();
    ++waited_;
    if (best_.Improves(value)) {
      best_.Set(value);
      if (options_.restore_best_weights) best_weights_ = training.Parameters();
      waited_ = 0;
      return;
    }
    if (waited_ < options_.patience || record.epoch <= 1) return;
    training.Stop(Concat(options_.monitor, " is not ",
                         best_.known() ? Concat("better than ", ShortestText(best_.value())) : "a number", " since ",
                         waited_, waited_ == 1 ? " epoch" : " epochs"));
  }

  void End(TrainingControl& training) override {
    if (!best_weights_.empty()) training.SetParameters(best_weights_);
  }

  NamedTensors State() const override {
    NamedTensors state =
        Numbers({{"best", best_.value()}, {"known", best_.known() ? 1 : 0}, {"waited", static_cast<double>(waited_)}});
    for (const auto& [name, weight] : best_weights_) state[kBestPrefix + name] = weight;
    return state;
  }

  void Restore(const NamedTensors& state) override {
    best_.Forget();
    best_weights_.clear();
    waited_ = 0;
    if (state.empty()) return;
    if (Number(state, name(), "known") != 0) best_.Set(Number(state, name(), "best"));
    waited_ = static_cast<int64_t>(Number(state, name(), "waited"));
    for (const auto& [tensor, weight] : state) {
      if (tensor.starts_with(kBestPrefix)) best_weights_[tensor.substr(sizeof(kBestPrefix) - 1)] = weight;
    }
  }

 private:
  EarlyStopping options_;
  Best best_;
  NamedTensors best_weights_;
  int64_t waited_ = 0;
};

class ReduceOnPlateauCallback : public Callback {
 public:
  explicit ReduceOnPlateauCallback(ReduceOnPlateau options)
      : options_(std::move(options)), best_(options_.monitor, options_.min_delta) {
    CheckMonitor(name(), options_.monitor);
    CheckAtLeast(name(), "patience", static_cast<double>(options_.patience), 0);
    CheckAtLeast(name(), "cooldown", static_cast<double>(options_.cooldown), 0);
    CheckAtLeast(name(), "min_delta", options_.min_delta, 0);
    if (!(options_.factor > 0 && options_.factor < 1)) {
      throw Error({.where = std::string(name()),
                   .rule = "factor must be above 0 and below 1",
                   .received = ShortestText(options_.factor)});
    }
  }

  std::string_view name() const override { return "reduce_on_plateau"; }

  void AfterEpoch(TrainingControl& training, const EpochRecord& record) override {
    const double value = History::Value(record, options_.monitor);
    if (cooling_ > 0) {
      --cooling_;
      waited_ = 0;
    }
    if (best_.Improves(value)) {
      best_.Set(value);
      waited_ = 0;
      return;
    }
    if (cooling_ > 0 || ++waited_ < options_.patience) return;
    const double rate = training.learning_rate();
    if (rate <= options_.min_learning_rate || rate == 0) return;
    const double reduced = std::max(rate * options_.factor, options_.min_learning_rate);
    training.SetLearningRateFactor(training.learning_rate_factor() * reduced / rate);
    cooling_ = options_.cooldown;
    waited_ = 0;
  }

  NamedTensors State() const override {
    return Numbers({{"best", best_.value()},
                    {"known", best_.known() ? 1 : 0},
                    {"waited", static_cast<double>(waited_)},
                    {"cooling", static_cast<double>(cooling_)}});
  }

  void Restore(const NamedTensors& state) override {
    best_.Forget();
    waited_ = cooling_ = 0;
    if (state.empty()) return;
    if (Number(state, name(), "known") != 0) best_.Set(Number(state, name(), "best"));
    waited_ = static_cast<int64_t>(Number(state, name(), "waited"));
    cooling_ = static_cast<int64_t>(Number(state, name(), "cooling"));
  }

 private:
  ReduceOnPlateau options_;
  Best best_;
  int64_t waited_ = 0, cooling_ = 0;
};

class BestCheckpointCallback : public Callback {
 public:
  explicit BestCheckpointCallback(BestCheckpoint options) : options_(std::move(options)), best_(options_.monitor, 0) {
    CheckMonitor(name(), options_.monitor);
  }

  std::string_view name() const override { return "best_checkpoint"; }

  void AfterEpoch(TrainingControl& training, const EpochRecord& record) override {
    const double value = History::Value(record, options_.monitor);
    if (!best_.Improves(value)) return;
    best_.Set(value);
    if (options_.take) options_.take(training.Parameters());
    if (options_.save) training.SaveTo(options_.save);
  }

  NamedTensors State() const override { return Numbers({{"best", best_.value()}, {"known", best_.known() ? 1 : 0}}); }

  void Restore(const NamedTensors& state) override {
    best_.Forget();
    if (!state.empty() && Number(state, name(), "known") != 0) best_.Set(Number(state, name(), "best"));
  }

 private:
  BestCheckpoint options_;
  Best best_;
};

class CsvLogCallback : public Callback {
 public:
  explicit CsvLogCallback(CsvLog options) : options_(std::move(options)) {}
  std::string_view name() const override { return "csv_log"; }

  void Begin(TrainingControl& training) override {
    header_written_ = false;
    for (const EpochRecord& record : training.history().epochs) Write(record);
  }
  void AfterEpoch(TrainingControl&, const EpochRecord& record) override { Write(record); }

 private:
  void Write(const EpochRecord& record) {
    if (!header_written_) options_.write(History::CsvHeader(record.has_validation));
    header_written_ = true;
    options_.write(History::CsvLine(record));
  }

  CsvLog options_;
  bool header_written_ = false;
};

class TensorSnapshotsCallback : public Callback {
 public:
  explicit TensorSnapshotsCallback(TensorSnapshots options) : options_(std::move(options)) {
    CheckAtLeast(name(), "every", static_cast<double>(options_.every), 1);
  }
  std::string_view name() const override { return "tensor_snapshots"; }
  void Begin(TrainingControl& training) override { training.Watch(options_.tensors, options_.every); }
  void AfterStep(TrainingControl& training, const StepRecord& step) override {
    if (step.step % options_.every != 0) return;
    NamedTensors own = training.Watched();  // and what other callbacks watch
    std::erase_if(own, [&](const auto& entry) {
      return std::find(options_.tensors.begin(), options_.tensors.end(), entry.first) == options_.tensors.end();
    });
    options_.take(step, own);
  }

 private:
  TensorSnapshots options_;
};

class ObserverCallback : public Callback {
 public:
  explicit ObserverCallback(Observer options) : options_(std::move(options)) {}
  std::string_view name() const override { return "observer"; }
  void AfterStep(TrainingControl& training, const StepRecord& step) override {
    if (options_.after_step) options_.after_step(training, step);
  }
  void AfterEpoch(TrainingControl& training, const EpochRecord& record) override {
    if (options_.after_epoch) options_.after_epoch(training, record);
  }

 private:
  Observer options_;
};

}  // namespace

EarlyStopping::operator CallbackPtr() const {
  return std::make_shared<EarlyStoppingCallback>(*this);
}

ReduceOnPlateau::operator CallbackPtr() const {
  return std::make_shared<ReduceOnPlateauCallback>(*this);
}

BestCheckpoint::operator CallbackPtr() const {
  return std::make_shared<BestCheckpointCallback>(*this);
}

CsvLog::operator CallbackPtr() const {
  return std::make_shared<CsvLogCallback>(*this);
}

TensorSnapshots::operator CallbackPtr() const {
  return std::make_shared<TensorSnapshotsCallback>(*this);
}

Observer::operator CallbackPtr() const {
  return std::make_shared<ObserverCallback>(*this);
}

}  // namespace convscope
