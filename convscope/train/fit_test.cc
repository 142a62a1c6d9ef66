#include "convscope/train/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/train/evaluate.h"
#include "convscope/train/internal/bars.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<float> ValuesOf(const NamedTensors& tensors) {
  std::vector<float> all;
  for (const auto& [name, tensor] : tensors) {
    all.insert(all.end(), tensor->view().span().begin(), tensor->view().span().end());
  }
  return all;
}

// All of a result that must be the same bit for bit: not the seconds.
void ExpectSame(const FitResult& a, const FitResult& b) {
  EXPECT_EQ(ValuesOf(a.parameters), ValuesOf(b.parameters));
  EXPECT_EQ(a.history.step_losses, b.history.step_losses);
  EXPECT_EQ(a.history.step_accuracies, b.history.step_accuracies);
  EXPECT_EQ(a.stopped, b.stopped);
  ASSERT_EQ(a.history.epochs.size(), b.history.epochs.size());
  for (size_t i = 0; i < a.history.epochs.size(); ++i) {
    EpochRecord first = a.history.epochs[i], second = b.history.epochs[i];
    first.seconds = second.seconds = 0;
    EXPECT_EQ(History::CsvLine(first), History::CsvLine(second));
  }
}

// 150 pictures in batches of 32: the last has 22.
FitOptions Options(int64_t epochs) {
  return {.optimizer = Adam{.learning_rate = 0.02},
          .schedule = {.decay = CosineDecay{.decay_steps = 40}},
          .epochs = epochs,
          .batch_size = 32,
          .seed = 3,
          .augmentation = {.noise = 0.05},
          .validation = Bars(50, 2)};
}

FitResult FitBars(const FitOptions& options) {
  return Fit(BarsNetwork(0.2), {}, Bars(150), options);
}

// Scores alone: no softmax makes probabilities of them.
Model LinearBars() {
  GraphBuilder builder;
  builder.Input("input", {{1, 6, 6, 1}});
  builder.Parameter("dense/kernel", {{36, 4}});
  builder.Add("flatten", ReshapeOp{{0, -1}}, {"input"});
  builder.Add("dense", DenseOp{}, {"flatten", "dense/kernel"});
  return Model(builder.Build(), {{"dense/kernel", Share(FirstWeights({36, 4}, 0.3, "dense"))}});
}

TEST(Fit, RefusesALossThatTheOutputDoesNotFit) {
  const LossOp logits{.kind = LossKind::kSparseCategoricalCrossEntropy, .from_logits = true};
  const auto complaint = [](const Model& model, const LossOp& loss, bool evaluate) -> std::string {
    try {
      evaluate ? (void)Evaluate(model, {}, Bars(8), {.loss = loss}) : (void)Fit(model, {}, Bars(8), {.loss = loss});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  for (const bool evaluate : {false, true}) {
    EXPECT_THAT(complaint(BarsNetwork(), logits, evaluate),
                HasSubstr("output dense: sparse_categorical_crossentropy from logits is made of what is no probability "
                          "yet; received what Softmax computes. leave the loss' from_logits false"));
    EXPECT_THAT(complaint(LinearBars(), {.kind = LossKind::kSparseCategoricalCrossEntropy}, evaluate),
                HasSubstr("is made of probabilities; received what Dense computes. end the network in a softmax or a "
                          "sigmoid, or set the loss' from_logits"));
    EXPECT_EQ(complaint(LinearBars(), logits, evaluate), "");
    EXPECT_EQ(complaint(LinearBars(), {.kind = LossKind::kMeanSquaredError}, evaluate), "");
  }
  EXPECT_EQ(Predict(LinearBars(), {}, Bars(8)).shape(), (Shape{8, 4}));
}

TEST(Fit, ANumberThatIsNoneAmongThePicturesIsNoMatterOfTheLearningRate) {
  Tensor images = Tensor::Zeros({4, 6, 6, 1});
  images.data()[7] = std::numeric_limits<float>::quiet_NaN();
  const Dataset data({.name = "holes", .images = std::move(images), .labels = {0, 1, 2, 3}});
  try {
    Fit(BarsNetwork(), {}, data, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the network's input, input. take the pictures that are NaN"));
  }
}

TEST(Fit, LearnsToTellBarsApart) {
  const FitResult result = Fit(BarsNetwork(), {}, Bars(400), {.optimizer = Adam{.learning_rate = 0.02}, .epochs = 12});
  EXPECT_GT(result.history.epochs.back().accuracy, 0.95);
  EXPECT_LT(result.history.epochs.back().loss, result.history.epochs.front().loss / 4);
  EXPECT_EQ(result.history.step_losses.size(), 12u * 13);
  const Model trained(BarsNetwork().graph(), result.parameters);
  const Dataset unseen = Bars(200, 99);
  const Evaluation evaluation = Evaluate(trained, {}, unseen, {.top = 2});
  EXPECT_GT(evaluation.accuracy(), 0.95);
  EXPECT_GE(evaluation.counts.TopAccuracy(), evaluation.accuracy());
  EXPECT_EQ(evaluation.counts.total(), 200);
  const Tensor probabilities = Predict(trained, {}, unseen, {.batch_size = 64});
  ASSERT_EQ(probabilities.shape(), (Shape{200, 4}));
  int64_t correct = 0;
  for (int64_t i = 0; i < 200; ++i) {
    const float* row = probabilities.data() + 4 * i;
    EXPECT_NEAR(row[0] + row[1] + row[2] + row[3], 1, 1e-5);
    correct += std::max_element(row, row + 4) - row == unseen.label(i) ? 1 : 0;
  }
  EXPECT_EQ(correct, evaluation.counts.correct());
}

TEST(Fit, EveryLossLearns) {
  for (const LossKind kind : {LossKind::kCategoricalCrossEntropy, LossKind::kBinaryCrossEntropy,
                              LossKind::kMeanSquaredError, LossKind::kHuber, LossKind::kKlDivergence}) {
    SCOPED_TRACE(std::string(Name(kind)));
    const FitResult result = Fit(BarsNetwork(), {}, Bars(400),
                                 {.optimizer = Adam{.learning_rate = 0.02}, .loss = {.kind = kind}, .epochs = 12});
    EXPECT_GT(result.history.epochs.back().accuracy, 0.9);
  }
}

TEST(Fit, TheSameSeedGivesTheSameBitsAtAnyNumberOfThreads) {
  SetThreadCount(1);
  const FitResult want = FitBars(Options(2));
  for (const int threads : {2, 5}) {
    SetThreadCount(threads);
    SCOPED_TRACE(threads);
    ExpectSame(FitBars(Options(2)), want);
  }
  SetThreadCount(0);
  FitOptions other = Options(2);
  other.seed = 4;
  EXPECT_NE(ValuesOf(FitBars(other).parameters), ValuesOf(want.parameters));
}

TEST(Fit, ResumesBitForBitWhereverItWasInterrupted) {
  // With callbacks whose state matters: the rate falls, and the best weights come back.
  const auto options = [] {
    FitOptions made = Options(5);
    made.callbacks = {ReduceOnPlateau{.monitor = "loss", .factor = 0.5, .patience = 1, .min_delta = 10},
                      EarlyStopping{.monitor = "val_loss", .patience = 4, .restore_best_weights = true}};
    return made;
  };
  const FitResult want = FitBars(options());
  ASSERT_EQ(want.history.epochs.size(), 5u);
  EXPECT_LT(want.history.epochs.back().learning_rate, want.history.epochs.front().learning_rate / 4);
  // In the middle of the first epoch, at its last step, at the first of the second one, later.
  for (const int64_t last : {2, 5, 6, 13}) {
    SCOPED_TRACE(last);
    std::atomic<bool> cancel = false;
    std::string checkpoint;
    FitOptions first = options();
    first.cancel = &cancel;
    first.save_checkpoint = [&](std::string_view bytes) { checkpoint = bytes; };
    first.callbacks.push_back(
        Observer{.after_step = [&](TrainingControl&, const StepRecord& step) { cancel = step.step + 1 == last; }});
    const FitResult part = FitBars(first);
    EXPECT_TRUE(part.interrupted);
    EXPECT_EQ(part.history.step_losses.size(), static_cast<size_t>(last));
    FitOptions second = options();
    second.resume = checkpoint;
    ExpectSame(FitBars(second), want);
  }
}

TEST(Fit, ResumesFromTheCheckpointOfAnEpochOrOfAStep) {
  std::vector<std::string> checkpoints;
  FitOptions whole = Options(3);
  whole.checkpoint_steps = 3;
  whole.save_checkpoint = [&](std::string_view bytes) { checkpoints.emplace_back(bytes); };
  const FitResult want = FitBars(whole);
  EXPECT_EQ(checkpoints.size(), 15u / 3 + 3);
  for (const std::string& checkpoint : checkpoints) {
    FitOptions rest = Options(3);
    rest.resume = checkpoint;
    ExpectSame(FitBars(rest), want);
  }
  EXPECT_EQ(ValuesOf(CheckpointParameters(checkpoints.back(), "test")), ValuesOf(want.parameters));
  EXPECT_EQ(CheckpointHistory(checkpoints.back(), "test").step_losses, want.history.step_losses);
}

std::string ErrorOf(const FitOptions& options, const Model& model = BarsNetwork(0.2), const Dataset& data = Bars(150)) {
  try {
    Fit(model, {}, data, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Fit, RefusesTheCheckpointOfAnotherTraining) {
  std::string checkpoint;
  FitOptions saving = Options(1);
  saving.save_checkpoint = [&](std::string_view bytes) { checkpoint = bytes; };
  FitBars(saving);
  const auto resumed = [&](const std::function<void(FitOptions&)>& change) {
    FitOptions options = Options(2);
    options.resume = checkpoint;
    change(options);
    return options;
  };
  const FitOptions same = resumed([](FitOptions&) {});
  EXPECT_EQ(ErrorOf(same), "no error");
  const auto complaint = [&](const std::function<void(FitOptions&)>& change) { return ErrorOf(resumed(change)); };
  EXPECT_THAT(complaint([](FitOptions& o) { o.seed = 4; }),
              HasSubstr("checkpoint: the seed of this training: 4; received 3"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.optimizer = SGD{}; }), HasSubstr("the optimizer of this training: sgd "));
  EXPECT_THAT(complaint([](FitOptions& o) { o.optimizer = Adam{.learning_rate = 0.03}; }),
              HasSubstr("the optimizer of this training: adam learning_rate=0.03"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.schedule.warmup_steps = 3; }), HasSubstr("the schedule of this"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.schedule = {}; }), HasSubstr("received cosine 40 0, warm-up 0 from 0"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.augmentation.noise = 0.06; }),
              HasSubstr("noise 0.06, fill 0; received shift 0"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.scaling.divisor = 128; }), HasSubstr("the scaling of this training"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.loss.kind = LossKind::kHuber; }), HasSubstr("the loss of this training"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.batch_size = 31; }), HasSubstr("the batch size of this training: 31"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.class_weights = {1, 1, 1, 2}; }), HasSubstr("the class weights of this"));
  EXPECT_THAT(complaint([](FitOptions& o) { o.validation = Bars(50, 3); }), HasSubstr("the validation data of this"));

  // As many pictures, but others; as large a network, but another; other rules.
  EXPECT_THAT(ErrorOf(same, BarsNetwork(0.2), Bars(150, 8)), HasSubstr("the data of this training: 150 pictures"));
  EXPECT_THAT(ErrorOf(same, BarsNetwork(0.3)), HasSubstr("the network of this training; received another network"));
  FitOptions logits = same;
  logits.loss.from_logits = true;
  EXPECT_THAT(ErrorOf(logits, LinearBars()),
              HasSubstr("the network of this training has dense/kernel (36, 4); received a "
                        "checkpoint of another network, where it is (16, 4)"));
  try {
    Fit(BarsNetwork(0.2), {.parameters = {{"conv/bias", {.trainable = false}}}}, Bars(150), same);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the rules of this training"));
  }
  EXPECT_THAT(complaint([](FitOptions& o) { o.resume.resize(o.resume.size() / 2); }), HasSubstr("check sum"));
}

TEST(Fit, SaysWhatDoesNotFit) {
  EXPECT_THAT(
      ErrorOf({}, BarsNetwork(), Dataset({.name = "wide", .images = Tensor::Zeros({1, 6, 8, 1}), .labels = {0}})),
      HasSubstr("the pictures of wide are (1, 6, 8, 1) float32"));
  EXPECT_THAT(
      ErrorOf({}, BarsNetwork(), Dataset({.name = "many", .images = Tensor::Zeros({1, 6, 6, 1}), .labels = {4}})),
      HasSubstr("many has 5 classes; received a network that tells 4 apart"));
  EXPECT_THAT(ErrorOf({.class_weights = {1, 2}}), HasSubstr("one class weight for each of 4; received 2"));
  EXPECT_THAT(ErrorOf({.sample_weights = std::vector<double>(150, -1)}), HasSubstr("a sample weight is 0 or more"));
  EXPECT_THAT(ErrorOf({.epochs = -1}), HasSubstr("epochs and checkpoint_steps"));
  EXPECT_THAT(ErrorOf({.callbacks = {EarlyStopping{.monitor = "val_loss"}}}), HasSubstr("need data to validate with"));
}

TEST(Fit, StopsWithAnErrorWhenTheLossIsNoNumber) {
  Tensor images = Tensor::Zeros({64, 6, 6, 1});
  images.data()[40 * 36] = std::numeric_limits<float>::quiet_NaN();
  const Dataset data({.name = "broken", .images = std::move(images), .labels = std::vector<int32_t>(64, 1)});
  int saved = 0;
  FitOptions options{.epochs = 3, .batch_size = 16, .shuffle = false};
  options.checkpoint_steps = 1;
  options.save_checkpoint = [&](std::string_view) { ++saved; };
  EXPECT_THAT(ErrorOf(options, BarsNetwork(), data),
              HasSubstr("epoch 1, step 3 of 4: training: the loss stays a finite number; received nan, where the first "
                        "tensor that is not finite is the network's input"));
  EXPECT_EQ(saved, 2);  // what was good
}

TEST(Fit, WeightsOfClassesAreThoseOfTheirSamples) {
  const Dataset data = Bars(150);
  FitOptions classes{.epochs = 1, .class_weights = {0.5, 1, 2, 0}}, samples{.epochs = 1};
  for (int64_t i = 0; i < data.size(); ++i) {
    samples.sample_weights.push_back(classes.class_weights[static_cast<size_t>(data.label(i))]);
  }
  const FitResult by_class = Fit(BarsNetwork(), {}, data, classes), by_sample = Fit(BarsNetwork(), {}, data, samples);
  ExpectSame(by_class, by_sample);
  EXPECT_NE(ValuesOf(by_class.parameters), ValuesOf(Fit(BarsNetwork(), {}, data, {.epochs = 1}).parameters));
}

TEST(Fit, CallsCallbacksAndWritesATable) {
  std::string table;
  std::vector<int64_t> snapshots;
  std::string best;
  int bests = 0;
  FitOptions options = Options(2);
  options.callbacks = {
      CsvLog{.write = [&](std::string_view line) { table += line; }},
      TensorSnapshots{.tensors = {"conv", "gradient/conv/kernel"},
                      .every = 4,
                      .take =
                          [&](const StepRecord& step, const NamedTensors& tensors) {
                            snapshots.push_back(step.step);
                            EXPECT_EQ(tensors.size(), 2u);
                            EXPECT_EQ(tensors.at("gradient/conv/kernel")->shape(), (Shape{3, 3, 1, 4}));
                          }},
      BestCheckpoint{.monitor = "loss", .save = [&](std::string_view bytes) {
                       best = bytes;
                       ++bests;
                     }}};
  const FitResult result = FitBars(options);
  EXPECT_THAT(snapshots, ElementsAre(0, 4, 8));
  EXPECT_EQ(table, result.history.Csv());
  EXPECT_THAT(table, HasSubstr("epoch,loss,accuracy,top_accuracy,val_loss,val_accuracy,val_top_accuracy,learning_rate,"
                               "seconds\n1,"));
  EXPECT_EQ(bests, 2);
  // Without the callbacks the bits are the same, and the best checkpoint, that of the end, resumes without them.
  FitOptions without = Options(2);
  ExpectSame(FitBars(without), result);
  without.resume = best;
  ExpectSame(FitBars(without), result);
}

TEST(Fit, BeginsWhenEverythingHasBeenChecked) {
  int begun = 0;
  const auto options = [&] {
    FitOptions made = Options(1);
    made.begin = [&] { ++begun; };
    return made;
  };
  FitOptions wrong = options();
  wrong.callbacks = {TensorSnapshots{.tensors = {"nothing"}, .take = [](const StepRecord&, const NamedTensors&) {}}};
  EXPECT_THAT(ErrorOf(wrong), HasSubstr("nothing"));
  wrong = options();
  wrong.loss.label_smoothing = 2;
  EXPECT_THAT(ErrorOf(wrong), HasSubstr("smoothing"));
  wrong = options();
  wrong.augmentation.noise = std::numeric_limits<double>::infinity();
  EXPECT_THAT(ErrorOf(wrong), HasSubstr("noise"));
  wrong = options();
  wrong.resume = "no checkpoint";
  EXPECT_NE(ErrorOf(wrong), "no error");
  EXPECT_EQ(begun, 0);
  EXPECT_EQ(ErrorOf(options()), "no error");
  EXPECT_EQ(begun, 1);
}

TEST(Fit, AnyNumberOfEpochsCanBeAskedFor) {
  FitOptions options = Options(std::numeric_limits<int64_t>::max());
  options.callbacks = {
      Observer{.after_step = [](TrainingControl& training, const StepRecord&) { training.Stop("enough"); }}};
  EXPECT_EQ(FitBars(options).stopped, "enough");
}

TEST(Fit, WhatIsBestIsSavedBeforeACheckpointKnowsOfIt) {
  std::vector<std::string> calls;
  FitOptions options = Options(1);
  NamedTensors best;
  options.save_checkpoint = [&](std::string_view) { calls.emplace_back("checkpoint"); };
  options.callbacks = {BestCheckpoint{.save = [&](std::string_view) { calls.emplace_back("best"); },
                                      .take =
                                          [&](const NamedTensors& parameters) {
                                            calls.emplace_back("parameters");
                                            best = parameters;
                                          }}};
  const FitResult result = FitBars(options);
  EXPECT_THAT(calls, ElementsAre("parameters", "best", "checkpoint"));
  EXPECT_EQ(ValuesOf(best), ValuesOf(result.parameters));
}

}  // namespace
}  // namespace convscope
