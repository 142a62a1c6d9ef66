#include "convscope/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>

#include "convscope/base/error.h"

namespace convscope {
namespace {

template <typename T>
std::string Shortest(T value) {
  if (std::isnan(value)) return "nan";
  char buffer[64];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  return std::string(buffer, result.ptr);
}

template <typename T>
T Parse(std::string_view text, const std::string& where, const char* kind) {
  // from_chars takes no leading '+', which people write.
  std::string_view digits = text;
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  T value{};
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (status != std::errc() || end != digits.data() + digits.size()) {
    throw Error({.where = where, .rule = Concat("expected ", kind), .received = Concat('"', text, '"')});
  }
  return value;
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

double ParseNumber(std::string_view text, const std::string& where) {
  return Parse<double>(text, where, "a number");
}

int64_t ParseInteger(std::string_view text, const std::string& where) {
  return Parse<int64_t>(text, where, "a whole number");
}

std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& names, size_t most) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const std::string& candidate : names) {
    const bool prefix = !name.empty() && candidate.starts_with(name);
    const size_t distance = prefix ? 0 : EditDistance(name, candidate);
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

}  // namespace convscope
