#include "convscope/tasks/class_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using Names = std::vector<std::string>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ClassNames, AreTheModelsThenTheDatasThenNumbers) {
  EXPECT_THAT(ClassNames({"cat", "dog"}, {"a", "b"}, 2), ElementsAre("cat", "dog"));
  EXPECT_THAT(ClassNames({}, {"a", "b"}, 3), ElementsAre("a", "b", "class 2"));
  EXPECT_THAT(ClassNames({"0", "1"}, {"a", "b"}, 2), ElementsAre("a", "b"));
}

TEST(TruthName, IsTheModelsWhereTheDataHaveNumbersForNames) {
  EXPECT_EQ(TruthName({"cat", "dog"}, {"0", "1"}, 1), "dog");
  EXPECT_EQ(TruthName({"cat", "dog"}, {"boot", "bag"}, 1), "bag");
  EXPECT_EQ(TruthName({"cat", "dog", "cow"}, {"0", "1"}, 1), "1") << "other classes";
  EXPECT_EQ(TruthName({}, {"0", "1"}, 1), "1");
}

TEST(ParseClass, TakesANameBeforeANumberBeforeAnotherCaseOfLetters) {
  EXPECT_EQ(ParseClass("shirt", {"Shirt", "shirt"}), 1);
  EXPECT_EQ(ParseClass("SHIRT", {"Coat", "Shirt", "shirt"}), 1);
  EXPECT_EQ(ParseClass("1", {"1", "7"}), 0);
  EXPECT_EQ(ParseClass("1", {"cat", "dog"}), 1);
  for (const char* const text : {"", "2", "-1", "1.0", "1e0", "0x1", "99999999999999999999"}) {
    EXPECT_EQ(FindClass(text, {"cat", "dog"}), std::nullopt) << text;
    EXPECT_THROW(ParseClass(text, {"cat", "dog"}), Error) << text;
  }
}

TEST(ParseClass, TellsTheClassesThatThereAre) {
  const auto error_of = [](const std::string& text, const Names& names) -> std::string {
    try {
      ParseClass(text, names);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(error_of("dig", {"cat", "dog"}), HasSubstr("classes 0 to 1: 0 cat, 1 dog; received \"dig\""));
  EXPECT_THAT(error_of("dig", {"cat", "dog"}), HasSubstr("did you mean dog"));
  EXPECT_THAT(error_of("2", {"class 0", "class 1"}), HasSubstr("classes 0 to 1; received"));
}

TEST(ParseClasses, TakesNumbersAndNamesWithCommasEachOnce) {
  const Names names = {"tench, Tinca tinca", "goldfish", "shark"};
  EXPECT_EQ(ParseClasses({"2,goldfish", "1"}, names), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(ParseClasses({"Tench, tinca tinca", "shark"}, names), (std::vector<int64_t>{0, 2}));
  EXPECT_TRUE(ParseClasses({}, names).empty());
  EXPECT_THROW(ParseClasses({"1,3"}, names), Error);
}

TEST(CompareClassNames, SaysNothingWhereNamesAgreeOrAreMissing) {
  EXPECT_EQ(CompareClassNames({"cat", "dog"}, {"cat", "dog"}), "");
  EXPECT_EQ(CompareClassNames({"cat", "dog", "elk"}, {"cat", "dog"}), "");
  EXPECT_EQ(CompareClassNames({}, {"cat", "dog"}), "");
  EXPECT_EQ(CompareClassNames({"cat", "dog"}, {"0", "1"}), "");
}

TEST(CompareClassNames, NamesThatTheModelDoesNotKnowAreARemark) {
  EXPECT_EQ(CompareClassNames({"cat", "dog"}, {"cat", "hound"}),
            "the model has other names for these classes of the data: \"hound\"");
}

TEST(CompareClassNames, ClassesInAnotherOrderAreRefused) {
  for (const Names& data : {Names{"dog", "cat"}, Names{"dog"}, Names{"ant", "cat"}}) {
    EXPECT_THROW(CompareClassNames({"cat", "dog"}, data), Error);
  }
  try {
    CompareClassNames({"ant", "cat", "dog"}, {"cat", "dog"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "classes: class 1 of the model is \"cat\"; received data in which that is class 0. give the data the "
                 "classes of the model, in its order");
  }
}

}  // namespace
}  // namespace convscope
