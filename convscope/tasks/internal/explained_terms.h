// What text and figure of an explanation tell of its terms: the window as a matrix of one channel, and the largest
// contributions with the rest of them in one. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_EXPLAINED_TERMS_H_
#define CONVSCOPE_TASKS_INTERNAL_EXPLAINED_TERMS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/inspect/explanation.h"

namespace convscope::internal {

// One channel of a window with places, its slices one above the other.
struct WindowOfChannel {
  int64_t rows = 1, columns = 1;
  int64_t channel = 0, channels = 1;  // of the window
  std::vector<size_t> terms;          // (rows, columns), indexes into Arithmetic::terms
};
// The channel with the largest sum in size, of a maximum or mean the one there is; none where terms have no places.
std::optional<WindowOfChannel> MainWindow(const Arithmetic& arithmetic);

// The channel of the node's input that the window's channel 0 is: not 0 in the later groups of a convolution.
int64_t FirstChannel(const Explanation& explanation);

// Of a maximum, the place in `window` of the first value that it is, of a NaN the first that is NaN; none where none is
// (the padding alone).
std::optional<int64_t> WinnerOf(const Arithmetic& arithmetic, const WindowOfChannel& window);
// What that is: "the largest"; where others are as large, the first of them.
std::string WinnerText(const Arithmetic& arithmetic);

// Rows and columns of the explained node's first input that the window covers, first and last; none where that has none
// or the window lies in the padding.
std::optional<std::array<int64_t, 4>> CoveredPlaces(const Explanation& explanation);

// Of a pool's window that reaches into the padding: "which does not count", or of a mean that it does.
std::string PoolPaddingText(const Arithmetic& arithmetic);

struct Contribution {
  std::string name;
  double value = 0;
};
// The `top` largest, then the sum of the others, then what is added (a bias): of a sum over channels by channel, else
// by term. They add up to the value.
std::vector<Contribution> Contributions(const Explanation& explanation, int64_t top,
                                        const std::vector<std::string>& class_names);

// "conv_1:1,2,3", and of a class its name.
std::string TermName(const Explanation& explanation, const ArithmeticTerm& term,
                     const std::vector<std::string>& class_names);

// Of the products of all terms and offsets: what the rounding of a sum is a part of.
double AbsoluteSum(const Arithmetic& arithmetic);

// "sum 0.41234 = traced 0.41233, off by 3e-08: 1e-08 of the sum of the absolute terms, ...", or that it is not so.
std::string VerdictText(const Explanation& explanation);

// Digits that tell a float apart from its neighbours in a text for people.
std::string ValueText(double value);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_EXPLAINED_TERMS_H_
