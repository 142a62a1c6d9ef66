#include "convscope/figures/network_places.h"

#include <utility>

#include "convscope/figures/internal/network_layout.h"
#include "convscope/figures/internal/network_measure.h"
#include "convscope/figures/internal/text_setter.h"

namespace convscope {

NetworkPlaces PlaceNetwork(const NetworkPlot& plot) {
  internal::TextSetter text;
  const internal::MeasuredNetwork measured = internal::Measure(plot, "network", &text);
  internal::PlacedNetwork placed = internal::Place(measured.network);
  NetworkPlaces places{.width = placed.size.width, .height = placed.size.height};
  for (size_t n = 0; n < placed.nodes.size(); ++n) {
    NetworkPlaces::Node& node = places.nodes.emplace_back();
    node.box = placed.nodes[n];
    node.title_lines = 0;
    for (const internal::NetworkLine& line : measured.lines[n]) {
      node.lines.push_back(line.text);
      if (line.style == internal::kNetworkTitle) ++node.title_lines;
    }
  }
  for (auto& edge : placed.edges) places.edges.push_back({std::move(edge.curve), edge.tip, edge.label});
  places.groups = std::move(placed.groups);
  places.group_names = std::move(placed.group_names);
  return places;
}

}  // namespace convscope
