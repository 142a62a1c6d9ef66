// Text from values, for error messages and summaries inside the core, which has no formatting library.
#ifndef CONVSCOPE_BASE_TEXT_H_
#define CONVSCOPE_BASE_TEXT_H_

#include <cstdint>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace convscope {

// The values one after the other, as operator<< prints them in the classic locale: a program that sets the global one
// gets the same text, without its grouping of digits. Example: Concat("axis ", 2, " is ", 0.5).
template <typename... Values>
std::string Concat(const Values&... values) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  (out << ... << values);
  return out.str();
}

// The shortest decimal text that reads back as the same float ("0.1", "-1", "1e-07", "nan", "inf").
std::string ShortestText(float value);
std::string ShortestText(double value);

// The pieces of `text` between separators; an empty text has one empty piece.
std::vector<std::string> Split(std::string_view text, char separator);

// With the letters A to Z as a to z, whatever the locale.
std::string LowerCase(std::string_view text);

struct NumberInText {
  double value = 0;
  size_t length = 0;  // characters that it takes; 0: there is no number
};

// The decimal number that `text` begins with, whatever the locale ("-1.5e3", ".5", "inf"; no blanks, no '+' before
// it); none where it begins with something else or the number is too large.
NumberInText LeadingNumber(std::string_view text);

// The whole of `text` as a number; throws Error naming `where` when it is anything else (empty, trailing characters,
// out of range).
double ParseNumber(std::string_view text, const std::string& where);
int64_t ParseInteger(std::string_view text, const std::string& where);

// Up to `most` of `names` that differ from `name` by few edits, upper and lower case being the same, the nearest first,
// to be offered after a typing mistake.
std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& names, size_t most = 3);

// "did you mean sobel-x, sobel-y or box?", of the nearest names, for the fix of an Error; empty where none is near.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& names);

}  // namespace convscope

#endif  // CONVSCOPE_BASE_TEXT_H_
