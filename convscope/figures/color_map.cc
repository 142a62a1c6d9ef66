#include "convscope/figures/color_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace convscope {
namespace {

// Viridis by Stefan van der Walt and Nathaniel Smith (2015), whose data are in the public domain (CC0), in 8 bits.
constexpr uint32_t kViridisRgb[256] = {
    0x440154, 0x440256, 0x450457, 0x450559, 0x46075a, 0x46085c, 0x460a5d, 0x460b5e, 0x470d60, 0x470e61, 0x471063,
    0x471164, 0x471365, 0x481467, 0x481668, 0x481769, 0x48186a, 0x481a6c, 0x481b6d, 0x481c6e, 0x481d6f, 0x481f70,
    0x482071, 0x482173, 0x482374, 0x482475, 0x482576, 0x482677, 0x482878, 0x482979, 0x472a7a, 0x472c7a, 0x472d7b,
    0x472e7c, 0x472f7d, 0x46307e, 0x46327e, 0x46337f, 0x463480, 0x453581, 0x453781, 0x453882, 0x443983, 0x443a83,
    0x443b84, 0x433d84, 0x433e85, 0x423f85, 0x424086, 0x424186, 0x414287, 0x414487, 0x404588, 0x404688, 0x3f4788,
    0x3f4889, 0x3e4989, 0x3e4a89, 0x3e4c8a, 0x3d4d8a, 0x3d4e8a, 0x3c4f8a, 0x3c508b, 0x3b518b, 0x3b528b, 0x3a538b,
    0x3a548c, 0x39558c, 0x39568c, 0x38588c, 0x38598c, 0x375a8c, 0x375b8d, 0x365c8d, 0x365d8d, 0x355e8d, 0x355f8d,
    0x34608d, 0x34618d, 0x33628d, 0x33638d, 0x32648e, 0x32658e, 0x31668e, 0x31678e, 0x31688e, 0x30698e, 0x306a8e,
    0x2f6b8e, 0x2f6c8e, 0x2e6d8e, 0x2e6e8e, 0x2e6f8e, 0x2d708e, 0x2d718e, 0x2c718e, 0x2c728e, 0x2c738e, 0x2b748e,
    0x2b758e, 0x2a768e, 0x2a778e, 0x2a788e, 0x29798e, 0x297a8e, 0x297b8e, 0x287c8e, 0x287d8e, 0x277e8e, 0x277f8e,
    0x27808e, 0x26818e, 0x26828e, 0x26828e, 0x25838e, 0x25848e, 0x25858e, 0x24868e, 0x24878e, 0x23888e, 0x23898e,
    0x238a8d, 0x228b8d, 0x228c8d, 0x228d8d, 0x218e8d, 0x218f8d, 0x21908d, 0x21918c, 0x20928c, 0x20928c, 0x20938c,
    0x1f948c, 0x1f958b, 0x1f968b, 0x1f978b, 0x1f988b, 0x1f998a, 0x1f9a8a, 0x1e9b8a, 0x1e9c89, 0x1e9d89, 0x1f9e89,
    0x1f9f88, 0x1fa088, 0x1fa188, 0x1fa187, 0x1fa287, 0x20a386, 0x20a486, 0x21a585, 0x21a685, 0x22a785, 0x22a884,
    0x23a983, 0x24aa83, 0x25ab82, 0x25ac82, 0x26ad81, 0x27ad81, 0x28ae80, 0x29af7f, 0x2ab07f, 0x2cb17e, 0x2db27d,
    0x2eb37c, 0x2fb47c, 0x31b57b, 0x32b67a, 0x34b679, 0x35b779, 0x37b878, 0x38b977, 0x3aba76, 0x3bbb75, 0x3dbc74,
    0x3fbc73, 0x40bd72, 0x42be71, 0x44bf70, 0x46c06f, 0x48c16e, 0x4ac16d, 0x4cc26c, 0x4ec36b, 0x50c46a, 0x52c569,
    0x54c568, 0x56c667, 0x58c765, 0x5ac864, 0x5cc863, 0x5ec962, 0x60ca60, 0x63cb5f, 0x65cb5e, 0x67cc5c, 0x69cd5b,
    0x6ccd5a, 0x6ece58, 0x70cf57, 0x73d056, 0x75d054, 0x77d153, 0x7ad151, 0x7cd250, 0x7fd34e, 0x81d34d, 0x84d44b,
    0x86d549, 0x89d548, 0x8bd646, 0x8ed645, 0x90d743, 0x93d741, 0x95d840, 0x98d83e, 0x9bd93c, 0x9dd93b, 0xa0da39,
    0xa2da37, 0xa5db36, 0xa8db34, 0xaadc32, 0xaddc30, 0xb0dd2f, 0xb2dd2d, 0xb5de2b, 0xb8de29, 0xbade28, 0xbddf26,
    0xc0df25, 0xc2df23, 0xc5e021, 0xc8e020, 0xcae11f, 0xcde11d, 0xd0e11c, 0xd2e21b, 0xd5e21a, 0xd8e219, 0xdae319,
    0xdde318, 0xdfe318, 0xe2e418, 0xe5e419, 0xe7e419, 0xeae51a, 0xece51b, 0xefe51c, 0xf1e51d, 0xf4e61e, 0xf6e620,
    0xf8e621, 0xfbe723, 0xfde725,
};

struct Lab {
  double l, a, b;  // CIE L*a*b*, white point D65
};

double ToLinear(uint8_t channel) {
  const double v = channel / 255.0;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

uint8_t FromLinear(double v) {
  v = std::clamp(v, 0.0, 1.0);
  const double encoded = v <= 0.0031308 ? 12.92 * v : 1.055 * std::pow(v, 1 / 2.4) - 0.055;
  return static_cast<uint8_t>(std::lround(255 * encoded));
}

constexpr double kWhiteX = 0.95047, kWhiteZ = 1.08883;  // Y of white is 1

Lab ToLab(Rgb8 color) {
  const double r = ToLinear(color.r), g = ToLinear(color.g), b = ToLinear(color.b);
  const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  const double x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / kWhiteX);
  const double y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const double z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / kWhiteZ);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

Rgb8 FromLab(Lab lab) {
  const auto f = [](double t) { return t > 6.0 / 29 ? t * t * t : (116 * t - 16) * 27 / 24389; };
  const double middle = (lab.l + 16) / 116;
  const double x = kWhiteX * f(middle + lab.a / 500), y = f(middle), z = kWhiteZ * f(middle - lab.b / 200);
  return {FromLinear(3.2406 * x - 1.5372 * y - 0.4986 * z), FromLinear(-0.9689 * x + 1.8758 * y + 0.0415 * z),
          FromLinear(0.0557 * x - 0.2040 * y + 1.0570 * z)};
}

// One half of Kenneth Moreland's diverging map ("Diverging Color Maps for Scientific Visualization", 2009): the line
// from a saturated colour (t = 0) to neutral (t = 1) in Msh, the polar form of Lab, where magnitude M stands for
// lightness, angle s for saturation and h for hue. Lightness and saturation change evenly; the hue is turned so that
// the step into neutral looks as large as the others.
Rgb8 TowardsNeutral(Rgb8 saturated, double t) {
  // Moreland's own middle is a light grey (M = 88); a figure is printed on white, and zero should look like nothing.
  constexpr double kNeutralM = 98;
  const Lab end = ToLab(saturated);
  const double m = std::sqrt(end.l * end.l + end.a * end.a + end.b * end.b);
  const double s = std::acos(end.l / m), h = std::atan2(end.b, end.a);
  const double spin = s * std::sqrt(kNeutralM * kNeutralM - m * m) / (m * std::sin(s));
  const double neutral_h = h > -std::numbers::pi / 3 ? h + spin : h - spin;
  const double at_m = std::lerp(m, kNeutralM, t), at_s = std::lerp(s, 0.0, t), at_h = std::lerp(h, neutral_h, t);
  return FromLab(
      {at_m * std::cos(at_s), at_m * std::sin(at_s) * std::cos(at_h), at_m * std::sin(at_s) * std::sin(at_h)});
}

// An odd number of colours, so that zero has one of its own.
std::array<Rgb8, 257> MakeDiverging() {
  // Moreland's cool and warm ends: as light as each other, and told apart by every kind of colour vision.
  constexpr Rgb8 kCool{59, 76, 192}, kWarm{180, 4, 38};
  std::array<Rgb8, 257> colors;
  for (int i = 0; i <= 128; ++i) {
    colors[i] = TowardsNeutral(kCool, i / 128.0);
    colors[256 - i] = TowardsNeutral(kWarm, i / 128.0);
  }
  return colors;
}

std::array<Rgb8, 256> MakeViridis() {
  std::array<Rgb8, 256> colors;
  for (int i = 0; i < 256; ++i) {
    const uint32_t rgb = kViridisRgb[i];
    colors[i] = {static_cast<uint8_t>(rgb >> 16), static_cast<uint8_t>(rgb >> 8), static_cast<uint8_t>(rgb)};
  }
  return colors;
}

std::array<Rgb8, 256> MakeGray() {
  std::array<Rgb8, 256> colors;
  for (int i = 0; i < 256; ++i) {
    const auto level = static_cast<uint8_t>(i);
    colors[i] = {level, level, level};
  }
  return colors;
}

}  // namespace

std::string_view Name(ColorMap map) {
  switch (map) {
    case ColorMap::kGray:
      return "grey";
    case ColorMap::kViridis:
      return "viridis";
    case ColorMap::kDiverging:
      return "diverging";
  }
  return "";
}

std::span<const Rgb8> Palette(ColorMap map) {
  static const auto gray = MakeGray();
  static const auto viridis = MakeViridis();
  static const auto diverging = MakeDiverging();
  if (map == ColorMap::kViridis) return viridis;
  if (map == ColorMap::kDiverging) return diverging;
  return gray;
}

Rgb8 Color(ColorMap map, float t) {
  if (std::isnan(t)) return kNotFiniteColor;
  const std::span<const Rgb8> palette = Palette(map);
  return palette[static_cast<size_t>(std::clamp(t, 0.0f, 1.0f) * static_cast<float>(palette.size() - 1) + 0.5f)];
}

double RelativeLuminance(Rgb8 color) {
  return 0.2126 * ToLinear(color.r) + 0.7152 * ToLinear(color.g) + 0.0722 * ToLinear(color.b);
}

double Contrast(Rgb8 a, Rgb8 b) {
  const auto [dark, light] = std::minmax({RelativeLuminance(a), RelativeLuminance(b)});
  return (light + 0.05) / (dark + 0.05);
}

Rgb8 TextColorOn(Rgb8 background) {
  constexpr Rgb8 kBlack{0, 0, 0}, kWhite{255, 255, 255};
  return Contrast(kBlack, background) >= Contrast(kWhite, background) ? kBlack : kWhite;
}

}  // namespace convscope
