// The colour maps of the figures: which colour stands for a value between 0 and 1.
//
// What the ends mean is a Scale's business (scale.h). There is no rainbow map: its bands show edges that the data lack.
#ifndef CONVSCOPE_FIGURES_COLOR_MAP_H_
#define CONVSCOPE_FIGURES_COLOR_MAP_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace convscope {

struct Rgb8 {
  uint8_t r = 0, g = 0, b = 0;  // sRGB
  bool operator==(const Rgb8&) const = default;
};

enum class ColorMap : uint8_t {
  kGray,       // black to white: photographs
  kViridis,    // dark blue to yellow, even steps for the eye and for the colour-blind: values of one sign
  kDiverging,  // blue over near-white to red, the middle neutral: signed values, zero at 0.5
};

std::string_view Name(ColorMap map);  // "grey", "viridis", "diverging"

// All its colours, in even steps from 0 to 1; an odd number for kDiverging, so that its middle is one of them.
std::span<const Rgb8> Palette(ColorMap map);

// The colour at t, clamped to [0, 1]; a NaN gives kNotFiniteColor.
Rgb8 Color(ColorMap map, float t);

// What NaN and infinity are drawn in: a magenta that no colour map holds.
inline constexpr Rgb8 kNotFiniteColor{255, 0, 255};

// Relative luminance, 0 to 1, and contrast ratio, 1 to 21, of the Web Content Accessibility Guidelines 2.2.
double RelativeLuminance(Rgb8 color);
double Contrast(Rgb8 a, Rgb8 b);

// Black or white, whichever stands out more: its contrast with any background is at least 4.58.
Rgb8 TextColorOn(Rgb8 background);

}  // namespace convscope

#endif  // CONVSCOPE_FIGURES_COLOR_MAP_H_
