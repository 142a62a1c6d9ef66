#include "convscope/tasks/train_choices.h"

#include <gtest/gtest.h>

#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/loss_choice.h"
#include "convscope/tasks/train_settings.h"
#include "convscope/train/optimizer.h"

namespace convscope {
namespace {

// Each choice with the settings that are offered, as a text that is read again.
TEST(TrainChoices, WhatIsOfferedIsRead) {
  const auto choices = internal::Json::parse(TrainChoicesJson({}));
  EXPECT_TRUE(choices.at("datasets").empty());
  for (const auto& optimizer : choices.at("optimizers")) {
    std::string text = optimizer.at("name");
    for (const auto& setting : optimizer.at("settings")) {
      const auto& standard = setting.at("standard");
      const std::string value = standard.is_boolean() ? (standard.get<bool>() ? "1" : "0") : standard.dump();
      text += (text.find(':') == std::string::npos ? ":" : ",") + setting.at("name").get<std::string>() + "=" + value;
    }
    EXPECT_EQ(Attributes(ParseOptimizer(text)).size(), optimizer.at("settings").size()) << text;
  }
  for (const auto& schedule : choices.at("schedules")) {
    std::string text = schedule.at("name");
    for (const auto& setting : schedule.at("settings")) {
      text +=
          ":" + std::to_string(setting.at("standard").get<double>()).substr(0, setting.at("name") == "steps" ? 4 : 6);
    }
    EXPECT_NO_THROW(ParseSchedule(text, 0, "schedule")) << text;
  }
  EXPECT_EQ(choices.at("losses").size(), LossNames().size());
  for (const auto& layer : choices.at("layers")) EXPECT_TRUE(layer.at("arguments").is_object());
  EXPECT_EQ(ParseSettings(choices.at("settings").dump(), ""), TrainSettings{});
}

}  // namespace
}  // namespace convscope
