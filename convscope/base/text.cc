#include "convscope/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <version>

#include "convscope/base/error.h"
#include "convscope/base/internal/leading_number.h"

namespace convscope {
namespace {

template <typename T>
std::string Shortest(T value) {
  if (std::isnan(value)) return "nan";
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

// People write a leading '+', which from_chars does not take.
std::string_view WithoutPlus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

[[noreturn]] void FailToParse(std::string_view text, const std::string& where, const char* kind) {
  throw Error({.where = where, .rule = Concat("expected ", kind), .received = Concat('"', text, '"')});
}

// Levenshtein's distance, in O(|a| |b|) time and one row of memory.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitute = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitute, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string ShortestText(float value) {
  return Shortest(value);
}
std::string ShortestText(double value) {
  return Shortest(value);
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  while (true) {
    const size_t end = text.find(separator);
    pieces.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    text.remove_prefix(end + 1);
  }
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  // std::tolower depends on the locale.
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

NumberInText LeadingNumber(std::string_view text) {
#ifdef __cpp_lib_to_chars
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc()) return {};
  return {.value = value, .length = static_cast<size_t>(end - text.data())};
#else
  return internal::LeadingNumberByStream(text);
#endif
}

double ParseNumber(std::string_view text, const std::string& where) {
  const std::string_view digits = WithoutPlus(text);
  const NumberInText number = LeadingNumber(digits);
  if (number.length == 0 || number.length != digits.size()) FailToParse(text, where, "a number");
  return number.value;
}

int64_t ParseInteger(std::string_view text, const std::string& where) {
  const std::string_view digits = WithoutPlus(text);
  int64_t value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc() || end != digits.data() + digits.size()) FailToParse(text, where, "a whole number");
  return value;
}

std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& names, size_t most) {
  std::vector<std::pair<size_t, std::string>> ranked;
  const std::string typed = LowerCase(name);
  for (const std::string& candidate : names) {
    const std::string known = LowerCase(candidate);
    const bool prefix = !typed.empty() && known.starts_with(typed);
    const size_t distance = prefix ? 0 : EditDistance(typed, known);
    // More than half of the name wrong is no typing mistake.
    if (distance <= 1 + std::max(name.size(), candidate.size()) / 2) ranked.emplace_back(distance, candidate);
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> nearest;
  for (const auto& [distance, candidate] : ranked) {
    if (nearest.size() == most) break;
    nearest.push_back(candidate);
  }
  return nearest;
}

std::string DidYouMean(std::string_view name, const std::vector<std::string>& names) {
  const std::vector<std::string> nearest = NearestNames(name, names);
  std::string text;
  for (size_t i = 0; i < nearest.size(); ++i) {
    text += (i == 0 ? "did you mean " : i + 1 < nearest.size() ? ", " : " or ") + nearest[i];
  }
  return text.empty() ? "" : text + "?";
}

}  // namespace convscope
