// Maps as plain characters, for a terminal that has no colours: one character a value.
//
// A value below zero is a letter, one above zero a digit, so that they cannot be taken for one another: a darker and a
// lighter character could. What has one sign, photographs too, is drawn with characters that cover more and more.
#ifndef CONVSCOPE_FIGURES_INTERNAL_PLAIN_CANVAS_H_
#define CONVSCOPE_FIGURES_INTERNAL_PLAIN_CANVAS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/figures/internal/panel_facts.h"
#include "convscope/figures/scale.h"

namespace convscope::internal {

// What colours are called in the remarks on a map.
inline constexpr Marks kPlainMarks{.not_finite = "? or NaN, inf",
                                   .signed_map = "letters negative, blank zero, digits positive",
                                   .unsigned_map = "blank zero, @ its large values"};

// The values (H, W, C) of a panel with one for each character: (rows, columns, C). The mean of those under it; on a
// signed scale, where means of positive and negative would be nothing, the one farthest from zero.
std::vector<float> PlainValues(const PanelFacts& facts, int rows, int columns);

// Says so where there are several under a character; else empty.
std::string PlainValuesRemark(const PanelFacts& facts, int rows, int columns);

// Of `value` on this scale; '?' for NaN and infinity.
char PlainCharacter(float value, const Scale& scale);

// "scale: i = -8 ... a, blank = 0, 1 ... 9 = 8", "scale: blank = 0, then .:-=+*#%, @ >= 2.5".
std::string PlainLegend(const ColorBar& bar);

// Map `channel` of values (rows, columns, channels), a line a row. A colour picture is drawn by its lightness.
std::vector<std::string> PlainLines(const std::vector<float>& values, int rows, int columns, const PanelFacts& facts,
                                    int64_t channel);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_PLAIN_CANVAS_H_
