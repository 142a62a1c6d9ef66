#include "convscope/figures/internal/network_measure.h"

#include <algorithm>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

constexpr double kMostText = 260;

void AddLine(const std::string& text, TextStyle style, TextSetter* setter, std::vector<NetworkLine>* lines) {
  for (const std::string& part : setter->Break(PrintableText(text), style, kMostText, 3)) {
    lines->push_back({part, style, setter->Width(part, style)});
  }
}

void Check(const NetworkPlot& plot, const std::string& where) {
  constexpr size_t kMostNodes = 1000;
  if (plot.nodes.empty() || plot.nodes.size() > kMostNodes) {
    throw Error({.where = where,
                 .rule = Concat("a network is drawn with 1 to ", kMostNodes, " boxes"),
                 .received = Concat(plot.nodes.size()),
                 .fix = "fold some of them into one"});
  }
  const auto known = [](int index, size_t count) { return index >= 0 && index < static_cast<int>(count); };
  for (const NetworkPlot::Edge& edge : plot.edges) {
    if (known(edge.from, plot.nodes.size()) && known(edge.to, plot.nodes.size())) continue;
    throw Error({.where = where,
                 .rule = Concat("an arrow joins two of the ", plot.nodes.size(), " boxes"),
                 .received = Concat(edge.from, " to ", edge.to)});
  }
  for (const NetworkPlot::Node& node : plot.nodes) {
    if (node.group < 0 || known(node.group, plot.groups.size())) continue;
    throw Error({.where = where,
                 .rule = Concat("a box is in one of the ", plot.groups.size(), " groups"),
                 .received = Concat(node.group)});
  }
}

}  // namespace

MeasuredNetwork Measure(const NetworkPlot& plot, const std::string& where, TextSetter* text) {
  Check(plot, where);
  MeasuredNetwork measured;
  NetworkToPlace& network = measured.network;
  network.left_to_right = plot.left_to_right;
  for (const NetworkPlot::Node& node : plot.nodes) {
    std::vector<NetworkLine>& lines = measured.lines.emplace_back();
    AddLine(node.title, kNetworkTitle, text, &lines);
    for (const std::string& line : node.lines) AddLine(line, kNetworkLine, text, &lines);
    Extent size{2 * kNetworkPadX, 2 * kNetworkPadY};
    for (const NetworkLine& line : lines) {
      size.width = std::max(size.width, line.width + 2 * kNetworkPadX);
      size.height += LineHeight(line.style);
    }
    network.nodes.push_back(size);
    network.group_of.push_back(node.group);
  }
  for (const NetworkPlot::Edge& edge : plot.edges) {
    const double width = edge.label.empty() ? 0 : text->Width(edge.label, kNetworkLabel) + 6;
    network.edges.push_back({edge.from, edge.to, {width, LineHeight(kNetworkLabel)}});
  }
  for (const std::string& name : plot.groups) {
    network.groups.push_back({name.empty() ? 0 : text->Width(name, kNetworkGroup) + 4, LineHeight(kNetworkGroup)});
  }
  return measured;
}

}  // namespace convscope::internal
