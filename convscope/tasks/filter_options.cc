#include "convscope/tasks/filter_options.h"

#include <algorithm>
#include <cmath>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

[[noreturn]] void Refuse(const std::string& where, const char* rule, std::string_view received) {
  throw Error({.where = where, .rule = rule, .received = Concat('"', received, '"')});
}

// Separated by commas or, as sizes are written, by x.
std::vector<int64_t> ParseIntegers(std::string_view text, const std::string& where) {
  std::string commas(text);
  std::replace(commas.begin(), commas.end(), 'x', ',');
  std::vector<int64_t> numbers;
  for (const std::string& piece : Split(commas, ',')) {
    if (piece.empty()) Refuse(where, "whole numbers, separated by commas", text);
    numbers.push_back(ParseInteger(piece, where));
  }
  return numbers;
}

}  // namespace

Padding PoolPadding(const Padding& convolution) {
  return convolution.kind == Padding::Kind::kSame ? Padding::Same() : Padding::Valid();
}

std::array<int64_t, 2> ParseRowsColumns(std::string_view text, const std::string& where) {
  const std::vector<int64_t> numbers = ParseIntegers(text, where);
  const bool positive = std::all_of(numbers.begin(), numbers.end(), [](int64_t number) { return number >= 1; });
  if (numbers.size() > 2 || !positive) Refuse(where, "one number, or two (rows, columns), each at least 1", text);
  return {numbers.front(), numbers.back()};
}

std::array<Padding, 2> ParsePadding(std::string_view text, const std::string& where) {
  if (text == "valid") return {Padding::Valid(), Padding::Valid()};
  if (text == "same") return {Padding::Same(), Padding::Same()};
  constexpr const char* kRule =
      "padding is valid, same, one number, two (rows, columns) or four (top, bottom, left, right)";
  if (text.empty() || std::isalpha(static_cast<unsigned char>(text[0])) != 0) Refuse(where, kRule, text);
  const std::vector<int64_t> n = ParseIntegers(text, where);
  if (std::any_of(n.begin(), n.end(), [](int64_t pixels) { return pixels < 0; })) {
    Refuse(where, "padding must be at least 0", text);
  }
  if (n.size() == 1) return {Padding::Explicit(n[0], n[0]), Padding::Explicit(n[0], n[0])};
  if (n.size() == 2) return {Padding::Explicit(n[0], n[0]), Padding::Explicit(n[1], n[1])};
  if (n.size() == 4) return {Padding::Explicit(n[0], n[1]), Padding::Explicit(n[2], n[3])};
  Refuse(where, kRule, text);
}

FilterPool ParsePool(std::string_view text, const std::string& where) {
  constexpr const char* kRule = "a pool is KIND:SIZE or KIND:SIZE:STRIDE, KIND max or average, for example max:3:3";
  const std::vector<std::string> pieces = Split(text, ':');
  if (pieces.size() < 2 || pieces.size() > 3) Refuse(where, kRule, text);
  FilterPool pool;
  if (pieces[0] == "average") {
    pool.kind = PoolKind::kAverage;
  } else if (pieces[0] != "max") {
    Refuse(where, kRule, text);
  }
  pool.size = ParseRowsColumns(pieces[1], where);
  pool.stride = pieces.size() == 3 ? ParseRowsColumns(pieces[2], where) : pool.size;
  return pool;
}

std::vector<int> ParseChannels(std::string_view text, const std::string& where) {
  std::vector<int> channels;
  for (const std::string& piece : Split(text, ',')) {
    const size_t letter = std::string_view("rgb").find(piece);
    const int64_t channel = piece.size() == 1 && letter < 3 ? static_cast<int64_t>(letter) : ParseInteger(piece, where);
    if (channel < 0 || channel > 2 || std::count(channels.begin(), channels.end(), channel) > 0) {
      Refuse(where, "channels are r, g, b (or 0, 1, 2), each at most once", text);
    }
    channels.push_back(static_cast<int>(channel));
  }
  return channels;
}

std::vector<float> ParseNumbers(std::string_view text, const std::string& where) {
  std::vector<float> numbers;
  for (const std::string& piece : Split(text, ',')) {
    const auto number = static_cast<float>(ParseNumber(piece, where));
    if (!std::isfinite(number)) Refuse(where, "numbers are finite in float32", piece);
    numbers.push_back(number);
  }
  return numbers;
}

void CheckScale(double scale, const std::string& where) {
  if (scale > 0 && std::isfinite(scale)) return;
  throw Error({.where = where,
               .rule = "pixels are divided by a number above 0 that is finite",
               .received = ShortestText(scale)});
}

std::string PaddingText(const std::array<Padding, 2>& padding) {
  const auto& [rows, columns] = padding;
  if (rows.kind == columns.kind && rows.kind != Padding::Kind::kExplicit) return Text(rows);
  return Concat(rows.before, ",", rows.after, ",", columns.before, ",", columns.after);
}

}  // namespace convscope
