#include "convscope/tasks/training_film.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "convscope/base/count_text.h"
#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/figures/film_pages.h"
#include "convscope/figures/render_pixels.h"
#include "convscope/graph/run.h"
#include "convscope/image/animation.h"
#include "convscope/inspect/class_scores.h"
#include "convscope/inspect/classifier.h"
#include "convscope/inspect/maps.h"
#include "convscope/inspect/value_signs.h"
#include "convscope/tasks/class_names.h"
#include "convscope/tasks/internal/film_strip.h"
#include "convscope/tasks/internal/json_text.h"
#include "convscope/tasks/internal/map_signs.h"
#include "convscope/tasks/layer_names.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/run_data.h"
#include "convscope/tasks/run_snapshots.h"
#include "convscope/tensor/tensor.h"

namespace convscope {
namespace {

constexpr RenderOptions kPage{.width = 640, .pixels_per_point = 1.25};
constexpr int64_t kMostPlanes = 64, kAnimationFrames = 100, kStripFrames = 6;
constexpr double kSmall = 130;  // points, of the picture and the maps
constexpr double kFilters = 220;

void CheckRun(const std::string& run) {
  const bool file = TrainedModelFile(run).has_value();  // a built-in network is meant even where a folder has its name
  if (file && RunFolder{run}.HasRun()) return;
  std::error_code failure;
  const bool folder = std::filesystem::is_directory(run, failure);
  throw Error({.where = run,
               .rule = "a film of a training is made of a run folder with snapshots",
               .received = !folder ? "no folder"
                           : file  ? "a folder without a run.json"
                                   : "the name of a built-in network",
               .fix = "train with --snapshot parameters --snapshot-every 20, or ask for film --slide"});
}

// The parameters that `outputs` depend on.
std::set<std::string> ParametersBehind(const Graph& graph, const std::vector<std::string>& outputs) {
  std::vector<bool> needed(graph.tensors().size());
  for (const std::string& name : outputs) needed[static_cast<size_t>(graph.Find(name))] = true;
  for (size_t i = graph.nodes().size(); i-- > 0;) {
    const GraphNode& node = graph.nodes()[i];
    if (std::none_of(node.outputs.begin(), node.outputs.end(), [&](int t) { return needed[static_cast<size_t>(t)]; })) {
      continue;
    }
    for (const int input : node.inputs) needed[static_cast<size_t>(input)] = true;
  }
  std::set<std::string> names;
  for (size_t i = 0; i < needed.size(); ++i) {
    if (needed[i] && graph.tensors()[i].role == TensorRole::kParameter) names.insert(graph.tensors()[i].name);
  }
  return names;
}

// These planes of a kernel (R, S, C, F), (R, S, planes); plane p is channel p % C of filter p / C.
Tensor PlanesOf(const Tensor& kernel, const std::vector<int64_t>& numbers) {
  const Shape& shape = kernel.shape();
  const int64_t taps = shape[0] * shape[1], channels = shape[2], filters = shape[3], count = std::ssize(numbers);
  Tensor planes({shape[0], shape[1], count});
  for (int64_t tap = 0; tap < taps; ++tap) {
    for (int64_t i = 0; i < count; ++i) {
      const int64_t p = numbers[static_cast<size_t>(i)];
      planes.data()[tap * count + i] = kernel.data()[(tap * channels + p % channels) * filters + p / channels];
    }
  }
  return planes;
}

using internal::FilmFrame;

class FilmMaker {
 public:
  explicit FilmMaker(const TrainingFilmRequest& request)
      : request_(request),
        model_(OpenModel(request.run)),
        snapshots_(RunFolder{request.run.name}, model_.file.model.graph()) {
    FindEnd();
    filters_ = ChosenFilters();
    ReadPicture();
    CheckLayer();
  }

  TrainingFilm Make() {
    const std::vector<int64_t> steps = ChosenSteps();
    planes_ = ChosenPlanes(steps.front(), steps.back());
    for (size_t i = 0; i < steps.size(); ++i) {
      Report(request_.picture.progress, "reading the snapshots",
             static_cast<double>(i) / static_cast<double>(steps.size()));
      frames_.push_back(FrameAt(steps[i]));
    }
    SetScales();
    if (IsAnimationPath(request_.output)) {
      WriteAnimated();
    } else {
      WriteStrip();
    }
    return {.model = model_.file.name, .filters = filters_, .steps = steps, .output = request_.output};
  }

 private:
  const Graph& graph() const { return model_.file.model.graph(); }

  // Snapshots are taken before a step: what the last ones made of it is in the model alone. A run that ended early
  // may have the model of another step.
  void FindEnd() {
    const std::optional<RunRecord> record = RunOf(request_.run);
    if (!record || record->state != "finished") return;
    const int64_t batch = record->settings.batch_size;
    const int64_t steps = record->epochs * ((record->train_pictures + batch - 1) / batch);
    if (steps > snapshots_.steps().back()) end_ = steps;
  }

  SharedTensor ParameterAt(int64_t step, const std::string& name) const {
    if (step != end_) return snapshots_.Read(step, name);
    return model_.file.model.parameters().find(name)->second;
  }

  std::string ChosenFilters() const {
    std::string known;
    for (const std::string& name : snapshots_.tensors()) {
      if (!graph().Has(name) || graph()[name].role != TensorRole::kParameter) continue;
      if (graph()[name].type.shape.rank() != 4) continue;
      if (name == request_.filters) return name;
      known += (known.empty() ? "" : ", ") + name;
    }
    if (request_.filters.empty() && !known.empty()) return FirstKernel();
    throw Error(
        {.where = "filters",
         .rule = "a film shows the kernel (rows, columns, channels, filters) of a convolution that the run has kept",
         .received = request_.filters.empty() ? "none" : request_.filters,
         .fix = known.empty() ? "train with --snapshot parameters" : "choose one of " + known});
  }

  // In the order of the network, not of the names.
  std::string FirstKernel() const {
    for (const GraphTensor& tensor : graph().tensors()) {
      if (tensor.role == TensorRole::kParameter && tensor.type.shape.rank() == 4 &&
          snapshots_.tensors().contains(tensor.name)) {
        return tensor.name;
      }
    }
    return "";
  }

  void ReadPicture() {
    const bool asked = !request_.picture.files.empty() || !request_.picture.samples.empty();
    if (!asked) return;
    picture_ =
        ReadModelPicture(model_.file, request_.picture, OpenDataFor(request_.run, model_.file, request_.picture.data),
                         "a film shows one picture");
    // Without classes it has maps alone.
    classifier_ = TryFindClassifier(graph(), model_.file.outputs).value_or(ClassifierTensors{});
    if (!classifier_.output.empty()) outputs_.push_back(classifier_.output);
  }

  void CheckLayer() {
    if (request_.layer.empty()) return;
    CheckOneLayer(request_.layer, [this](const std::string& name) { return graph().Has(name); });
    const std::vector<std::string> known = MapTensors(graph());
    if (std::find(known.begin(), known.end(), request_.layer) == known.end()) graph().Find(request_.layer);
    if (!picture_) {
      throw Error({.where = "layer",
                   .rule = "the maps of a layer are those of a picture",
                   .received = "no picture",
                   .fix = "name a PICTURE, or --data and --sample"});
    }
    const MapShape shape = MapShapeOf(graph()[request_.layer].type.shape, request_.layer);
    if (!shape.has_places) {
      throw Error({.where = "layer",
                   .rule = "a layer with rows and columns has maps",
                   .received = request_.layer,
                   .fix = "choose one with rows and columns: convscope features lists the shapes"});
    }
    for (const int64_t channel : request_.channels) {
      if (channel >= 0 && channel < shape.channels) continue;
      throw Error({.where = request_.layer,
                   .rule = fmt::format("there are channels 0 to {}", shape.channels - 1),
                   .received = fmt::format("{}", channel)});
    }
    if (std::find(outputs_.begin(), outputs_.end(), request_.layer) == outputs_.end())
      outputs_.push_back(request_.layer);
  }

  // Evenly from the first to the last.
  std::vector<int64_t> ChosenSteps() const {
    std::vector<int64_t> all = snapshots_.steps();
    if (end_) all.push_back(*end_);
    const int64_t most = request_.frames > 0                ? request_.frames
                         : IsAnimationPath(request_.output) ? kAnimationFrames
                                                            : kStripFrames;
    const auto count = std::min<int64_t>(most, static_cast<int64_t>(all.size()));
    std::vector<int64_t> steps;
    for (int64_t i = 0; i < count; ++i) {
      steps.push_back(all[static_cast<size_t>(count == 1 ? static_cast<int64_t>(all.size()) - 1
                                                         : i * (static_cast<int64_t>(all.size()) - 1) / (count - 1))]);
    }
    return steps;
  }

  // Those that change most, where there are too many for a film.
  std::vector<int64_t> ChosenPlanes(int64_t first, int64_t last) const {
    const Shape& shape = graph()[filters_].type.shape;
    std::vector<int64_t> all(static_cast<size_t>(shape[2] * shape[3]));
    std::iota(all.begin(), all.end(), 0);
    return internal::ChangedMost(PlanesOf(*ParameterAt(first, filters_), all),
                                 PlanesOf(*ParameterAt(last, filters_), all), kMostPlanes);
  }

  FilmFrame FrameAt(int64_t step) const {
    FilmFrame frame{.step = step, .planes = PlanesOf(*ParameterAt(step, filters_), planes_)};
    if (outputs_.empty()) return frame;
    NamedTensors parameters = model_.file.model.parameters();
    for (const std::string& name : ParametersBehind(graph(), outputs_)) parameters[name] = ParameterAt(step, name);
    Run run(Model(graph(), std::move(parameters)), outputs_);
    run({{PictureInput(graph()), picture_->input}});
    if (!classifier_.output.empty()) {
      frame.scores = ClassScores(run[classifier_.output].view().span(), classifier_.probabilities);
    }
    if (request_.layer.empty()) return frame;
    const auto maps = MapsOf(run[request_.layer], request_.layer);
    if (request_.channels.empty()) frame.maps.push_back(MeanMap(maps));
    for (const int64_t channel : request_.channels) frame.maps.push_back(OneMap(maps, channel, request_.layer));
    return frame;
  }

  void SetScales() {
    ValueRange filters, maps;
    for (const FilmFrame& frame : frames_) {
      filters = Join(filters, RangeOf(frame.planes.view()));
      for (const Tensor& map : frame.maps) maps = Join(maps, RangeOf(map.view()));
    }
    filter_scale_ = SignedScaleFor(filters);
    if (!request_.layer.empty())
      map_scale_ = ScaleFor(maps, internal::SignsOf(NeverNegative(model_.file.model), request_.layer));
  }

  std::vector<Panel> PanelsOf(const FilmFrame& frame) const {
    const Shape& shape = graph()[filters_].type.shape;
    const int64_t channels = shape[2], planes = frame.planes.shape()[2];
    GridPlot grid{
        .values = frame.planes.view(), .scaling = GridPlot::Scaling::kGiven, .scale = filter_scale_, .labels = {}};
    std::string caption = "one scale for all steps";
    const bool all = planes == channels * shape[3];
    if (channels > 1) {
      for (const int64_t p : planes_) grid.labels.push_back(fmt::format("{}/{}", p / channels, p % channels));
      caption = "filter/channel; " + caption;
    } else if (!all) {
      for (const int64_t p : planes_) grid.labels.push_back(fmt::format("{}", p));
    }
    if (!all) caption += fmt::format("; the {} that change most, of {}", planes, channels * shape[3]);
    std::vector<Panel> panels = {{.title = fmt::format("step {}: {}", frame.step, filters_),
                                  .caption = caption,
                                  .content = std::move(grid),
                                  .most_height = kFilters}};
    if (picture_) {
      panels.push_back({.title = "picture",
                        .caption = picture_->truth ? "is: " + *picture_->truth : "",
                        .content = MapPlot{.values = picture_->picture.view(), .scale = PhotographScale()},
                        .most_height = kSmall});
    }
    for (size_t i = 0; i < frame.maps.size(); ++i) {
      panels.push_back({.title = request_.layer + ": " + MapName(i),
                        .caption = "one scale for all steps",
                        .content = MapPlot{.values = frame.maps[i].view(), .scale = map_scale_},
                        .most_height = kSmall});
    }
    if (!frame.scores.empty()) panels.push_back(ScorePanel(frame));
    return panels;
  }

  // The same classes in every frame, so that bars can be followed: those that are highest at the end.
  Panel ScorePanel(const FilmFrame& frame) const {
    constexpr size_t kMostBars = 10;
    std::vector<size_t> order = ClassOrder(frames_.back().scores);
    if (order.size() > kMostBars) {
      order.resize(kMostBars);
    } else {
      std::sort(order.begin(), order.end());  // all of them, in the order of their numbers
    }
    BarPlot bars;
    for (const size_t c : order) {
      if (picture_->label == static_cast<int64_t>(c)) bars.marked.push_back(bars.names.size());
      bars.names.push_back(ClassName(model_.file.class_names, static_cast<int64_t>(c)));
      // A bar needs a length; a training that failed has none to show.
      bars.values.push_back(std::isfinite(frame.scores[c]) ? static_cast<double>(frame.scores[c]) : 0);
    }
    if (classifier_.probabilities) {
      bars.high = 1;
      bars.format = "percent";
    }
    return {.title = "says", .content = std::move(bars)};
  }

  Figure FigureOf(const FilmFrame& frame) const {
    return {.title = fmt::format("{} while it learns", model_.file.name),
            .footer = fmt::format("step {} of {}", frame.step, frames_.back().step),
            .rows = {PanelsOf(frame)}};
  }

  void WriteAnimated() const {
    const auto draw = [this](int64_t frame) {
      Report(request_.picture.progress, "drawing", static_cast<double>(frame) / static_cast<double>(frames_.size()));
      return RenderPixels(FigureOf(frames_[static_cast<size_t>(frame)]), kPage);
    };
    WriteAnimation(FilmOf(std::ssize(frames_), draw, request_.milliseconds), request_.output,
                   request_.picture.progress);
  }

  std::string MapName(size_t map) const {
    return request_.channels.empty() ? "mean" : fmt::format("map {}", request_.channels[map]);
  }

  void WriteStrip() const {
    const Shape& kernel = graph()[filters_].type.shape;
    internal::FilmStrip strip{.title = fmt::format("{} while it learns", model_.file.name),
                              .filters = filters_,
                              .channels = kernel[2],
                              .planes = planes_,
                              .all_planes = kernel[2] * kernel[3],
                              .filter_scale = filter_scale_,
                              .map_scale = map_scale_,
                              .layer = request_.layer,
                              .probabilities = classifier_.probabilities};
    for (size_t i = 0; i < frames_[0].maps.size(); ++i) strip.map_names.push_back(MapName(i));
    if (picture_) {
      strip.picture = picture_->picture.view();
      strip.picture_caption = picture_->truth ? "is: " + *picture_->truth : "";
      strip.truth = picture_->label;
    }
    for (size_t c = 0; c < frames_[0].scores.size(); ++c) {
      strip.class_names.push_back(ClassName(model_.file.class_names, static_cast<int64_t>(c)));
    }
    Report(request_.picture.progress, "drawing", 0);
    Save(internal::StripFigure(strip, frames_).figure, request_.output);
  }

  TrainingFilmRequest request_;
  OpenedModel model_;
  RunSnapshots snapshots_;
  std::vector<int64_t> planes_;  // of the kernel: those that are shown
  std::optional<int64_t> end_;   // the step of the model itself, where it is newer than the last snapshot
  std::string filters_;
  std::optional<ModelPicture> picture_;
  ClassifierTensors classifier_;
  std::vector<std::string> outputs_;  // computed of the picture
  std::vector<FilmFrame> frames_;
  Scale filter_scale_, map_scale_;
};

}  // namespace

TrainingFilm MakeTrainingFilm(const TrainingFilmRequest& request) {
  CheckTrainingFilmPath(request.output);
  if (IsAnimationPath(request.output)) {
    CheckFilmTime(request.milliseconds);
  } else if (request.frames > internal::kMostStripFrames) {
    throw Error({.where = "frames",
                 .rule = fmt::format("a strip has at most {} frames side by side", internal::kMostStripFrames),
                 .received = fmt::format("{}", request.frames),
                 .fix = "choose fewer, or a .gif or .webp file"});
  }
  CheckRun(request.run);
  return FilmMaker(request).Make();
}

void CheckTrainingFilmPath(const std::filesystem::path& path) {
  if (IsAnimationPath(path)) return;
  try {
    CheckFigurePath(path);
  } catch (const Error&) {
    throw Error({.where = path.string(),
                 .rule = "a film is a .gif or .webp file, or as a strip a .png, .svg or .pdf file",
                 .received = LowerCaseEnding(path).empty() ? "no ending" : LowerCaseEnding(path)});
  }
}

std::string TrainingFilmText(const TrainingFilm& film) {
  const std::string steps = film.steps.size() == 1
                                ? fmt::format("step {}", film.steps.front())
                                : fmt::format("steps {} to {}", film.steps.front(), film.steps.back());
  return fmt::format("{}: {} of {}, {}, in {}\n", film.model, CountText(std::ssize(film.steps), "frame"), film.filters,
                     steps, film.output.string());
}

std::string TrainingFilmJson(const TrainingFilm& film) {
  return internal::JsonText(
      {{"model", film.model}, {"filters", film.filters}, {"steps", film.steps}, {"output", film.output.string()}});
}

}  // namespace convscope
