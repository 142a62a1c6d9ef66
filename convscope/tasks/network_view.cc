#include "convscope/tasks/network_view.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/network_places.h"
#include "convscope/formats/safetensors.h"
#include "convscope/inspect/attribution/target.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/filter_statistics.h"
#include "convscope/inspect/layer_statistics.h"
#include "convscope/inspect/layer_tensors.h"
#include "convscope/inspect/map_layer.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/picture_axes.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/internal/attribute_object.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/internal/summary_object.h"
#include "convscope/tasks/internal/weight_object.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/network_figure.h"
#include "convscope/tasks/predict_pictures.h"
#include "convscope/tasks/show_weights.h"

namespace convscope {
namespace {

using internal::Json;

// On one line; names of a file may hold any bytes.
std::string Line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ShapeJson(const Shape& shape) {
  return Json(std::vector<int64_t>(shape.lengths().begin(), shape.lengths().end()));
}

Json RangeJson(const ValueRange& range) {
  return {{"low", range.low},
          {"high", range.high},
          {"count", range.count},
          {"not_finite", range.not_finite},
          {"usual", range.usual}};
}

const char* SignsText(const std::set<std::string>& never_negative, const std::string& tensor) {
  return internal::SignsOf(never_negative, tensor) == Signs::kBoth ? "both" : "non_negative";
}

ModelPicture CopyOf(const ModelPicture& shown) {
  return {.source = shown.source,
          .picture = shown.picture.Clone(),
          .note = shown.note,
          .truth = shown.truth,
          .label = shown.label,
          .input = shown.input};
}

// What a layer of the summary computes, where that can be looked at; empty: it cannot. A layer is named as its tensor,
// or, in files of other programs, as the node that computes it.
std::string LookedAt(const Graph& graph, const std::set<std::string>& known, const std::string& layer) {
  if (graph.Has(layer)) {
    const std::string tensor = TensorName(graph, layer);
    if (known.contains(tensor)) return tensor;
  }
  for (const GraphNode& node : graph.nodes()) {
    const std::string& tensor = graph.tensors()[static_cast<size_t>(node.outputs.front())].name;
    if (node.name == layer && known.contains(tensor)) return tensor;
  }
  return "";
}

void AddTensor(const Graph& graph, const std::vector<bool>& places, const std::vector<KernelUse>& kernels,
               const std::string& tensor, Json* layer) {
  const MapShape maps = MapShapeOf(graph[tensor].type.shape, tensor);
  const std::string before = BeforeActivation(graph, tensor);
  (*layer)["tensor"] = tensor;
  if (!before.empty()) (*layer)["before"] = before;
  (*layer)["maps"] = {{"rows", maps.rows},
                      {"columns", maps.columns},
                      {"channels", maps.channels},
                      {"places", maps.has_places && places[static_cast<size_t>(graph.Find(tensor))]}};
  for (const KernelUse& kernel : kernels) {
    if (kernel.output == tensor || kernel.output == before) (*layer)["kernel"] = kernel.parameter;
  }
}

// The tensor that a box stands for: of a layer its own, of a folded scope what its last layer computes.
Json TensorOfBox(const Graph& graph, const std::vector<std::string>& layers, const NetworkPlot& plot,
                 const NetworkPlot::Node& box) {
  const std::set<std::string> known(layers.begin(), layers.end());
  std::vector<std::string> names = {box.title};
  if (box.group >= 0) {
    const std::string& group = plot.groups[static_cast<size_t>(box.group)];
    names.insert(names.begin(), {group + "/" + box.title, group + "_" + box.title});
  }
  for (const std::string& name : names) {
    if (const std::string tensor = LookedAt(graph, known, name); !tensor.empty()) return tensor;
  }
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    if (layer->starts_with(box.title + "/") || layer->starts_with(box.title + "_")) return *layer;
  }
  return nullptr;
}

Json BoxJson(const Box& box) {
  return {box.x, box.y, box.width, box.height};
}

// Null where there are too many boxes for a picture.
Json GraphPlaces(const Graph& graph, const std::vector<std::string>& layers) {
  const NetworkPlot plot = PlotNetwork(graph);
  NetworkPlaces places;
  try {
    places = PlaceNetwork(plot);
  } catch (const Error&) {
    return nullptr;  // the list of layers serves as well
  }
  Json nodes = Json::array(), edges = Json::array(), groups = Json::array();
  for (size_t n = 0; n < plot.nodes.size(); ++n) {
    nodes.push_back({{"box", BoxJson(places.nodes[n].box)},
                     {"lines", places.nodes[n].lines},
                     {"title_lines", places.nodes[n].title_lines},
                     {"kind", plot.nodes[n].kind},
                     {"tensor", TensorOfBox(graph, layers, plot, plot.nodes[n])}});
  }
  for (size_t e = 0; e < plot.edges.size(); ++e) {
    Json curve = Json::array();
    for (const ScenePoint& point : places.edges[e].curve) curve.push_back({point.x, point.y});
    edges.push_back({{"curve", std::move(curve)},
                     {"tip", {places.edges[e].tip.x, places.edges[e].tip.y}},
                     {"label", plot.edges[e].label},
                     {"label_box", BoxJson(places.edges[e].label)}});
  }
  for (size_t g = 0; g < plot.groups.size(); ++g) {
    groups.push_back(
        {{"name", plot.groups[g]}, {"box", BoxJson(places.groups[g])}, {"name_box", BoxJson(places.group_names[g])}});
  }
  return {{"width", places.width},
          {"height", places.height},
          {"nodes", std::move(nodes)},
          {"edges", std::move(edges)},
          {"groups", std::move(groups)}};
}

Json ScoresJson(const NetworkLook& look, int64_t top) {
  const std::optional<TracedPrediction> traced = PredictTraced(*look.model, *look.trace, top);
  if (!traced) return nullptr;
  Json best = Json::array();
  for (const ClassScore& score : traced->prediction.top) {
    best.push_back({{"class", score.number}, {"name", score.name}, {"score", score.score}});
  }
  return {{"probabilities", traced->probabilities},
          {"classes", traced->classes},
          {"nothing", traced->prediction.nothing},
          {"top", std::move(best)}};
}

Json TensorJson(const NetworkLook& look, const std::string& name, const ValueRange& range) {
  const Tensor& tensor = (*look.trace)[name];
  const LayerStatistics maps = LayerStatisticsOf(MapsOf(tensor, name));
  const ValueStatistics values = StatisticsOf(tensor.view());
  Json json = {{"name", name}, {"shape", ShapeJson(tensor.shape())}};
  json.update(RangeJson(range));
  json["signs"] = SignsText(look.never_negative, name);
  json["mean"] = values.mean;
  json["deviation"] = values.deviation;
  json["zeros"] = maps.zeros;
  json["dead"] = maps.dead;
  return json;
}

}  // namespace

std::string NetworkJson(const OpenedModel& model, const std::vector<std::string>& remarks) {
  const Graph& graph = model.file.model.graph();
  Json json = internal::SummaryObject(SummarizeOpened(model));
  const std::vector<std::string> tensors = MapTensors(graph), layers = LayerTensors(graph);
  const std::set<std::string> known(tensors.begin(), tensors.end());
  const std::vector<bool> places = HavePictureAxes(graph);
  const std::vector<KernelUse> kernels = KernelsOf(graph);
  for (Json& layer : json["layers"]) {
    const std::string tensor = LookedAt(graph, known, layer["name"].get<std::string>());
    layer["tensor"] = nullptr;
    if (!tensor.empty()) AddTensor(graph, places, kernels, tensor, &layer);
  }
  json["title"] = model.title();
  const std::string input = PictureInput(graph);
  json["input"] = {{"name", input}, {"shape", ShapeJson(graph[input].type.shape)}};
  const std::optional<ClassifierTensors> scores = TryFindClassifier(graph, model.file.outputs);
  json["classes"] = scores ? scores->ClassCount() : 0;
  json["cam_layers"] = Json::array();
  if (scores) json["cam_layers"] = CamLayers(graph, FindAttributionTarget(graph, model.file.outputs));
  json["graph"] = GraphPlaces(graph, layers);
  json["remarks"] = remarks;
  return Line(json);
}

int64_t NetworkLook::elements() const {
  int64_t elements = 0;
  for (const GraphTensor& tensor : trace->graph().tensors()) {
    if (tensor.role == TensorRole::kComputed) elements += tensor.type.shape.NumElements();
  }
  return elements;
}

NetworkLook LookAt(std::shared_ptr<const OpenedModel> model, ModelPicture shown, const LookLimits& limits,
                   const Progress& progress) {
  const Graph& graph = model->file.model.graph();
  int64_t elements = 0;
  for (const GraphTensor& tensor : graph.tensors()) {
    if (tensor.role != TensorRole::kComputed) continue;
    const int64_t own = tensor.type.shape.NumElements();
    elements = own > limits.elements ? limits.elements + 1 : std::min(elements + own, limits.elements + 1);
  }
  if (elements > limits.elements || graph.MultiplyAdds() > limits.multiply_adds) {
    throw Error({.where = model->file.name,
                 .rule = Concat("a network that is looked at computes at most ", limits.elements, " values by ",
                                limits.multiply_adds, " multiply-adds"),
                 .received = Concat(elements > limits.elements ? "more values" : "more multiply-adds"),
                 .fix = "use the command line: convscope features"});
  }
  auto trace =
      std::make_shared<const Trace>(model->file.model, NamedTensors{{PictureInput(graph), shown.input}}, progress);
  NetworkLook look{.model = model,
                   .shown = std::move(shown),
                   .trace = std::move(trace),
                   .never_negative = NeverNegative(model->file.model)};
  for (const std::string& name : MapTensors(graph)) look.ranges[name] = RangeOf((*look.trace)[name].view());
  bool first = true;
  for (const std::string& name : LayerTensors(graph)) {
    look.all = first ? look.ranges.at(name) : Join(look.all, look.ranges.at(name));
    first = false;
  }
  return look;
}

std::string LookBytes(const NetworkLook& look, int64_t top) {
  Json report = {{"source", look.shown.source}, {"note", look.shown.note}};
  if (look.shown.truth) report["truth"] = *look.shown.truth;
  report["tensors"] = Json::array();
  for (const std::string& name : MapTensors(look.trace->graph())) {
    report["tensors"].push_back(TensorJson(look, name, look.ranges.at(name)));
  }
  report["network"] = RangeJson(look.all);
  report["prediction"] = ScoresJson(look, top);
  double milliseconds = 0;
  for (const NodeReport& node : look.trace->reports()) milliseconds += node.milliseconds;
  report["milliseconds"] = milliseconds;
  const std::vector<StoredTensor> tensors = {{"picture", Share(look.shown.picture.Clone())}};
  return SafetensorsBytes(tensors, {{"report", Line(report)}});
}

std::string MapsBytes(const NetworkLook& look, const MapsChoice& choice) {
  const Graph& graph = look.trace->graph();
  const std::string name = MapLayer(graph, choice.tensor);
  const TensorView<const float> maps = MapsOf((*look.trace)[name], name);
  const int64_t rows = maps.shape()[0], columns = maps.shape()[1], all = maps.shape()[2];
  const std::vector<int64_t> channels = ChosenChannels(choice.channels, all, name);
  if (choice.side < 1) {
    throw Error({.where = "side", .rule = "at least one row is shown", .received = Concat(choice.side)});
  }
  if (std::ssize(channels) > all) {
    throw Error({.where = name,
                 .rule = Concat("at most its ", all, " channels are shown"),
                 .received = Concat(std::ssize(channels), " of them")});
  }
  const int64_t longest = std::max(rows, columns), side = std::min(choice.side, longest);
  const int64_t step = (longest + side - 1) / side;
  Tensor shown({std::ssize(channels), (rows + step - 1) / step, (columns + step - 1) / step});
  float* to = shown.data();
  for (const int64_t channel : channels) {
    for (int64_t row = 0; row < rows; row += step) {
      for (int64_t column = 0; column < columns; column += step) {
        *to++ = maps[(row * columns + column) * all + channel];
      }
    }
  }
  const std::vector<ValueRange> ranges = RangesOf(maps);
  Json told = Json::array();
  for (const int64_t channel : channels) told.push_back(RangeJson(ranges[static_cast<size_t>(channel)]));
  const Json report = {{"tensor", name},
                       {"rows", rows},
                       {"columns", columns},
                       {"step", step},
                       {"channels", channels},
                       {"signs", SignsText(look.never_negative, name)},
                       {"maps", std::move(told)},
                       {"layer", RangeJson(look.ranges.at(name))},
                       {"network", RangeJson(look.all)}};
  const std::vector<StoredTensor> tensors = {{"maps", Share(std::move(shown))}};
  return SafetensorsBytes(tensors, {{"report", Line(report)}});
}

std::string FiltersBytes(const OpenedModel& model, const std::string& parameter, int64_t most) {
  constexpr double kAlike = 0.95;
  const WeightTensor facts = DescribeParameter(model.file.model, parameter, kAlike);
  if (!facts.filters) {
    throw Error({.where = "parameter", .rule = "it is the kernel of a layer", .received = parameter});
  }
  const Tensor filters = FiltersOf(model.file.model, facts.filters->use);  // (R, S, C, F)
  const int64_t places = filters.shape()[0] * filters.shape()[1], c_all = filters.shape()[2],
                f_all = filters.shape()[3];
  const int64_t channels = std::clamp<int64_t>(most / places, 1, c_all);
  const int64_t count = std::clamp<int64_t>(most / (places * channels), 1, f_all);
  Tensor shown({count, channels, filters.shape()[0], filters.shape()[1]});
  float* to = shown.data();
  for (int64_t f = 0; f < count; ++f) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t place = 0; place < places; ++place) *to++ = filters.data()[(place * c_all + c) * f_all + f];
    }
  }
  Json report = internal::WeightObject(facts, kAlike);
  report["shown"] = {{"filters", count}, {"channels", channels}};
  report["range"] = RangeJson(RangeOf(filters.view()));
  const std::vector<StoredTensor> tensors = {{"filters", Share(std::move(shown))}};
  return SafetensorsBytes(tensors, {{"report", Line(report)}});
}

ExplainedValue ExplainLook(const NetworkLook& look, const ExplainRequest& request) {
  return ExplainTraced(*look.model, CopyOf(look.shown), look.trace, request);
}

AttributedPicture AttributeLook(const NetworkLook& look, const AttributeRequest& request) {
  return AttributeShown(*look.model, CopyOf(look.shown), request);
}

std::string AttributionBytes(const AttributedPicture& picture) {
  Json report = internal::AttributeObject(picture);
  std::vector<StoredTensor> tensors;
  for (size_t m = 0; m < picture.maps.size(); ++m) {
    const Attribution& attribution = picture.maps[m].attribution;
    const AttributionMethodFacts& facts = FactsOf(attribution.method);
    std::string name(facts.name);
    if (facts.knows_class) name += Concat(".", picture.classes[picture.maps[m].for_class].number);
    Json& told = report["attributions"][m];
    told["tensor"] = name;
    told["signed"] = facts.is_signed;
    told["of_layer"] = facts.of_layer;
    told["range"] = RangeJson(RangeOf(attribution.map.view()));
    tensors.push_back({name, Share(attribution.map.Clone())});
  }
  return SafetensorsBytes(tensors, {{"report", Line(report)}});
}

std::string AttributionMethodsJson() {
  Json methods = Json::array();
  for (const AttributionMethodFacts& facts : AttributionMethods()) {
    methods.push_back({{"name", facts.name},
                       {"of_layer", facts.of_layer},
                       {"knows_class", facts.knows_class},
                       {"signed", facts.is_signed}});
  }
  return Line({{"methods", std::move(methods)}});
}

}  // namespace convscope
