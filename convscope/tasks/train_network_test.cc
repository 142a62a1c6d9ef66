#include "convscope/tasks/train_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/formats/safetensors.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/learning_view.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

// Lengths of an IDX file of bytes, and the bytes.
void WriteIdx(const std::filesystem::path& path, const std::array<char, 3>& lengths, int rank,
              const std::string& data) {
  std::string bytes = {0, 0, 8, static_cast<char>(rank)};
  for (int i = 0; i < rank; ++i) bytes += std::string(3, '\0') + lengths[static_cast<size_t>(i)];
  bytes += data;
  WriteFileAtomically(path, std::array<std::string_view, 1>{bytes});
}

class TrainNetwork : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(::testing::TempDir()) / (std::string("train_network_") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "data");
    std::string labels;
    for (int i = 0; i < 16; ++i) labels += static_cast<char>(i % 2);
    for (const std::string part : {"train", "t10k"}) {
      WriteIdx(folder_ / "data" / (part + "-images-idx3-ubyte"), {16, 28, 28}, 3, std::string(16 * 28 * 28, 'a'));
      WriteIdx(folder_ / "data" / (part + "-labels-idx1-ubyte"), {16}, 1, labels);
    }
    request_.settings = {
        .model = "lenet", .data = (folder_ / "data").string(), .epochs = 2, .batch_size = 8, .validation = "none"};
    request_.folder = run_.path = folder_ / "run";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string Complaint() const {
    try {
      Train(request_);
    } catch (const std::exception& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
  TrainRequest request_;
  RunFolder run_;
};

TEST_F(TrainNetwork, WhateverEndsARunIsItsState) {
  request_.after_epoch = [](const EpochRecord& epoch) {
    if (epoch.epoch == 2) throw std::runtime_error("no such luck");
  };
  EXPECT_EQ(Complaint(), "no such luck");
  const RunRecord record = ReadRunRecord(run_);
  EXPECT_EQ(record.state, "failed: no such luck");
  EXPECT_EQ(record.epochs, 2);
}

TEST_F(TrainNetwork, AStateThatCannotBeWrittenHidesNoError) {
  request_.after_epoch = [&](const EpochRecord&) {
    std::filesystem::remove_all(run_.path);
    throw std::runtime_error("no such luck");
  };
  EXPECT_EQ(Complaint(), "no such luck");
  EXPECT_FALSE(std::filesystem::exists(run_.path));
}

TEST_F(TrainNetwork, TheRecordFollowsEachEpoch) {
  std::vector<int64_t> epochs;
  request_.after_step = [&](const StepRecord&) { epochs.push_back(ReadRunRecord(run_).epochs); };
  EXPECT_EQ(Complaint(), "no error");
  EXPECT_EQ(epochs, (std::vector<int64_t>{0, 0, 1, 1}));
  EXPECT_GT(ReadRunRecord(run_).seconds, 0);
}

TEST_F(TrainNetwork, WhatFitRefusesLeavesNoFolder) {
  request_.settings.snapshots = {"nothing"};
  request_.settings.snapshot_every = 2;
  EXPECT_THAT(Complaint(), HasSubstr("nothing"));
  EXPECT_FALSE(std::filesystem::exists(run_.path));
}

TEST_F(TrainNetwork, NumbersOutOfRangeAreRefusedBeforeTheData) {
  request_.settings.batch_size = 0;
  EXPECT_THAT(Complaint(), HasSubstr("batch_size"));
  request_.settings.batch_size = 8;
  request_.settings.epochs = 0;
  EXPECT_THAT(Complaint(), HasSubstr("epochs"));
  EXPECT_FALSE(std::filesystem::exists(run_.path));
}

// Whoever looks at a gradient now and then changes no bit of what is learned.
TEST_F(TrainNetwork, WhoSteersSeesGradientsAndChangesNothing) {
  const std::string kernel = "layer1/conv/kernel", gradient = "gradient/" + kernel;
  const TrainOutcome alone = Train(request_);
  std::vector<int64_t> seen;
  request_.folder = folder_ / "watched";
  request_.steer = [&](TrainingControl& control, const StepRecord& step) {
    if (control.Watched().contains(gradient)) {
      seen.push_back(step.step);
      EXPECT_EQ(control.Watched().at(gradient)->shape(), control.Parameters().at(kernel)->shape());
    }
    if (step.step % 2 == 0) control.WatchNext({gradient});
    EXPECT_THROW(control.WatchNext({"gradient/nothing"}), Error);
  };
  const TrainOutcome watched = Train(request_);
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(watched.history.step_losses, alone.history.step_losses);
}

TEST_F(TrainNetwork, ARunIsLookedAtAsItIsAndAsItWas) {
  request_.settings.snapshots = {"parameters"};
  request_.settings.snapshot_every = 2;
  SharedTensor after_three;
  request_.steer = [&](TrainingControl& control, const StepRecord& step) {
    if (step.step == 2) after_three = Share(control.Parameters().at("layer1/conv/kernel")->Clone());
  };
  Train(request_);
  const LearningView view(run_, {});
  EXPECT_EQ(view.Snapshots(), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(view.Latest().step, 4);
  EXPECT_EQ(view.KernelOf({}), "layer1/conv/kernel");
  EXPECT_EQ(view.KernelOf({.layer = "layer1/pool"}), std::nullopt);
  LearningMoment moment = view.Snapshot(3);
  const Tensor& kept = *moment.parameters.at("layer1/conv/kernel");
  EXPECT_TRUE(std::equal(kept.data(), kept.data() + kept.size(), after_three->data()));
  moment.gradients["layer1/conv/kernel"] = moment.parameters.at("layer1/conv/kernel");
  const SafetensorsFile file = ParseSafetensors(view.Bytes(moment, {.sample = 3}), "view");
  std::vector<std::string> names;
  for (const StoredTensor& stored : file.tensors) names.push_back(stored.name);
  EXPECT_THAT(names, testing::UnorderedElementsAre("picture", "maps", "kernel", "gradient", "scores"));
  const auto report = internal::Json::parse(file.metadata.at("report"));
  EXPECT_EQ(report.at("step"), 3);
  EXPECT_EQ(report.at("layer"), "layer1/conv");
  EXPECT_EQ(report.at("label"), 1);
  EXPECT_EQ(report.at("samples"), 16);
  EXPECT_THROW(view.Snapshot(2), Error);
  EXPECT_THROW(view.Bytes(moment, {.sample = 16}), Error);
  EXPECT_THROW(view.Bytes(moment, {.layer = "dense"}), Error);
}

}  // namespace
}  // namespace convscope
