// convscope film: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/image/animation.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/slide_film.h"
#include "convscope/tasks/training_film.h"
#include "model_remarks.h"
#include "picture_arguments.h"
#include "progress_line.h"
#include "unread_options.h"

namespace convscope::cli {
namespace {

struct Arguments {
  ModelChoice model;
  std::string output, layer, filters;
  PictureArguments pictures;
  std::vector<int64_t> channels;
  int64_t frames = 0, delay = 100;
  bool slides = false, json = false;
};

void RunSlide(const CLI::App& command, const Arguments& arguments, ProgressLine& progress) {
  CheckAnimationPath(arguments.output);
  CheckOutputFile(arguments.output);
  if (arguments.channels.size() > 1) throw CLI::ValidationError("--channel", "with --slide one map fills");
  RefuseUnread(command, {"--filters"}, "is for the film of a training");
  SlideFilmRequest request{.model = arguments.model,
                           .pictures = arguments.pictures.Choice(progress.callback()),
                           .layer = arguments.layer,
                           .milliseconds = arguments.delay,
                           .output = arguments.output};
  if (!arguments.channels.empty()) request.channel = arguments.channels[0];
  if (arguments.frames > 0) request.frames = arguments.frames;
  const SlideFilm film = MakeSlideFilm(request);
  progress.Pause();
  Print(arguments.json ? WithModelRemarks(SlideFilmJson(film)) : SlideFilmText(film));
}

void RunTraining(const CLI::App& command, const Arguments& arguments, ProgressLine& progress) {
  RefuseUnread(command, {"--weights"}, "goes with --slide");
  if (arguments.layer.empty()) RefuseUnread(command, {"--channel"}, "is for the maps of a --layer");
  if (!IsAnimationPath(arguments.output)) RefuseUnread(command, {"--delay"}, "is for a .gif or .webp file");
  CheckTrainingFilmPath(arguments.output);
  CheckOutputFile(arguments.output);
  TrainingFilmRequest request{.run = arguments.model,
                              .filters = arguments.filters,
                              .picture = {.progress = progress.callback()},
                              .layer = arguments.layer,
                              .channels = arguments.channels,
                              .frames = arguments.frames,
                              .milliseconds = arguments.delay,
                              .output = arguments.output};
  if (arguments.pictures.given()) request.picture = arguments.pictures.Choice(progress.callback());
  const TrainingFilm film = MakeTrainingFilm(request);
  progress.Pause();
  Print(arguments.json ? WithModelRemarks(TrainingFilmJson(film)) : TrainingFilmText(film));
}

}  // namespace

void AddFilmCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("film", "Animate how a network changes while it learns, or a window that slides");
  command->footer(
      "The film of a training shows what its run has kept: convscope train ... --snapshot parameters --snapshot-every "
      "20\n"
      "Examples:\n"
      "  convscope film runs/first -o filters.gif\n"
      "  convscope film runs/first shoe.png --layer conv_layer_1 --channel 10,33 -o learning.webp\n"
      "  convscope film runs/first shoe.png -o strip.png\n"
      "  convscope film --slide runs/first shoe.png --layer conv_layer_1 --channel 10 -o slide.gif");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.model);
  a.pictures.AddTo(*command, 1);
  command->add_flag("--slide", a.slides, "A window slides over the picture, and the map that it computes fills");
  command
      ->add_option("--layer", a.layer,
                   "A tensor whose maps are shown; with --slide the one that fills (the first that a window computes)")
      ->type_name("TENSOR");
  SeveralNumbers(
      command->add_option("--channel", a.channels, "Maps of it, from 0; default: the mean of all, with --slide map 0"));
  command->add_option("--filters", a.filters, "The kernel whose filters are shown (the first that the run has kept)")
      ->type_name("TENSOR");
  command->add_option("--frames", a.frames, "At most, evenly chosen (100; of a strip 6, and no more than 24)")
      ->check(CLI::Range(1, 1000));
  command->add_option("--delay", a.delay, "Milliseconds that a frame is shown, the last one ten times")
      ->check(CLI::Range(10, 10000))
      ->capture_default_str();
  command
      ->add_option("-o,--output", a.output,
                   "A .gif or .webp file; of a training also a strip, a .png, .svg or .pdf file")
      ->required()
      ->type_name("FILE");
  command->add_flag("--json", a.json, "Print what was made as JSON");
  command->callback([arguments, command] {
    ProgressLine progress;
    arguments->slides ? RunSlide(*command, *arguments, progress) : RunTraining(*command, *arguments, progress);
  });
}

}  // namespace convscope::cli
