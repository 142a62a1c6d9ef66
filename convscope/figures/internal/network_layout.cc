#include "convscope/figures/internal/network_layout.h"

#include <gvc.h>

#include <memory>
#include <mutex>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope::internal {
namespace {

constexpr double kPointsPerInch = 72;

std::string& Complaints() {
  static std::string text;
  return text;
}

// Graphviz prints its errors unless somebody else takes them.
int Collect(char* text) {
  Complaints() += text;
  return 0;
}

// Older versions of Graphviz take their constant texts as char*: hence the casts below.

// A label of our own size: dot only keeps room for it.
std::string EmptyTable(const Extent& size) {
  return Concat("<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLPADDING=\"0\" CELLSPACING=\"0\" FIXEDSIZE=\"TRUE\" WIDTH=\"",
                static_cast<int>(size.width + 1), "\" HEIGHT=\"", static_cast<int>(size.height + 1),
                "\"><TR><TD></TD></TR></TABLE>");
}

class Drawing {
 public:
  explicit Drawing(const NetworkToPlace& network) : context_(gvContext()) {
    agseterr(AGMAX);
    agseterrf(Collect);
    Complaints().clear();
    graph_ = agopen(const_cast<char*>("network"), Agdirected, nullptr);
    Declare(AGRAPH, {{"rankdir", network.left_to_right ? "LR" : "TB"},
                     {"nodesep", "0.25"},
                     {"ranksep", "0.3"},
                     {"label", ""},
                     {"labeljust", "l"},
                     {"margin", "8"},
                     {"clusterrank", "local"}});
    Declare(AGNODE, {{"shape", "box"}, {"fixedsize", "true"}, {"label", ""}, {"width", "1"}, {"height", "1"}});
    Declare(AGEDGE, {{"label", ""}, {"arrowsize", "0.6"}});
    AddNodes(network);
    for (size_t i = 0; i < network.edges.size(); ++i) AddEdge(network.edges[i], i);
  }

  ~Drawing() {
    if (placed_) gvFreeLayout(context_, graph_);
    agclose(graph_);
    gvFreeContext(context_);
  }

  PlacedNetwork Place() {
    placed_ = gvLayout(context_, graph_, "dot") == 0;
    if (!placed_) {
      throw Error({.where = "figure", .rule = "Graphviz' dot places the boxes of a network", .received = Complaints()});
    }
    const boxf page = GD_bb(graph_);
    height_ = page.UR.y;
    PlacedNetwork result{.size = {page.UR.x, page.UR.y}, .nodes = {}, .edges = {}, .groups = {}, .group_names = {}};
    for (Agnode_t* node : nodes_) {
      const double width = ND_width(node) * kPointsPerInch, height = ND_height(node) * kPointsPerInch;
      result.nodes.push_back({ND_coord(node).x - width / 2, height_ - ND_coord(node).y - height / 2, width, height});
    }
    for (Agedge_t* edge : edges_) result.edges.push_back(PlacedEdge(edge));
    for (Agraph_t* group : groups_) {
      const boxf box = GD_bb(group);
      result.groups.push_back({box.LL.x, height_ - box.UR.y, box.UR.x - box.LL.x, box.UR.y - box.LL.y});
      result.group_names.push_back(PlacedLabel(GD_label(group)));
    }
    return result;
  }

 private:
  using Attributes = std::initializer_list<std::pair<const char*, const char*>>;

  void Declare(int kind, Attributes attributes) {
    for (const auto& [name, value] : attributes) {
      agattr(graph_, kind, const_cast<char*>(name), const_cast<char*>(value));
    }
  }

  static void Set(void* object, const char* name, const std::string& value) {
    agset(object, const_cast<char*>(name), const_cast<char*>(value.c_str()));
  }

  void SetLabel(void* object, const Extent& size) {
    if (size.width <= 0) return;
    const std::string table = EmptyTable(size);
    char* label = agstrdup_html(graph_, const_cast<char*>(table.c_str()));
    agset(object, const_cast<char*>("label"), label);
    agstrfree(graph_, label);
  }

  void AddNodes(const NetworkToPlace& network) {
    for (size_t i = 0; i < network.groups.size(); ++i) {
      // The prefix makes a subgraph a frame.
      groups_.push_back(agsubg(graph_, const_cast<char*>(Concat("cluster_", i).c_str()), 1));
      SetLabel(groups_.back(), network.groups[i]);
    }
    for (size_t i = 0; i < network.nodes.size(); ++i) {
      Agnode_t* node = agnode(graph_, const_cast<char*>(Concat("n", i).c_str()), 1);
      Set(node, "width", Concat(network.nodes[i].width / kPointsPerInch));
      Set(node, "height", Concat(network.nodes[i].height / kPointsPerInch));
      if (network.group_of[i] >= 0) agsubnode(groups_[static_cast<size_t>(network.group_of[i])], node, 1);
      nodes_.push_back(node);
    }
  }

  void AddEdge(const NetworkToPlace::Edge& edge, size_t index) {
    Agnode_t* from = nodes_[static_cast<size_t>(edge.from)];
    Agnode_t* to = nodes_[static_cast<size_t>(edge.to)];
    edges_.push_back(agedge(graph_, from, to, const_cast<char*>(Concat("e", index).c_str()), 1));
    SetLabel(edges_.back(), edge.label);
  }

  ScenePoint Turned(pointf point) const { return {point.x, height_ - point.y}; }

  Box PlacedLabel(const textlabel_t* label) const {
    if (label == nullptr) return {};
    return {label->pos.x - label->dimen.x / 2, height_ - label->pos.y - label->dimen.y / 2, label->dimen.x,
            label->dimen.y};
  }

  PlacedNetwork::Edge PlacedEdge(Agedge_t* edge) const {
    PlacedNetwork::Edge placed{.curve = {}, .tip = {}, .label = PlacedLabel(ED_label(edge))};
    const splines* curves = ED_spl(edge);
    if (curves == nullptr || curves->size == 0) return placed;
    const bezier& curve = curves->list[0];
    for (size_t i = 0; i < static_cast<size_t>(curve.size); ++i) placed.curve.push_back(Turned(curve.list[i]));
    placed.tip = curve.eflag != 0 ? Turned(curve.ep) : placed.curve.back();
    return placed;
  }

  GVC_t* context_;
  Agraph_t* graph_ = nullptr;
  std::vector<Agnode_t*> nodes_;
  std::vector<Agedge_t*> edges_;
  std::vector<Agraph_t*> groups_;
  double height_ = 0;
  bool placed_ = false;
};

}  // namespace

PlacedNetwork Place(const NetworkToPlace& network) {
  static std::mutex one_at_a_time;
  const std::lock_guard lock(one_at_a_time);
  return Drawing(network).Place();
}

}  // namespace convscope::internal
