#include "convscope/tasks/learning_view.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/figures/scale.h"
#include "convscope/formats/safetensors.h"
#include "convscope/graph/trace.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/model_data.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/run_snapshots.h"

namespace convscope {
namespace {

using internal::Json;

constexpr int64_t kMostSide = 64, kMostMaps = 64, kMostFilters = 64, kMostChannels = 8;

std::optional<OpenedData> DataOf(const RunFolder& run, const ModelFile& file, const std::filesystem::path& bundled,
                                 const Progress& progress) {
  const RunRecord record = ReadRunRecord(run);
  const bool named = FindNamedDataset(record.settings.data) != nullptr;
  OpenDataOptions options{.source = named ? record.settings.data : record.data, .progress = progress};
  options.places.bundled = bundled;
  if (!record.settings.data_folder.empty()) {
    options.places.at_hand.insert(options.places.at_hand.begin(), record.settings.data_folder);
  }
  return OpenDataFor(run.path.string(), file, options);
}

std::vector<int64_t> LengthsOf(const Shape& shape) {
  return {shape.lengths().begin(), shape.lengths().end()};
}

// The first filters and channels of a kernel (R, S, C, F).
Tensor FirstFilters(const Tensor& kernel) {
  const Shape& shape = kernel.shape();
  const int64_t taps = shape[0] * shape[1], c = shape[2], f = shape[3];
  const int64_t channels = std::min(c, kMostChannels), filters = std::min(f, kMostFilters);
  Tensor first(Shape{shape[0], shape[1], channels, filters});
  float* to = first.data();
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t channel = 0; channel < channels; ++channel) {
      to = std::copy_n(kernel.data() + (tap * c + channel) * f, filters, to);
    }
  }
  return first;
}

// Every `step`-th value of the first maps of (1, H, W, C).
Tensor ThinMaps(const Tensor& maps, int64_t step) {
  const Shape& shape = maps.shape();
  const int64_t w = shape[2], c = shape[3], channels = std::min(c, kMostMaps);
  Tensor thin(Shape{(shape[1] + step - 1) / step, (w + step - 1) / step, channels});
  float* to = thin.data();
  for (int64_t row = 0; row < shape[1]; row += step) {
    for (int64_t column = 0; column < w; column += step) {
      to = std::copy_n(maps.data() + (row * w + column) * c, channels, to);
    }
  }
  return thin;
}

// Of a layer NAME the parameter NAME/kernel, or of another name, that has rows, columns, channels and filters.
std::optional<std::string> KernelIn(const Graph& graph, const std::string& layer) {
  for (const GraphTensor& tensor : graph.tensors()) {
    const bool own = tensor.name.starts_with(layer + "/");
    if (own && tensor.role == TensorRole::kParameter && tensor.type.shape.rank() == 4) return tensor.name;
  }
  return std::nullopt;
}

}  // namespace

LearningView::LearningView(const RunFolder& run, const std::filesystem::path& bundled, const Progress& progress)
    : run_(run), model_(OpenModel(run.path.string())), data_(DataOf(run, model_.file, bundled, progress)) {
  const Graph& graph = model_.file.model.graph();
  for (const std::string& name : MapTensors(graph)) {
    const Shape& shape = graph[name].type.shape;
    if (MapShapeOf(shape, name).has_places) layers_.push_back({name, shape, KernelIn(graph, name)});
  }
  if (!layers_.empty()) return;
  throw Error({.where = model_.file.name,
               .rule = "what is looked at while it learns has rows and columns",
               .received = "a network of dense layers alone"});
}

const LearningView::Layer& LearningView::Find(const LearningLook& look) const {
  const auto found = std::find_if(layers_.begin(), layers_.end(), [&](const Layer& layer) {
    return look.layer.empty() ? layer.kernel.has_value() : layer.name == look.layer;
  });
  if (found != layers_.end()) return *found;
  if (look.layer.empty()) return layers_.front();
  std::vector<std::string> names;
  for (const Layer& layer : layers_) names.push_back(layer.name);
  throw Error({.where = "layer",
               .rule = "a layer of the network with rows and columns",
               .received = look.layer,
               .fix = DidYouMean(look.layer, names)});
}

std::optional<std::string> LearningView::KernelOf(const LearningLook& look) const {
  return Find(look).kernel;
}

std::vector<int64_t> LearningView::Snapshots() const {
  const Graph& graph = model_.file.model.graph();
  const TrainSettings settings = ReadRunRecord(run_).settings;
  const std::vector<std::string> kept = SnapshotTensors(settings, graph);
  for (const auto& [name, tensor] : model_.file.model.parameters()) {
    if (std::find(kept.begin(), kept.end(), name) == kept.end()) return {};
  }
  try {
    // A run counts its steps from 0, and keeps what each left behind: after step 0 one is done.
    std::vector<int64_t> done = RunSnapshots(run_, graph).steps();
    for (int64_t& step : done) ++step;
    return done;
  } catch (const Error&) {
    return {};  // none yet
  }
}

LearningMoment LearningView::Snapshot(int64_t step) const {
  const RunSnapshots snapshots(run_, model_.file.model.graph());
  const std::vector<int64_t>& steps = snapshots.steps();
  if (std::find(steps.begin(), steps.end(), step - 1) == steps.end()) {
    throw Error({.where = "snapshots", .rule = "a step that the run has kept", .received = std::to_string(step)});
  }
  LearningMoment moment{.step = step};
  for (const auto& [name, tensor] : model_.file.model.parameters()) {
    moment.parameters[name] = snapshots.Read(step - 1, name);
  }
  return moment;
}

LearningMoment LearningView::Latest() const {
  std::error_code failure;
  const bool learned = std::filesystem::exists(run_.checkpoint(), failure);
  return {.step = learned ? static_cast<int64_t>(ReadRunHistory(run_).step_losses.size()) : 0,
          .parameters = OpenModel(run_.path.string()).file.model.parameters()};
}

std::string LearningView::Bytes(const LearningMoment& moment, const LearningLook& look) const {
  const ModelFile& file = model_.file;
  const Graph& graph = file.model.graph();
  const Layer& layer = Find(look);
  const int64_t samples = data_->data.test.size();
  const ModelPicture picture = std::move(ReadModelPictures(file, {.samples = {look.sample}}, data_).front());
  const Model model(graph, moment.parameters);
  const Trace trace(model, {{PictureInput(graph), picture.input}});

  Json report = {{"step", moment.step}, {"layer", layer.name}, {"samples", samples}, {"layers", Json::array()}};
  for (const Layer& each : layers_) {
    std::vector<int64_t> shape = LengthsOf(each.shape);
    shape.erase(shape.begin());
    report["layers"].push_back({{"name", each.name}, {"shape", shape}, {"filters", each.kernel.has_value()}});
  }
  report["snapshots"] = Snapshots();
  if (picture.label) report["label"] = *picture.label;
  report["classes"] = file.class_names;

  std::vector<StoredTensor> tensors = {{"picture", Share(picture.picture.Clone())}};
  const Tensor& maps = trace[layer.name];
  const int64_t step = (std::max(layer.shape[1], layer.shape[2]) + kMostSide - 1) / kMostSide;
  const ValueRange range = RangeOf(maps.view());
  const Signs signs = internal::SignsOf(NeverNegative(model), layer.name);
  tensors.push_back({"maps", Share(ThinMaps(maps, step))});
  report["maps"] = {{"shape", LengthsOf(maps.shape())},
                    {"step", step},
                    {"low", range.low},
                    {"high", range.high},
                    {"count", range.count},
                    {"not_finite", range.not_finite},
                    {"usual", range.usual},
                    {"signs", signs == Signs::kBoth ? "both" : "non_negative"}};
  if (layer.kernel) {
    const Tensor& kernel = *moment.parameters.at(*layer.kernel);
    tensors.push_back({"kernel", Share(FirstFilters(kernel))});
    report["kernel"] = {{"name", *layer.kernel}, {"shape", LengthsOf(kernel.shape())}};
    const auto gradient = moment.gradients.find(*layer.kernel);
    if (gradient != moment.gradients.end()) tensors.push_back({"gradient", Share(FirstFilters(*gradient->second))});
  }
  if (const auto classifier = TryFindClassifier(graph, file.outputs)) {
    const std::vector<float> scores = ClassScores(trace[classifier->output].view().span(), classifier->probabilities);
    Tensor stored(Shape{static_cast<int64_t>(scores.size())});
    std::copy(scores.begin(), scores.end(), stored.data());
    tensors.push_back({"scores", Share(std::move(stored))});
    report["probabilities"] = classifier->probabilities;
  }
  return SafetensorsBytes(tensors, {{"report", report.dump(-1, ' ', false, Json::error_handler_t::replace)}});
}

}  // namespace convscope
