#include "convscope/tasks/curves_view.h"

#include <gtest/gtest.h>

#include <vector>

#include "convscope/formats/safetensors.h"
#include "convscope/tasks/internal/json_text.h"

namespace convscope {
namespace {

TEST(CurvesView, HasEveryStepAndWhatWasMeasuredAfterEachEpoch) {
  History history;
  history.step_losses = {2, 1.5, 1};
  history.step_accuracies = {0.25, 0.5, 0.75};
  history.epochs = {{.epoch = 1, .loss = 1.5, .accuracy = 0.5}};
  const std::vector<NamedHistory> histories = {{"empty", {}}, {"one", history}};
  const SafetensorsFile file = ParseSafetensors(CurvesViewBytes(histories, R"({"state": "running"})"), "view");
  const auto find = [&](const std::string& name) -> const Tensor& {
    for (const StoredTensor& stored : file.tensors) {
      if (stored.name == name) return *stored.tensor;
    }
    throw std::runtime_error("no " + name);
  };
  EXPECT_EQ(find("0/loss").shape(), Shape{0});
  ASSERT_EQ(find("1/accuracy").shape(), Shape{3});
  EXPECT_EQ(find("1/loss").data()[1], 1.5F);
  const auto epochs = internal::Json::parse(file.metadata.at("epochs"));
  EXPECT_TRUE(epochs[0].empty());
  EXPECT_EQ(epochs[1][0].at("loss"), 1.5);
  EXPECT_FALSE(epochs[1][0].contains("val_loss"));
  EXPECT_EQ(file.metadata.at("report"), R"({"state": "running"})");
}

}  // namespace
}  // namespace convscope
