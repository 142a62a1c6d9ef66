// How large the boxes of a network are: its texts, broken and measured. Not for users.
#ifndef CONVSCOPE_FIGURES_INTERNAL_NETWORK_MEASURE_H_
#define CONVSCOPE_FIGURES_INTERNAL_NETWORK_MEASURE_H_

#include <string>
#include <vector>

#include "convscope/figures/internal/network_layout.h"
#include "convscope/figures/internal/text_setter.h"
#include "convscope/figures/network_plot.h"

namespace convscope::internal {

inline constexpr TextStyle kNetworkTitle{.size = 9, .bold = true}, kNetworkLine{.size = 8}, kNetworkLabel{.size = 8},
    kNetworkGroup{.size = 9};
inline constexpr double kNetworkPadX = 8, kNetworkPadY = 4;

struct NetworkLine {
  std::string text;
  TextStyle style;
  double width;
};

struct MeasuredNetwork {
  NetworkToPlace network;
  std::vector<std::vector<NetworkLine>> lines;  // of each node
};

// Throws Error, naming `where`, for a plot that cannot be drawn.
MeasuredNetwork Measure(const NetworkPlot& plot, const std::string& where, TextSetter* text);

}  // namespace convscope::internal

#endif  // CONVSCOPE_FIGURES_INTERNAL_NETWORK_MEASURE_H_
