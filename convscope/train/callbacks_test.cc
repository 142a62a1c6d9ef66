#include "convscope/train/callbacks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// A training of one parameter whose value is the number of its epoch.
class FakeTraining : public TrainingControl {
 public:
  const History& history() const override { return history_; }
  NamedTensors Parameters() const override { return parameters_; }
  void SetParameters(const NamedTensors& parameters) override { parameters_ = parameters; }
  double learning_rate() const override { return 0.1 * factor_; }
  double learning_rate_factor() const override { return factor_; }
  void SetLearningRateFactor(double factor) override { factor_ = factor; }
  void Stop(const std::string& why) override { stopped = why; }
  void SaveTo(std::function<void(std::string_view)> save) override { save("checkpoint"); }
  void Watch(const std::vector<std::string>&, int64_t) override {}
  void WatchNext(const std::vector<std::string>&) override {}
  NamedTensors Watched() const override { return {}; }

  void Epoch(Callback& callback, double val_loss) {
    ++epoch_;
    parameters_["w"] = Share(Tensor::Of({1}, {static_cast<float>(epoch_)}));
    callback.AfterEpoch(*this,
                        {.epoch = epoch_, .has_validation = true, .val_loss = val_loss, .val_accuracy = -val_loss});
  }
  // The epoch after which it stopped; 0: none.
  int64_t StopsAfter(Callback& callback, const std::vector<double>& losses) {
    for (const double loss : losses) {
      Epoch(callback, loss);
      if (!stopped.empty()) return epoch_;
    }
    return 0;
  }
  float parameter() const { return parameters_.at("w")->data()[0]; }

  std::string stopped;

 private:
  History history_;
  NamedTensors parameters_;
  double factor_ = 1;
  int64_t epoch_ = 0;
};

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

TEST(BestCheckpoint, WhatIsNoNumberIsNeverBest) {
  FakeTraining training;
  std::vector<float> taken;
  const CallbackPtr callback =
      BestCheckpoint{.take = [&](const NamedTensors& parameters) { taken.push_back(parameters.at("w")->data()[0]); }};
  for (const double loss : {kNoNumber, 5.0, kNoNumber, 6.0, 4.0}) training.Epoch(*callback, loss);
  EXPECT_EQ(taken, (std::vector<float>{2, 5}));
}

TEST(EarlyStopping, WaitsWhileThereIsNoNumber) {
  FakeTraining training, broken;
  const CallbackPtr callback = EarlyStopping{.patience = 3, .restore_best_weights = true};
  EXPECT_EQ(training.StopsAfter(*callback, {kNoNumber, kNoNumber, 5, 6, 7, 8}), 6);
  EXPECT_EQ(training.stopped, "val_loss is not better than 5 since 3 epochs");
  callback->End(training);
  EXPECT_EQ(training.parameter(), 3);
  callback->Restore({});
  EXPECT_EQ(broken.StopsAfter(*callback, {kNoNumber, kNoNumber, kNoNumber, kNoNumber}), 3);
  EXPECT_EQ(broken.stopped, "val_loss is not a number since 3 epochs");
}

TEST(EarlyStopping, StopsWhenNothingGetsBetterAndBringsBackTheBest) {
  FakeTraining training;
  const CallbackPtr callback = EarlyStopping{.patience = 2, .restore_best_weights = true};
  EXPECT_EQ(training.StopsAfter(*callback, {5, 4, 4.5, 3, 3.5, 3, 1}), 6);
  EXPECT_EQ(training.stopped, "val_loss is not better than 3 since 2 epochs");
  EXPECT_EQ(training.parameter(), 6);
  callback->End(training);
  EXPECT_EQ(training.parameter(), 4);
}

TEST(EarlyStopping, KnowsThatAccuraciesGrow) {
  FakeTraining training;
  const CallbackPtr callback = EarlyStopping{.monitor = "val_accuracy", .patience = 1};
  EXPECT_EQ(training.StopsAfter(*callback, {5, 4, 3, 3.5}), 4);  // the accuracy is minus that
}

TEST(EarlyStopping, CountsOnlyWhatIsBetterByMoreThanTheLeastDifference) {
  FakeTraining training;
  const CallbackPtr callback = EarlyStopping{.min_delta = 0.5, .patience = 2};
  EXPECT_EQ(training.StopsAfter(*callback, {5, 4.6, 4.4, 4.2, 4, 1}), 5);
}

TEST(EarlyStopping, GoesOnFromItsState) {
  FakeTraining training;
  const CallbackPtr callback = EarlyStopping{.patience = 2, .restore_best_weights = true};
  EXPECT_EQ(training.StopsAfter(*callback, {5, 4, 4.5}), 0);
  const CallbackPtr resumed = EarlyStopping{.patience = 2, .restore_best_weights = true};
  resumed->Restore(callback->State());
  EXPECT_EQ(training.StopsAfter(*resumed, {4.5}), 4);
  resumed->End(training);
  EXPECT_EQ(training.parameter(), 2);
}

TEST(ReduceOnPlateau, ReducesAndWaits) {
  FakeTraining training;
  const CallbackPtr callback = ReduceOnPlateau{.factor = 0.5, .patience = 2, .cooldown = 1, .min_learning_rate = 0.02};
  std::vector<double> rates;
  for (int epoch = 0; epoch < 12; ++epoch) {
    training.Epoch(*callback, 1);
    rates.push_back(training.learning_rate());
  }
  // Epoch 1 is the best; 2 and 3 are not better; from 4 on the same two, the first of which the cooldown ends in.
  const std::vector<double> want = {0.1, 0.1, 0.05, 0.05, 0.025, 0.025, 0.02, 0.02, 0.02, 0.02, 0.02, 0.02};
  EXPECT_THAT(rates, ::testing::Pointwise(::testing::DoubleNear(1e-12), want));
}

TEST(Callbacks, SayWhatIsOutOfRange) {
  const auto error_of = [](const auto& options) -> std::string {
    try {
      const CallbackPtr callback = options;
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(error_of(EarlyStopping{.monitor = "val_los"}), HasSubstr("early_stopping: history: "));
  EXPECT_THAT(error_of(EarlyStopping{.monitor = "val_los"}), HasSubstr("did you mean val_loss"));
  EXPECT_THAT(error_of(EarlyStopping{.patience = -1}), HasSubstr("patience must be at least 0; received -1"));
  EXPECT_THAT(error_of(ReduceOnPlateau{.factor = 1}), HasSubstr("factor must be above 0 and below 1"));
  EXPECT_THAT(error_of(TensorSnapshots{.every = 0}), HasSubstr("every must be at least 1"));
}

}  // namespace
}  // namespace convscope
