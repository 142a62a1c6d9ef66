// An explanation in words and small tables, for a terminal.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "convscope/base/share_text.h"
#include "convscope/tasks/explain_value.h"
#include "convscope/tasks/internal/explained_terms.h"
#include "convscope/tasks/internal/number_in.h"

namespace convscope {
namespace {

using internal::Contribution;
using internal::TermName;
using internal::ValueText;
using internal::WindowOfChannel;

constexpr int64_t kMostColumns = 12, kMostRows = 16;  // of a table of numbers
constexpr size_t kMostWidth = 110;                    // characters of tables side by side

// -0 + 0 is 0.
std::string Short(double value) {
  return internal::NumberIn("{:.4g}", value + 0.0);
}

// A column of cells, written to the right.
struct Grid {
  std::string title;
  int64_t rows = 0, columns = 0;
  std::vector<std::string> cells;

  std::vector<std::string> Lines() const {
    size_t width = 1;
    for (const std::string& cell : cells) width = std::max(width, cell.size());
    std::vector<std::string> lines = {title};
    for (int64_t r = 0; r < rows; ++r) {
      std::string line;
      for (int64_t c = 0; c < columns; ++c)
        line += fmt::format("{:>{}}", cells[r * columns + c], width + (c > 0 ? 2 : 0));
      lines.push_back(std::move(line));
    }
    size_t whole = 0;
    for (const std::string& line : lines) whole = std::max(whole, line.size());
    for (std::string& line : lines) line.resize(whole, ' ');
    return lines;
  }
};

// Side by side with their signs between them where they fit, else one under the other.
std::string GridsText(const std::vector<Grid>& grids, const std::vector<std::string>& signs) {
  std::vector<std::vector<std::string>> blocks;
  size_t width = 2, height = 0;
  for (const Grid& grid : grids) {
    blocks.push_back(grid.Lines());
    width += blocks.back()[0].size() + 5;
    height = std::max(height, blocks.back().size());
  }
  std::string text;
  const auto end_line = [&] {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  };
  if (width > kMostWidth) {
    for (const auto& block : blocks) {
      for (const std::string& line : block) {
        text += "    " + line;
        end_line();
      }
    }
    return text;
  }
  for (size_t row = 0; row < height; ++row) {
    text += "  ";
    for (size_t b = 0; b < blocks.size(); ++b) {
      const bool middle = row == 1 + (height - 2) / 2;
      text += b == 0 ? "  " : fmt::format("  {}  ", middle ? signs[b - 1] : " ");
      text += blocks[b][row];
    }
    end_line();
  }
  return text;
}

// Window, kernel and products of the channel that counts most; of a pool the window alone.
std::string WindowText(const Explanation& explanation, const WindowOfChannel& window) {
  if (window.rows > kMostRows || window.columns > kMostColumns) return "";
  const Arithmetic& arithmetic = *explanation.arithmetic;
  const bool maximum = arithmetic.rule == Arithmetic::Rule::kMaximum;
  const bool kernel = std::any_of(arithmetic.terms.begin(), arithmetic.terms.end(),
                                  [](const ArithmeticTerm& term) { return term.weight_input >= 0; });
  Grid values{.title = "window", .rows = window.rows, .columns = window.columns};
  Grid weights{.title = "kernel", .rows = window.rows, .columns = window.columns};
  Grid products{.title = "products", .rows = window.rows, .columns = window.columns};
  const auto winner = maximum ? internal::WinnerOf(arithmetic, window) : std::nullopt;
  for (size_t k = 0; k < window.terms.size(); ++k) {
    const ArithmeticTerm& term = arithmetic.terms[window.terms[k]];
    std::string cell = term.input < 0 ? (kernel ? "(0)" : "-") : Short(term.value);
    if (maximum) cell += winner == static_cast<int64_t>(k) ? "*" : " ";
    values.cells.push_back(std::move(cell));
    weights.cells.push_back(Short(term.weight));
    products.cells.push_back(Short(term.product()));
  }
  const bool padded =
      std::any_of(window.terms.begin(), window.terms.end(), [&](size_t i) { return arithmetic.terms[i].input < 0; });
  std::string text;
  if (window.channels > 1) {
    const int64_t first = internal::FirstChannel(explanation);
    text += fmt::format("  the channel that contributes most, {} of {} to {}:\n", first + window.channel, first,
                        first + window.channels - 1);
  }
  text += kernel ? GridsText({values, weights, products}, {"x", "="}) : GridsText({values}, {});
  if (padded) {
    text +=
        kernel ? "    (0) is padding\n" : fmt::format("    - is padding, {}\n", internal::PoolPaddingText(arithmetic));
  }
  if (winner) {
    text += std::isnan(arithmetic.value) ? "    * is NaN, which the largest is then, too\n"
                                         : fmt::format("    * is {}\n", internal::WinnerText(arithmetic));
  }
  return text;
}

std::string ContributionsText(const std::vector<Contribution>& parts, const char* title) {
  size_t name_width = std::string(title).size(), value_width = 3;
  for (const Contribution& part : parts) {
    name_width = std::max(name_width, part.name.size());
    value_width = std::max(value_width, ValueText(part.value).size());
  }
  std::string text = fmt::format("    {:<{}}  {:>{}}\n", title, name_width, "sum", value_width);
  for (const Contribution& part : parts) {
    text += fmt::format("    {:<{}}  {:>{}}\n", part.name, name_width, ValueText(part.value), value_width);
  }
  return text;
}

// Each term of a list with its weight: value x weight = product.
std::string TermsText(const Explanation& explanation, int64_t top, const std::vector<std::string>& class_names) {
  const Arithmetic& arithmetic = *explanation.arithmetic;
  struct Row {
    std::string name, value, weight, product;
  };
  std::vector<Row> rows = {{"input", "value", "x weight", "= product"}};
  std::vector<size_t> order = LargestTerms(arithmetic);
  for (size_t i = 0; i < arithmetic.terms.size(); ++i) {
    if (arithmetic.terms[i].input < 0 && arithmetic.terms[i].product() != 0) order.push_back(i);
  }
  const bool cut = static_cast<int64_t>(order.size()) > top + 1;
  double rest = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    const ArithmeticTerm& term = arithmetic.terms[order[k]];
    if (cut && static_cast<int64_t>(k) >= top) {
      rest += term.product();
      continue;
    }
    rows.push_back({term.input < 0 ? "mean" : TermName(explanation, term, class_names), ValueText(term.value),
                    ValueText(term.weight), ValueText(term.product())});
  }
  if (cut) {
    rows.push_back({fmt::format("the other {}", static_cast<int64_t>(order.size()) - top), "", "", ValueText(rest)});
  }
  for (const ArithmeticTerm& term : arithmetic.offsets) {
    rows.push_back(
        {term.input < 0 ? "offset" : TermName(explanation, term, class_names), "", "", ValueText(term.product())});
  }
  size_t widths[4] = {};
  for (const Row& row : rows) {
    size_t i = 0;
    for (const std::string* cell : {&row.name, &row.value, &row.weight, &row.product}) {
      widths[i] = std::max(widths[i], cell->size());
      ++i;
    }
  }
  std::string text;
  for (const Row& row : rows) {
    text += fmt::format("    {:<{}}  {:>{}}  {:>{}}  {:>{}}\n", row.name, widths[0], row.value, widths[1], row.weight,
                        widths[2], row.product, widths[3]);
  }
  return text;
}

// Of a function or a maximum over a list: the largest values.
std::string ValuesText(const Explanation& explanation, int64_t top, const std::vector<std::string>& class_names) {
  const Arithmetic& arithmetic = *explanation.arithmetic;
  std::vector<size_t> order(arithmetic.terms.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return ToldBefore(arithmetic.terms[a].value, arithmetic.terms[b].value);
  });
  size_t width = 0;
  std::vector<std::string> names;
  const size_t told = std::min(order.size(), static_cast<size_t>(top));
  // The one that is explained is told, however small.
  const bool small = arithmetic.through && std::count(order.begin(), order.begin() + told, *arithmetic.through) == 0;
  if (small) order[told - 1] = *arithmetic.through;
  for (size_t k = 0; k < told; ++k) {
    names.push_back(TermName(explanation, arithmetic.terms[order[k]], class_names));
    width = std::max(width, names.back().size());
  }
  std::string text;
  for (size_t k = 0; k < told; ++k) {
    const bool own = arithmetic.through && order[k] == *arithmetic.through && order.size() > 1;
    text += fmt::format("    {:<{}}  {:>12}{}\n", names[k], width, ValueText(arithmetic.terms[order[k]].value),
                        own ? "  <- this one" : "");
  }
  if (told < order.size())
    text += fmt::format("    and {} {}\n", order.size() - told, small ? "others" : "smaller ones");
  return text;
}

std::string OneText(const ExplainedValue& value, const Explanation& explanation) {
  std::string text =
      fmt::format("{} = {}\n", Text(explanation.place, explanation.shape), ValueText(explanation.traced));
  std::string inputs;
  for (const std::string& input : explanation.inputs) inputs += (inputs.empty() ? "" : ", ") + input;
  text += fmt::format("  {} of {}", explanation.operation, inputs);
  if (!explanation.arithmetic) return text + fmt::format("\n  {}\n", internal::VerdictText(explanation));
  const Arithmetic& arithmetic = *explanation.arithmetic;
  text += fmt::format(": {}\n", arithmetic.formula);

  const std::optional<WindowOfChannel> window = internal::MainWindow(arithmetic);
  if (window) {
    text += fmt::format("  a window of {} x {}", window->rows, window->columns);
    if (window->channels > 1) text += fmt::format(" x {} channels", window->channels);
    if (const auto covered = internal::CoveredPlaces(explanation)) {
      const auto& [top, bottom, left, right] = *covered;
      text += fmt::format(" over {}, rows {} to {}, columns {} to {}", explanation.inputs[0], top, bottom, left, right);
    }
    text += "\n" + WindowText(explanation, *window);
    const bool large = window->rows > kMostRows || window->columns > kMostColumns;
    if (arithmetic.rule == Arithmetic::Rule::kSum) {
      const bool pool = arithmetic.offsets.empty() && arithmetic.terms[0].weight_input < 0;
      if (window->channels > 1 || large || !pool) {
        const auto parts = internal::Contributions(explanation, value.top, value.class_names);
        if (window->channels == 1 && !large) {
          double sum = 0;
          for (const ArithmeticTerm& term : arithmetic.terms) sum += term.product();
          std::vector<Contribution> short_list = {{"products", sum}};
          for (const ArithmeticTerm& term : arithmetic.offsets) {
            short_list.push_back({TermName(explanation, term, value.class_names), term.product()});
          }
          text += ContributionsText(short_list, "");
        } else {
          text += ContributionsText(parts, window->channels > 1 ? "by channel" : "largest");
        }
      }
    } else if (large) {
      text += ValuesText(explanation, value.top, value.class_names);
    }
  } else if (arithmetic.rule == Arithmetic::Rule::kSum) {
    text += TermsText(explanation, value.top, value.class_names);
  } else {
    text += ValuesText(explanation, value.top, value.class_names);
  }
  for (const auto& [name, number] : arithmetic.numbers) text += fmt::format("    {}: {}\n", name, ValueText(number));
  text += fmt::format("  {}\n", internal::VerdictText(explanation));
  return text;
}

std::string FieldText(const ReceptivePixels& field) {
  if (field.count == 0) return fmt::format("depends on no pixel of {}\n", field.input);
  std::string text =
      fmt::format("depends on {} of {} pixels of {}: rows {} to {}, columns {} to {} ({} x {})", field.count,
                  field.rows * field.columns, field.input, field.top, field.top + field.height - 1, field.left,
                  field.left + field.width - 1, field.height, field.width);
  if (field.holes())
    text += fmt::format(", with {} pixels between that do not count", field.height * field.width - field.count);
  return text + "\n";
}

std::string StepsText(const std::vector<BackwardStep>& steps) {
  std::string text = "\nThe largest contributions, back to the picture:\n";
  size_t width = 0;
  for (const BackwardStep& step : steps) width = std::max(width, Text(step.place, step.shape).size());
  for (const BackwardStep& step : steps) {
    text += fmt::format("  {:<{}}  {:>12}", Text(step.place, step.shape), width, ValueText(step.value));
    if (!step.how.empty()) {
      text += fmt::format("  {}", step.operation);
      if (step.of_sum) {
        text += fmt::format(": {} from the next, {}", ValueText(step.contribution), step.how);
        if (!std::isnan(step.share)) text += fmt::format(", {} of those of its sign", ShareText(step.share));
      } else {
        text += fmt::format(": the next is {}", step.how);
      }
    } else if (!step.end.empty()) {
      text += fmt::format("  {}, {}", step.operation, step.end);
    }
    text += "\n";
  }
  return text;
}

// Why the chain ends before what its last value went through; empty: it did not.
std::string EndText(const ExplainedValue& value) {
  const Explanation& last = value.chain.back();
  if (!last.arithmetic || !last.arithmetic->through) return "";
  const ArithmeticTerm& term = last.arithmetic->terms[*last.arithmetic->through];
  const std::string& input = last.inputs[term.input];
  const DType dtype = value.trace->graph()[input].type.dtype;
  if (last.input_roles[term.input] != TensorRole::kComputed || IsExplained(dtype)) return "";
  return fmt::format("\n{}: its numbers are {}, not explained further\n",
                     Text({input, term.element}, last.input_shapes[term.input]), Name(dtype));
}

}  // namespace

std::string ExplainText(const ExplainedValue& value) {
  std::string text;
  if (!value.trained) text += value.model + " is untrained: its weights are random numbers\n";
  text += value.shown.source;
  if (value.shown.truth) text += fmt::format(", which is: {}", *value.shown.truth);
  if (!value.shown.note.empty()) text += fmt::format(" ({})", value.shown.note);
  text += "\n";
  for (const Explanation& explanation : value.chain) text += "\n" + OneText(value, explanation);
  text += EndText(value);
  text += fmt::format("\n{} {}", Text(value.chain[0].place, value.chain[0].shape), FieldText(value.field));
  if (!value.steps.empty()) text += StepsText(value.steps);
  return text;
}

}  // namespace convscope
