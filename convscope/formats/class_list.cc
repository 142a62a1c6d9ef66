#include "convscope/formats/class_list.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/formats/internal/onnx_note.h"

namespace convscope {
namespace {

constexpr int64_t kMostBytes = int64_t{1} << 24;
constexpr int64_t kMostNames = 1'000'000;

bool IsBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

void AppendUtf8(uint32_t code, std::string& text) {
  const auto put = [&](uint32_t byte) { text += static_cast<char>(static_cast<unsigned char>(byte)); };
  const auto rest = [&](int shift) { put(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      put(0xe0 | (code >> 12));
    } else {
      put(0xf0 | (code >> 18));
      rest(12);
    }
    rest(6);
  }
  rest(0);
}

// A list or a dictionary of texts, as JSON and as Python write it.
class Literal {
 public:
  Literal(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  std::vector<std::string> Read() {
    const char end = Next() == '{' ? '}' : ']';
    ++at_;
    std::map<int64_t, std::string> named;
    while (Next() != end) {
      const auto place = static_cast<int64_t>(named.size());
      if (place >= kMostNames) Wrong();
      const int64_t number = end == '}' ? Key() : place;
      if (!named.emplace(number, Value()).second) Wrong();
      if (Next() == ',') {
        ++at_;
      } else if (Next() != end) {
        Wrong();
      }
    }
    ++at_;
    SkipBlanks();
    if (at_ != text_.size()) Wrong();
    std::vector<std::string> names;
    for (auto& [number, name] : named) {
      if (number != static_cast<int64_t>(names.size())) {
        throw Error({.where = where_,
                     .rule = "classes are numbered 0, 1, 2, ...",
                     .received = Concat(number, " in place of ", names.size())});
      }
      names.push_back(std::move(name));
    }
    return names;
  }

 private:
  [[noreturn]] void Wrong() const {
    throw Error(
        {.where = where_,
         .rule = "names of classes are one a line, a list [\"a\", \"b\"], or numbered {\"0\": \"a\", \"1\": \"b\"}",
         .received = Concat("something else at character ", at_)});
  }
  void SkipBlanks() {
    while (at_ < text_.size() && IsBlank(text_[at_])) ++at_;
  }
  char Next() {
    SkipBlanks();
    if (at_ >= text_.size()) Wrong();
    return text_[at_];
  }

  int64_t Key() {
    const char quote = Next();
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted) ++at_;
    const size_t begin = at_;
    while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
    if (at_ == begin || at_ - begin > 9) Wrong();
    const int64_t number = ParseInteger(text_.substr(begin, at_ - begin), where_);
    if (quoted && (at_ >= text_.size() || text_[at_++] != quote)) Wrong();
    if (Next() != ':') Wrong();
    ++at_;
    return number;
  }

  // A text, or the last one of a list of them.
  std::string Value() {
    if (Next() != '[') return Text();
    ++at_;
    std::string last;
    do {
      last = Text();
      if (Next() != ',' && Next() != ']') Wrong();
    } while (text_[at_++] == ',');
    return last;
  }

  std::string Text() {
    const char quote = Next();
    if (quote != '"' && quote != '\'') Wrong();
    ++at_;
    std::string text;
    while (true) {
      if (at_ >= text_.size()) Wrong();
      const char c = text_[at_++];
      if (c == quote) return text;
      c == '\\' ? Escape(text) : text.push_back(c);
    }
  }

  void Escape(std::string& text) {
    if (at_ >= text_.size()) Wrong();
    const char c = text_[at_++];
    switch (c) {
      case 'n':
      case 'r':
      case 't':
      case 'b':
      case 'f':
        text += ' ';  // a name is one line
        return;
      case 'x':
        return AppendUtf8(Hex(2), text);
      case 'u': {
        uint32_t code = Hex(4);
        if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
          at_ += 2;
          const uint32_t low = Hex(4);
          if (low < 0xdc00 || low > 0xdfff) Wrong();
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
        return AppendUtf8(code, text);
      }
      case '"':
      case '\'':
      case '\\':
      case '/':
        text += c;
        return;
      default:
        Wrong();
    }
  }
  uint32_t Hex(size_t digits) {
    uint32_t value = 0;
    for (size_t i = 0; i < digits; ++i, ++at_) {
      if (at_ >= text_.size()) Wrong();
      const char c = text_[at_];
      const bool letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!IsDigit(c) && !letter) Wrong();
      value = value * 16 + static_cast<uint32_t>(IsDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

// Whether the text begins as a list or a dictionary does; a line may begin with a bracket too.
bool IsLiteral(std::string_view text) {
  if (text.size() < 2 || (text[0] != '[' && text[0] != '{')) return false;
  const std::string_view rest = Trimmed(text.substr(1));
  return !rest.empty() && (rest[0] == '"' || rest[0] == '\'' || (text[0] == '{' && IsDigit(rest[0])));
}

// "tench, Tinca tinca" of ImageNet's "n01440764 tench, Tinca tinca".
std::string_view WithoutSynset(std::string_view line) {
  const bool synset =
      line.size() > 10 && line[0] == 'n' && line[9] == ' ' && std::all_of(line.begin() + 1, line.begin() + 9, IsDigit);
  return synset ? line.substr(10) : line;
}

std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> names;
  for (const std::string& line : Split(text, '\n')) names.emplace_back(WithoutSynset(Trimmed(line)));
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

}  // namespace

std::vector<std::string> ParseClassList(std::string_view text, const std::string& where) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // a byte order mark
  text = Trimmed(text);
  std::vector<std::string> names = IsLiteral(text) ? Literal(text, where).Read() : Lines(text);
  if (names.empty() || static_cast<int64_t>(names.size()) > kMostNames) {
    throw Error({.where = where,
                 .rule = Concat("there are names of 1 to ", kMostNames, " classes"),
                 .received = Concat(names.size())});
  }
  try {
    internal::TextOfNames(names);  // they are UTF-8
  } catch (const Error& error) {
    throw error.At(where);
  }
  return names;
}

std::vector<std::string> ReadClassList(const std::filesystem::path& path) {
  return ParseClassList(ReadFile(path, kMostBytes), path.string());
}

}  // namespace convscope
