// Kernels with a name: blurs, sharpening, edges, derivatives, textures.
//
// The table is in preset_table.cc, one entry a preset, each with the source of its numbers; adding one is one entry
// there. Presets combine in expressions (convscope/filters/expression.h). Not here: kernels from files and pictures.
#ifndef CONVSCOPE_FILTERS_PRESET_H_
#define CONVSCOPE_FILTERS_PRESET_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "convscope/filters/kernel.h"
#include "convscope/filters/matrix.h"

namespace convscope {

struct PresetParameter {
  enum class Kind : uint8_t { kReal, kWhole, kOdd };
  std::string_view name;         // "sigma"
  double standard;               // the value when none is given
  double low, high;              // the values that are accepted, both included
  Kind kind = Kind::kReal;       // kOdd: a whole number that is odd, so that the kernel has a middle
  std::string_view unit;         // "pixels", "degrees", or empty for a pure number
  std::string_view description;  // "standard deviation"
};

struct Preset {
  std::string_view name;                        // "gaussian"
  std::string_view family;                      // "blur", "sharpen", "edge", "derivative", "texture", ...
  std::string_view description;                 // one sentence
  std::string_view source;                      // where its numbers or its formula come from
  std::span<const PresetParameter> parameters;  // in the order in which they may be given without names
  double divisor = 1;                           // the matrix is divided by it
  double offset = 0;                            // added to every output value, on the scale where white is 255
  Matrix (*matrix)(std::span<const double> arguments) = nullptr;  // one argument a parameter, within its range
};

// All presets, each family together.
std::span<const Preset> Presets();

// The preset of that name; throws Error that offers the nearest names when there is none.
const Preset& FindPreset(std::string_view name);

// The numbers of a preset: its matrix over its divisor. `arguments` holds one value for each parameter, or is empty for
// the standard ones. Throws Error that names preset and parameter for a value outside its range.
Matrix PresetMatrix(const Preset& preset, std::span<const double> arguments = {});

// What goes with them: the preset's offset on the scale where white is 1.
double PresetBias(const Preset& preset);

// Both, as a kernel under the preset's name.
Kernel BuildPreset(const Preset& preset, std::span<const double> arguments = {});

}  // namespace convscope

#endif  // CONVSCOPE_FILTERS_PRESET_H_
