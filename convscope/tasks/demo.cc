#include "convscope/tasks/demo.h"

#include <array>
#include <string_view>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/output_folder.h"
#include "convscope/base/text.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/demo_insides.h"
#include "convscope/tasks/filter_figure.h"
#include "convscope/tasks/network_figure.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/run_folder.h"
#include "convscope/tasks/show_kernels.h"
#include "convscope/tasks/summary_report.h"

namespace convscope {
namespace {

// One figure: a filter of bundled pictures, whose names are relative to the data folder.
struct Scene {
  std::string file;
  std::string title;  // of the figure, and the line that is printed for it
  FilterOptions filter;
  FilterFigureOptions figure;
};

constexpr auto kGrey = ReadOptions::Colour::kGrey;

// Odd ones, which leave even light at zero.
std::vector<std::string> GaborBank() {
  std::vector<std::string> kernels;
  for (int i = 0; i < 8; ++i) kernels.push_back(Concat("gabor:psi=90,theta=", 22.5 * i));
  return kernels;
}

std::vector<Scene> Scenes() {
  const std::array<Padding, 2> same = {Padding::Same(), Padding::Same()};
  const Activation relu = MakeActivation(ActivationKind::kRelu);
  const Activation sigmoid = MakeActivation(ActivationKind::kSigmoid);
  const std::vector<FilterPool> pools = {{.kind = PoolKind::kMax, .size = {3, 3}, .stride = {3, 3}},
                                         {.kind = PoolKind::kAverage, .size = {3, 3}, .stride = {3, 3}}};
  return {
      {.file = "edge.png",
       .title = "An edge kernel on a cat: zero where fur is even, strong along whiskers",
       .filter = {.images = {"pictures/chelsea.png"}, .kernels = {"edge"}, .colour = kGrey}},
      {.file = "emboss_stride_2.png",
       .title = "An emboss kernel with stride 2: relief, at half the height and width",
       .filter = {.images = {"pictures/coffee.png"}, .kernels = {"emboss"}, .colour = kGrey, .stride = {2, 2}}},
      {.file = "sharpen_sigmoid_pools.png",
       .title = "One layer step by step: sharpen, sigmoid, then max and average pooling side by side",
       .filter = {.images = {"pictures/chelsea.png"},
                  .kernels = {"sharpen"},
                  .colour = kGrey,
                  .stride = {3, 3},
                  .padding = same,
                  .activation = sigmoid,
                  .pools = pools}},
      {.file = "blur_colour.png",
       .title = "A Gaussian blur on each colour channel alone, shown as one colour picture",
       .filter = {.images = {"pictures/astronaut.png"},
                  .kernels = {"gaussian:15:3"},
                  .padding = same,
                  .pad_mode = PadMode::kEdge},
       .figure = {.as_rgb = true}},
      {.file = "bank_relu.png",
       .title = "Four filters from one, negated and transposed, before and after ReLU",
       .filter = {.images = {"pictures/chelsea.png"},
                  .kernels = {"udacity-1", "-udacity-1", "t(udacity-1)", "-t(udacity-1)"},
                  .colour = kGrey,
                  .activation = relu}},
      {.file = "gabor_bank.png",
       .title = "Eight Gabor filters: each answers to edges of its own direction",
       .filter = {.images = {"pictures/coffee.png"},
                  .kernels = GaborBank(),
                  .colour = kGrey,
                  .padding = same,
                  .pad_mode = PadMode::kReflect}},
      {.file = "digit_crop.png",
       .title = "A piece of one digit as kernel, on six digits",
       .filter = {.images = {"mnist/train_0.png", "mnist/train_1.png", "mnist/train_2.png", "mnist/train_3.png",
                             "mnist/train_4.png", "mnist/train_5.png"},
                  .kernels = {"crop:20,5,5,5"},
                  .colour = kGrey}},
  };
}

TrainSettings Training() {
  return {.model = "fashion-cnn", .data = "fashion-mnist-small", .epochs = 3};
}

RunFolder RunOf(const DemoOptions& options) {
  return {options.folder / "fashion-cnn"};
}

// What an earlier demo left is made again; a run of the user's own is none of its business.
void CheckRunIsOurs(const RunFolder& run) {
  if (!run.HasRun() || ReadRunRecord(run).settings == Training()) return;
  throw Error({.where = run.path.string(),
               .rule = "the demo trains into a folder of its own",
               .received = "a run with other settings than the demo's",
               .fix = "name another folder"});
}

// A network that learns what it sees, from the bundled pictures of clothes.
void TrainAndShow(const DemoOptions& options) {
  const RunFolder run = RunOf(options);
  if (run.HasRun()) std::filesystem::remove_all(run.path);
  const TrainRequest request{.settings = Training(),
                             .folder = run.path,
                             .bundled = options.data,
                             .progress = options.progress,
                             .started = options.started,
                             .after_step = options.after_step,
                             .after_epoch = options.after_epoch};
  const TrainOutcome outcome = Train(request);
  if (!options.done || outcome.interrupted) return;
  options.done(run.curves(), "Loss and accuracy of a small network while it learns to tell clothes apart");
  options.done(run.confusion(), Concat("What it takes for what: accuracy ", ShortestText(outcome.test.accuracy()),
                                       " on ", outcome.test.counts.total(), " pictures that it has not seen"));
  const OpenedModel model = OpenModel(run.path.string());
  const std::filesystem::path graph = run.path / "graph.png";
  Save(NetworkFigure(model.file.model.graph(), model.file.name), graph);
  options.done(graph, "The network: a box a layer, the shapes of what flows between them");
  const std::filesystem::path summary = run.path / "summary.txt";
  WriteFileAtomically(summary, std::array<std::string_view, 1>{
                                   SummaryText(OpenSummary(request.settings.model).summary, {.cost = true})});
  options.done(summary, "The network as a table: shapes, parameters and costs of its layers");
  LookInside({.model = run.path.string(),
              .data = {.source = request.settings.data, .places = {.bundled = options.data}},
              .folder = run.path,
              .report_page = options.report_page,
              .progress = options.progress,
              .done = options.done});
}

}  // namespace

void RunDemo(const DemoOptions& options) {
  CheckRunIsOurs(RunOf(options));
  const OutputFolder made_when_missing(options.folder);
  const auto finish = [&](OwningFigure made, const std::string& file, const std::string& title) {
    made.figure.title = title;
    Report(options.progress, "drawing " + file, 0);
    Save(made.figure, options.folder / file);
    if (options.done) options.done(options.folder / file, title);
  };
  for (Scene scene : Scenes()) {
    for (std::string& image : scene.filter.images) image = (options.data / image).string();
    scene.filter.progress = options.progress;
    const FilterResult result = FilterPictures(scene.filter);
    finish(MakeFilterFigure(result, scene.figure), scene.file, scene.title);
  }
  finish(MakeKernelSheet({}), "kernels.png", "Every kernel preset with its numbers");
  TrainAndShow(options);
}

}  // namespace convscope
