#include "convscope/tasks/network_figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/base/count_text.h"
#include "convscope/base/text.h"
#include "convscope/nn/summary.h"

namespace convscope {
namespace {

using Kind = std::pair<std::string_view, int>;

// What a type of operation is about, by a part of its name: boxes of one kind have one colour.
constexpr Kind kKinds[] = {{"Conv", 1},    {"Pool", 2},    {"Dense", 3},  {"Normalization", 4}, {"LRN", 4},
                           {"Dropout", 4}, {"Add", 5},     {"Concat", 5}, {"Mul", 5},           {"Relu", 6},
                           {"Softmax", 6}, {"Sigmoid", 6}, {"Tanh", 6}};

int KindOf(std::string_view type) {
  for (const auto& [part, kind] : kKinds) {
    if (type.find(part) != std::string_view::npos) return kind;
  }
  return 0;
}

std::string Product(const std::vector<int64_t>& lengths) {
  return lengths.size() == 1 ? fmt::format("{0}x{0}", lengths[0]) : fmt::format("{}", fmt::join(lengths, "x"));
}

// Settings that are as usual, or that shapes tell already, are not written.
bool IsUsual(const Attribute& attribute) {
  static const std::map<std::string_view, std::string_view> kUsual = {
      {"strides", "1"},       {"dilations", "1"},
      {"groups", "1"},        {"padding", "valid"},
      {"pad_mode", "zero"},   {"flip_kernel", "false"},
      {"ceil_mode", "false"}, {"center", "true"},
      {"scale", "true"},      {"count_include_pad", "false"}};
  static const std::set<std::string_view> kTold = {"shape", "sizes", "epsilon", "momentum", "axis", "axes"};
  if (kTold.contains(attribute.name)) return true;
  const auto usual = kUsual.find(attribute.name);
  if (usual == kUsual.end()) return false;
  if (const auto* list = std::get_if<std::vector<int64_t>>(&attribute.value)) {
    return std::all_of(list->begin(), list->end(), [&](int64_t v) { return std::to_string(v) == usual->second; });
  }
  return attribute.ValueText() == usual->second;
}

// "Conv 3x3, 64 filters, strides [2], padding same"
std::string OperationText(const Graph& graph, const GraphNode& node) {
  std::string text(node.operation->type());
  std::string sizes;
  for (const Attribute& attribute : node.operation->attributes()) {
    if (attribute.name != "sizes") continue;
    if (const auto* lengths = std::get_if<std::vector<int64_t>>(&attribute.value)) text += " " + Product(*lengths);
    sizes = attribute.ValueText();
  }
  if (text.find("Conv") != std::string::npos && node.inputs.size() > 1) {
    const auto kernel = graph.tensors()[node.inputs[1]].type.shape.lengths();
    const std::vector<int64_t> window(kernel.begin(), kernel.end() - 2);
    text += fmt::format(" {}, {}", fmt::join(window, "x"),
                        CountText(graph.tensors()[node.outputs[0]].type.shape.back(), "filter"));
  }
  for (const Attribute& attribute : node.operation->attributes()) {
    if (IsUsual(attribute) || (attribute.name == "strides" && attribute.ValueText() == sizes)) continue;
    // Of a float, as layers have them, what a double has more are no digits: 0.3, not 0.30000001192092896.
    const auto* const number = std::get_if<double>(&attribute.value);
    text += fmt::format(", {} {}", attribute.name,
                        number == nullptr ? attribute.ValueText() : ShortestText(static_cast<float>(*number)));
  }
  return text;
}

using Names = std::set<std::string, std::less<>>;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The scope that a layer's name tells, or nothing. Beside what is left of a slash, two customs of Keras' applications:
// "conv_dw_1_bn" belongs to the layer "conv_dw_1", and "block1_conv2" to the numbered "block1"; "conv2d_1" is only the
// second "conv2d".
std::string ScopeOf(const std::string& layer, const Names& layers) {
  const size_t slash = layer.find('/');
  if (slash != std::string::npos) return layer.substr(0, slash);
  for (size_t end = layer.find('_'); end != std::string::npos; end = layer.find('_', end + 1)) {
    if (layers.contains(layer.substr(0, end)) && !IsDigit(layer[end + 1])) return layer.substr(0, end);
  }
  const std::string own = layer + "_";
  for (auto name = layers.lower_bound(own); name != layers.end() && name->starts_with(own); ++name) {
    if (!IsDigit((*name)[own.size()])) return layer;
  }
  const size_t end = layer.find('_');
  const bool numbered =
      end != std::string::npos && end > 1 && IsDigit(layer[end - 1]) && !IsDigit(layer[0]) && !IsDigit(layer[end + 1]);
  return numbered ? layer.substr(0, end) : "";
}

// Which box each node belongs to, and what is in the boxes.
class Folding {
 public:
  Folding(const Graph& graph, bool fold_scopes) : graph_(graph) {
    Names names, layers;
    for (const GraphNode& node : graph.nodes()) names.insert(node.name);
    const auto layer_of = [&](const GraphNode& node) {
      std::string layer = node.name;
      for (size_t slash; (slash = layer.rfind('/')) != std::string::npos && names.contains(layer.substr(0, slash));) {
        layer.resize(slash);
      }
      return layer;
    };
    for (const GraphNode& node : graph.nodes()) layers.insert(layer_of(node));
    const auto fill = [&](const Names& apart) {
      std::map<std::string, int, std::less<>> boxes;
      contents_.clear();
      for (const GraphNode& node : graph.nodes()) {
        const std::string layer = layer_of(node);
        const std::string scope = ScopeOf(layer, layers);
        const bool folds = fold_scopes && !scope.empty() && !apart.contains(scope);
        const std::string& box = folds ? scope : layer;
        const auto [found, is_new] = boxes.emplace(box, static_cast<int>(contents_.size()));
        if (is_new) contents_.push_back({.name = box, .scope = fold_scopes ? "" : scope, .layers = {}, .nodes = {}});
        contents_[static_cast<size_t>(found->second)].layers.insert(layer);
        contents_[static_cast<size_t>(found->second)].nodes.push_back(&node);
        box_of_[&node] = found->second;
      }
    };
    fill({});
    // Keras' MobileNet has bn_Conv1 between Conv1 and Conv1_relu: one box of the two would be before and after it.
    if (const Names apart = FoldedOnCycles(); !apart.empty()) fill(apart);
  }

  size_t count() const { return contents_.size(); }

  NetworkPlot Plot() const {
    NetworkPlot plot;
    std::vector<int> maker(graph_.tensors().size(), -1);  // the box that a tensor comes from
    for (size_t t = 0; t < graph_.tensors().size(); ++t) {
      const GraphTensor& tensor = graph_.tensors()[t];
      if (tensor.role != TensorRole::kInput) continue;
      maker[t] = static_cast<int>(plot.nodes.size());
      plot.nodes.push_back({.title = tensor.name, .lines = {"Input"}, .kind = 0});
    }
    const int first = static_cast<int>(plot.nodes.size());
    std::map<std::string, int> groups;
    for (const Content& content : contents_) plot.nodes.push_back(NodeOf(content, &groups, &plot));
    for (const GraphNode& node : graph_.nodes()) {
      for (const int output : node.outputs) maker[output] = first + box_of_.at(&node);
    }
    AddEdges(maker, first, &plot);
    return plot;
  }

 private:
  // The boxes of several layers that a way along the arrows leaves and comes back to.
  Names FoldedOnCycles() const {
    std::vector<std::set<int>> next(contents_.size());
    std::vector<int> maker(graph_.tensors().size(), -1);
    for (const GraphNode& node : graph_.nodes()) {
      const int box = box_of_.at(&node);
      for (const int output : node.outputs) maker[static_cast<size_t>(output)] = box;
      for (const int input : node.inputs) {
        const int from = maker[static_cast<size_t>(input)];
        if (from >= 0 && from != box) next[static_cast<size_t>(from)].insert(box);
      }
    }
    const auto returns = [&](int start) {
      std::vector<bool> met(contents_.size());
      std::vector<int> open = {start};
      while (!open.empty()) {
        const int box = open.back();
        open.pop_back();
        for (const int other : next[static_cast<size_t>(box)]) {
          if (other == start) return true;
          if (!met[static_cast<size_t>(other)]) open.push_back(other);
          met[static_cast<size_t>(other)] = true;
        }
      }
      return false;
    };
    Names folded;
    for (size_t box = 0; box < contents_.size(); ++box) {
      if (contents_[box].layers.size() > 1 && returns(static_cast<int>(box))) folded.insert(contents_[box].name);
    }
    return folded;
  }

  struct Content {
    std::string name, scope;
    std::set<std::string> layers;
    std::vector<const GraphNode*> nodes;
  };

  NetworkPlot::Node NodeOf(const Content& content, std::map<std::string, int>* groups, NetworkPlot* plot) const {
    NetworkPlot::Node box{.title = content.name, .lines = {}};
    if (!content.scope.empty()) {
      const auto [group, is_new] = groups->emplace(content.scope, static_cast<int>(plot->groups.size()));
      if (is_new) plot->groups.push_back(content.scope);
      box.group = group->second;
      if (content.name != content.scope) box.title = content.name.substr(content.scope.size() + 1);
    }
    std::set<int> parameters;
    for (const GraphNode* node : content.nodes) {
      for (const int input : node->inputs) {
        if (graph_.tensors()[input].role == TensorRole::kParameter) parameters.insert(input);
      }
    }
    if (content.layers.size() > 1) {
      box.lines.push_back(CountText(std::ssize(content.layers), "layer"));
      box.kind = 1;
    } else {
      for (const GraphNode* node : content.nodes) box.lines.push_back(OperationText(graph_, *node));
      box.kind = KindOf(content.nodes[0]->operation->type());
    }
    int64_t elements = 0;
    for (const int parameter : parameters) elements += graph_.tensors()[parameter].type.shape.NumElements();
    if (elements > 0) box.lines.push_back(fmt::format("{} parameters", WithThousands(elements)));
    return box;
  }

  void AddEdges(const std::vector<int>& maker, int first, NetworkPlot* plot) const {
    std::set<std::tuple<int, int, int>> known;  // from, to, tensor
    std::set<int> read;
    for (const GraphNode& node : graph_.nodes()) {
      const int to = first + box_of_.at(&node);
      for (const int input : node.inputs) {
        const int from = maker[input];
        if (from < 0 || from == to || !known.insert({from, to, input}).second) continue;
        read.insert(from);
        plot->edges.push_back({from, to, BatchShapeText(graph_.tensors()[input].type.shape)});
      }
    }
    // What nobody reads is a result: its shape stands in its box.
    for (const GraphNode& node : graph_.nodes()) {
      const int box = first + box_of_.at(&node);
      if (read.contains(box) || &node != contents_[static_cast<size_t>(box - first)].nodes.back()) continue;
      plot->nodes[static_cast<size_t>(box)].lines.push_back(
          "output " + BatchShapeText(graph_.tensors()[node.outputs[0]].type.shape));
    }
  }

  const Graph& graph_;
  std::vector<Content> contents_;
  std::map<const GraphNode*, int> box_of_;
};

}  // namespace

NetworkPlot PlotNetwork(const Graph& graph, const NetworkPlotOptions& options) {
  constexpr size_t kMostFramed = 60;
  using Scopes = NetworkPlotOptions::Scopes;
  const bool fold = options.scopes == Scopes::kFolded ||
                    (options.scopes == Scopes::kAuto && Folding(graph, false).count() > kMostFramed);
  NetworkPlot plot = Folding(graph, fold).Plot();
  plot.left_to_right = options.left_to_right;
  return plot;
}

Figure NetworkFigure(const Graph& graph, const std::string& name, const NetworkPlotOptions& options) {
  int64_t parameters = 0;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role == TensorRole::kParameter) parameters += tensor.type.shape.NumElements();
  }
  return {.title = name,
          .footer = fmt::format("{} parameters, {} multiply-adds a sample", WithThousands(parameters),
                                WithThousands(graph.MultiplyAdds())),
          .rows = {{{.title = "", .caption = "", .content = PlotNetwork(graph, options)}}}};
}

}  // namespace convscope
