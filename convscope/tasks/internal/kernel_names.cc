#include "convscope/tasks/internal/kernel_names.h"

#include <algorithm>
#include <set>

#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

constexpr size_t kMostShort = 16;  // characters, which a map has room for
constexpr size_t kMostLines = 8;   // of a legend that gives each kernel its own

bool ShortAndDifferent(const std::vector<std::string>& names) {
  const auto is_short = [](const std::string& name) { return !name.empty() && name.size() <= kMostShort; };
  return std::all_of(names.begin(), names.end(), is_short) &&
         std::set<std::string>(names.begin(), names.end()).size() == names.size();
}

bool IsNumber(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

// "gabor:", "theta=0,", "size=11": what joins a piece to the next belongs to it.
std::vector<std::string> PiecesOf(const std::string& name) {
  std::vector<std::string> pieces(1);
  for (const char c : name) {
    pieces.back() += c;
    if (c == ':' || c == ',' || c == ' ') pieces.emplace_back();
  }
  return pieces;
}

std::string Joined(const std::vector<std::string>& pieces, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += pieces[i];
  return text;
}

// How many pieces all names begin with, or end with, of `most`.
size_t CountCommon(const std::vector<std::vector<std::string>>& names, size_t most, bool at_end) {
  size_t common = 0;
  const auto is_common = [&](const std::vector<std::string>& pieces) {
    const std::vector<std::string>& first = names.front();
    return at_end ? pieces[pieces.size() - 1 - common] == first[first.size() - 1 - common]
                  : pieces[common] == first[common];
  };
  while (common < most && std::all_of(names.begin(), names.end(), is_common)) ++common;
  return common;
}

// By what differs between the names; without labels where that is too long.
KernelNames ByDifference(const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> pieces;
  size_t fewest = SIZE_MAX;
  for (const std::string& name : names) {
    // The numbers of a matrix tell nothing by themselves.
    if (name.find('[') != std::string::npos) return {};
    pieces.push_back(PiecesOf(name));
    fewest = std::min(fewest, pieces.back().size());
  }
  const size_t before = CountCommon(pieces, fewest - 1, false);
  const size_t after = CountCommon(pieces, fewest - 1 - before, true);
  KernelNames made;
  std::string joint;  // to what follows
  for (const std::vector<std::string>& own : pieces) {
    std::string label = Joined(own, before, own.size() - after);
    if (after > 0) {
      joint = label.back();
      label.pop_back();
    }
    made.titles.push_back(IsNumber(label) ? "kernel " + label : label);
    made.labels.push_back(std::move(label));
  }
  if (!ShortAndDifferent(made.labels)) return {};
  const std::vector<std::string>& first = pieces.front();
  made.legend =
      Concat("kernels ", Joined(first, 0, before), "…", joint, Joined(first, first.size() - after, first.size()));
  return made;
}

KernelNames ByNumber(const std::vector<std::string>& names) {
  KernelNames made;
  const bool alike = std::count(names.begin(), names.end(), names.front()) == static_cast<ptrdiff_t>(names.size());
  if (alike && !names.front().empty()) made.legend = "kernels " + names.front();
  for (size_t f = 0; f < names.size(); ++f) {
    made.labels.push_back(Concat(f));
    made.titles.push_back(Concat(f, ": ", names[f]));
    if (!alike) made.legend += Concat(f == 0 ? "" : names.size() <= kMostLines ? "\n" : "; ", f, ": ", names[f]);
  }
  return made;
}

}  // namespace

KernelNames NamesOf(const std::vector<std::string>& names) {
  if (names.size() == 1 || ShortAndDifferent(names)) return {.titles = names, .labels = names, .legend = ""};
  const KernelNames made = ByDifference(names);
  return made.labels.empty() ? ByNumber(names) : made;
}

}  // namespace convscope::internal
