// Networks that are built in, by name. They come without weights: Initialize sets some of a seed, and whatever is shown
// of such a network is of an untrained one.
#ifndef CONVSCOPE_NN_ARCHITECTURES_H_
#define CONVSCOPE_NN_ARCHITECTURES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/nn/network.h"

namespace convscope {

struct ArchitectureOptions {
  std::optional<Shape> input;      // of a sample (rows, columns, channels), in place of the architecture's
  std::optional<int64_t> classes;  // in place of the architecture's; none for one that has no classes
};

struct Architecture {
  std::string_view name;
  std::string_view description;  // one line: what it is and whose
  Network (*make)(const ArchitectureOptions& options);
  bool tells_classes = true;  // else it takes no ArchitectureOptions::classes
};

std::span<const Architecture> Architectures();
std::vector<std::string> ArchitectureNames();
const Architecture* FindArchitecture(std::string_view name);  // null where there is none of this name

// Throws Error for an unknown name, with the nearest ones, and for options that the architecture does not take.
Network MakeArchitecture(std::string_view name, const ArchitectureOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_NN_ARCHITECTURES_H_
