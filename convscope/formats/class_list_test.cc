#include "convscope/formats/class_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convscope/base/error.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Refused(const std::string& text) {
  try {
    ParseClassList(text, "labels");
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

TEST(ClassList, IsOneNameALine) {
  EXPECT_THAT(ParseClassList("cat\r\n dog \nred fox\n\n", "labels"), ElementsAre("cat", "dog", "red fox"));
  EXPECT_THAT(ParseClassList("\xef\xbb\xbf"
                             "cat\n\ndog",
                             "labels"),
              ElementsAre("cat", "", "dog"));
  EXPECT_THAT(ParseClassList("n01440764 tench, Tinca tinca\nn01443537 goldfish", "labels"),
              ElementsAre("tench, Tinca tinca", "goldfish"));
  EXPECT_THAT(ParseClassList("[PAD]\n[CLS]", "labels"), ElementsAre("[PAD]", "[CLS]"));
}

TEST(ClassList, IsAListOrAnObjectOfJson) {
  EXPECT_THAT(ParseClassList(R"(["cat", "d\"o\u00e9g", "\ud83d\ude00"])", "labels"),
              ElementsAre("cat", "d\"o\u00e9g", "\U0001F600"));
  EXPECT_THAT(ParseClassList(R"({"1": "dog", "0": "cat"})", "labels"), ElementsAre("cat", "dog"));
  EXPECT_THAT(ParseClassList(R"({"0": ["n01440764", "tench"], "1": ["n01443537", "goldfish"]})", "labels"),
              ElementsAre("tench", "goldfish"));
}

TEST(ClassList, IsTheTextOfAPythonDictionaryOrList) {
  EXPECT_THAT(ParseClassList(R"({0: 'person', 1: "potter's wheel", 2: 'a\'b'})", "labels"),
              ElementsAre("person", "potter's wheel", "a'b"));
  EXPECT_THAT(ParseClassList("['cat', 'dog',]", "labels"), ElementsAre("cat", "dog"));
}

TEST(ClassList, RefusesWhatIsNone) {
  EXPECT_THAT(Refused(""), HasSubstr("received 0"));
  EXPECT_THAT(Refused("{0: 'a', 2: 'b'}"), HasSubstr("2 in place of 1"));
  EXPECT_THAT(Refused("{0: 'a', 0: 'b'}"), HasSubstr("something else"));
  EXPECT_THAT(Refused("['a', 'b"), HasSubstr("something else"));
  EXPECT_THAT(Refused("['a'] and more"), HasSubstr("something else at character 6"));
  EXPECT_THAT(Refused("[\"\\u12\"]"), HasSubstr("something else"));
  EXPECT_THAT(Refused("a\xff"), HasSubstr("labels"));
  EXPECT_THAT(Refused("{0: 'a', 99999999999999999999: 'b'}"), HasSubstr("something else"));
}

}  // namespace
}  // namespace convscope
