#include "convscope/train/optimizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const Optimizer& optimizer) {
  try {
    Check(optimizer);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Optimizer, IsMadeByItsNameWithKerasDefaults) {
  for (const std::string& name : OptimizerNames()) {
    const Optimizer made = MakeOptimizer(name);
    EXPECT_EQ(Name(made), name);
    EXPECT_EQ(ErrorOf(made), "no error");
    EXPECT_EQ(LearningRate(made), name == "sgd" ? 0.01 : 0.001);
  }
  EXPECT_EQ(InitialState(Adagrad{}), 0.1);
  EXPECT_EQ(InitialState(Adam{}), 0);
}

TEST(Optimizer, ListsItsNumbers) {
  std::string text;
  for (const Attribute& attribute : Attributes(SGD{.momentum = 0.9, .clipping = {.norm = 2}})) {
    text += attribute.name + "=" + attribute.ValueText() + " ";
  }
  EXPECT_EQ(text, "learning_rate=0.01 momentum=0.9 weight_decay=0 nesterov=false clipping.norm=2 ");
}

TEST(Optimizer, SaysWhichNumberIsOutOfRange) {
  EXPECT_THAT(ErrorOf(Adam{.learning_rate = -1}),
              HasSubstr("optimizer adam: learning_rate must be 0 or more, and finite; received -1"));
  EXPECT_THAT(ErrorOf(Adam{.beta_2 = 1}), HasSubstr("beta_2 must be from 0 to below 1; received 1"));
  EXPECT_THAT(ErrorOf(SGD{.momentum = 1.5}), HasSubstr("momentum must be from 0 to 1; received 1.5"));
  EXPECT_THAT(ErrorOf(RMSprop{.rho = -0.1}), HasSubstr("rho must be"));
  EXPECT_THAT(ErrorOf(Adagrad{.clipping = {.value = -1}}), HasSubstr("clipping.value must be 0 or more"));
  EXPECT_THAT(ErrorOf(Adagrad{.clipping = {.value = 1, .norm = 1}}), HasSubstr("clipped in one way at most"));
  EXPECT_THAT(ErrorOf(SGD{.nesterov = true}), HasSubstr("nesterov needs a momentum"));
  EXPECT_THAT(ErrorOf(Adam{.epsilon = 0.0 / 0.0 * -1}), HasSubstr("epsilon must be"));
}

TEST(Optimizer, NamesAreSuggested) {
  try {
    MakeOptimizer("adm");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("received \"adm\". did you mean adam"));
  }
}

}  // namespace
}  // namespace convscope
