#include "convscope/filters/expression.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/filters/preset.h"

namespace convscope {
namespace {

// Parentheses and functions inside each other; keeps hostile text from exhausting the stack or the memory.
constexpr int kMostNesting = 16;

// A number (rank 0) or a kernel, and the bias that a kernel brings.
struct Value {
  Matrix matrix;
  double bias = 0;

  bool is_number() const { return matrix.shape.rank() == 0; }
  double number() const { return matrix.values[0]; }
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}
bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || IsDigit(c);
}

Value Number(double value) {
  return {.matrix = {.shape = {}, .values = {value}}};
}

// One function for each rule of the grammar in the header, in its order.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Value Parse() {
    Value value = Expression();
    if (!AtEnd()) FailHere("an expression must end, or go on with +, -, * or /");
    return value;
  }

  std::string Place(size_t position) const {
    std::string shown(text_.substr(0, 60));
    if (shown.size() < text_.size()) shown += "...";
    return Concat("kernel \"", shown, "\", character ", position + 1);
  }

 private:
  [[noreturn]] void Fail(size_t position, ErrorParts parts) const { throw Error(std::move(parts)).At(Place(position)); }
  [[noreturn]] void FailHere(const std::string& rule) {
    SkipBlanks();
    std::string rest(text_.substr(position_, 12));
    Fail(position_, {.rule = rule, .received = rest.empty() ? "the end" : Concat('"', rest, '"')});
  }

  // What `make` makes; its errors say where in the text it was asked for.
  template <typename Make>
  auto Placed(size_t position, Make make) const {
    try {
      return make();
    } catch (const Error& error) {
      throw error.At(Place(position));
    }
  }

  void SkipBlanks() {
    while (position_ < text_.size() &&
           (text_[position_] == ' ' || text_[position_] == '\t' || text_[position_] == '\n'))
      ++position_;
  }
  bool AtEnd() {
    SkipBlanks();
    return position_ == text_.size();
  }
  char Next() { return AtEnd() ? '\0' : text_[position_]; }
  bool Accept(char wanted) {
    if (Next() != wanted) return false;
    ++position_;
    return true;
  }
  void Expect(char wanted, const char* rule) {
    if (!Accept(wanted)) FailHere(rule);
  }

  Value Expression() {
    Value sum = Term();
    while (Next() == '+' || Next() == '-') {
      const size_t position = position_;
      const double sign = text_[position_++] == '+' ? 1 : -1;
      const Value term = Term();
      if (sum.matrix.shape != term.matrix.shape) {
        Fail(position, {.rule = "kernels that are added must have one shape",
                        .received = Described(sum) + " and " + Described(term)});
      }
      sum = {.matrix = Plus(std::move(sum.matrix), term.matrix, sign), .bias = sum.bias + sign * term.bias};
    }
    return sum;
  }

  Value Term() {
    const bool negative = Accept('-');
    Value product = Factor();
    while (Next() == '*' || Next() == '/') {
      const size_t position = position_;
      const bool divide = text_[position_++] == '/';
      Value factor = Factor();
      if (!divide && product.is_number()) std::swap(product, factor);
      if (!factor.is_number()) {
        Fail(position,
             {.rule = divide ? "a kernel must be divided by a number" : "a kernel must be multiplied by a number",
              .received = Described(product) + " and " + Described(factor)});
      }
      if (divide && factor.number() == 0) Fail(position, {.rule = "a divisor must not be 0"});
      for (double& value : product.matrix.values) value = divide ? value / factor.number() : value * factor.number();
      product.bias = divide ? product.bias / factor.number() : product.bias * factor.number();
    }
    if (negative) product = {.matrix = Scaled(std::move(product.matrix), -1), .bias = -product.bias};
    return product;
  }

  Value Factor() {
    if (++nesting_ > kMostNesting) {
      Fail(position_, {.rule = Concat("parentheses may be nested ", kMostNesting, " deep"), .received = "more"});
    }
    Value value = NestedFactor();
    --nesting_;
    return value;
  }

  Value NestedFactor() {
    const char next = Next();
    if (next == '[') return List();
    if (next == '.' || IsDigit(next)) return Number(UnsignedNumber());
    if (Accept('(')) {
      Value value = Expression();
      Expect(')', "a parenthesis must be closed with )");
      return value;
    }
    if (!IsNameCharacter(next)) FailHere("a number, a name, [ or ( must stand here");
    const size_t position = position_;
    const std::string_view name = Name();
    if (Next() == '(') return Function(name, position);
    return PresetValue(name, position);
  }

  // A dash belongs to a name when a letter or digit follows it.
  std::string_view Name() {
    const size_t start = position_;
    while (position_ < text_.size() && (IsNameCharacter(text_[position_]) ||
                                        (text_[position_] == '-' && position_ > start && position_ + 1 < text_.size() &&
                                         IsNameCharacter(text_[position_ + 1]))))
      ++position_;
    return text_.substr(start, position_ - start);
  }

  double UnsignedNumber() {
    SkipBlanks();
    const NumberInText number = LeadingNumber(text_.substr(position_));
    if (number.length == 0 || !(IsDigit(text_[position_]) || text_[position_] == '.')) {
      FailHere("a number must stand here");
    }
    position_ += number.length;
    return number.value;
  }
  double SignedNumber() {
    const bool negative = Accept('-');
    if (!negative) Accept('+');
    if (AtEnd()) FailHere("a number must stand here");
    return negative ? -UnsignedNumber() : UnsignedNumber();
  }

  Value Function(std::string_view name, size_t position) {
    Expect('(', "a function's argument must stand in parentheses");
    Value value = Expression();
    Expect(')', "a function's argument must be closed with )");
    using Operation = Matrix (*)(const Matrix&);
    constexpr std::pair<std::string_view, Operation> kFunctions[] = {
        {"t", Transposed},
        {"rot90", [](const Matrix& m) { return FlippedUpDown(Transposed(m)); }},
        {"rot180", [](const Matrix& m) { return FlippedUpDown(FlippedLeftRight(m)); }},
        {"rot270", [](const Matrix& m) { return FlippedLeftRight(Transposed(m)); }},
        {"fliplr", FlippedLeftRight},
        {"flipud", FlippedUpDown},
    };
    for (const auto& [known, operation] : kFunctions) {
      if (known != name) continue;
      if (value.is_number()) Fail(position, {.rule = Concat(name, " must be given a kernel"), .received = "a number"});
      value.matrix = operation(value.matrix);
      return value;
    }
    Fail(position,
         {.rule = "a function must be t, rot90, rot180, rot270, fliplr or flipud", .received = Concat('"', name, '"')});
  }

  // Lists of lists of numbers: the level of the first number says how many levels there are.
  Value List() {
    const size_t position = position_;
    std::vector<int64_t> lengths;
    std::vector<double> values;
    ListLevel(0, lengths, values);
    if (lengths.size() < 2) {
      Fail(position, {.rule = "a kernel's numbers must stand in 2, 3 or 4 levels of brackets",
                      .received = "1",
                      .fix = "write [[1,2,1]] for one row"});
    }
    return {.matrix = {.shape = Shape(lengths), .values = std::move(values)}};
  }

  // `lengths` holds the length of the first list of each level: 0 while that list is being read.
  void ListLevel(size_t level, std::vector<int64_t>& lengths, std::vector<double>& values) {
    const size_t position = position_;
    Expect('[', "a list must begin with [ here, since the others do");
    const bool first = lengths.size() == level;
    if (first && level == 4)
      Fail(position, {.rule = "a kernel may have at most 4 levels of brackets", .received = "5"});
    if (first) {
      // Deeper lists come only before the first number.
      if (!values.empty()) Fail(position, {.rule = "numbers must not stand beside lists", .received = "a list"});
      lengths.push_back(0);
    }
    if (Next() == ']') Fail(position, {.rule = "a list must hold at least one number", .received = "[]"});
    int64_t length = 0;
    do {
      const size_t item = position_;
      const bool number = Next() != '[';
      if (number && level + 1 < lengths.size()) {
        Fail(item, {.rule = "numbers must not stand beside lists", .received = "a number"});
      }
      if (number) {
        values.push_back(ListNumber());
      } else {
        ListLevel(level + 1, lengths, values);
      }
      ++length;
    } while (Accept(','));
    Expect(']', "the numbers of a list must be parted by commas and closed with ]");
    if (lengths[level] == 0) lengths[level] = length;
    if (lengths[level] != length) {
      Fail(position,
           {.rule = Concat("every list at this level must have as many entries as the first, ", lengths[level]),
            .received = Concat(length),
            .fix = "a kernel must be rectangular"});
    }
  }

  double ListNumber() {
    const double value = SignedNumber();
    if (!Accept('/')) return value;
    const size_t position = position_;
    const double divisor = UnsignedNumber();
    if (divisor == 0) Fail(position, {.rule = "a divisor must not be 0"});
    return value / divisor;
  }

  Value PresetValue(std::string_view name, size_t position) {
    const Preset& preset = *Placed(position, [&] { return &FindPreset(name); });
    const std::vector<double> arguments = Arguments(preset);
    return {.matrix = Placed(position, [&] { return PresetMatrix(preset, arguments); }), .bias = PresetBias(preset)};
  }

  std::vector<double> Arguments(const Preset& preset) {
    std::vector<std::optional<double>> given(preset.parameters.size());
    size_t count = 0;
    bool named = false;
    if (Next() == ':') {
      do {
        ++position_;  // the ':' or ','
        SkipBlanks();
        const size_t position = position_;
        size_t index = count;
        if (position_ < text_.size() && IsNameCharacter(text_[position_]) && !IsDigit(text_[position_])) {
          index = ParameterIndex(preset, Name(), position);
          Expect('=', "a parameter's name must be followed by =");
          named = true;
        } else if (named) {
          Fail(position, {.rule = "values without a name must come before those with one"});
        } else if (count == preset.parameters.size()) {
          Fail(position,
               {.rule = Concat(preset.name, " must be given at most ", count, " values"), .received = "more"});
        }
        if (given[index]) {
          Fail(position,
               {.rule = "a parameter must be given once", .received = Concat(preset.parameters[index].name, " twice")});
        }
        given[index] = SignedNumber();
        ++count;
      } while (Next() == ':' || Next() == ',');
    }
    std::vector<double> arguments;
    for (size_t i = 0; i < given.size(); ++i) arguments.push_back(given[i].value_or(preset.parameters[i].standard));
    return arguments;
  }

  size_t ParameterIndex(const Preset& preset, std::string_view name, size_t position) const {
    std::string names;
    for (size_t i = 0; i < preset.parameters.size(); ++i) {
      if (preset.parameters[i].name == name) return i;
      names += Concat(i == 0 ? "" : ", ", preset.parameters[i].name);
    }
    Fail(position, {.rule = Concat("a parameter of ", preset.name, " must be one of: ", names.empty() ? "none" : names),
                    .received = Concat('"', name, '"')});
  }

  static std::string Described(const Value& value) {
    return value.is_number() ? "a number" : "shape " + value.matrix.shape.ToString();
  }

  std::string_view text_;
  size_t position_ = 0;
  int nesting_ = 0;
};

}  // namespace

Kernel ParseKernel(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) {
    throw Error({.where = "kernel",
                 .rule = "a kernel must be a preset, a list of numbers or an expression of them",
                 .received = "an empty text"});
  }
  text = text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
  Parser parser(text);
  const Value value = parser.Parse();
  try {
    return MakeKernel(std::string(text), value.matrix, value.bias);
  } catch (const Error& error) {
    ErrorParts parts = error.parts();
    parts.where = parser.Place(0);
    throw Error(std::move(parts));
  }
}

}  // namespace convscope
