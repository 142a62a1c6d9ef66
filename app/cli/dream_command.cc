// convscope dream: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/dream_picture.h"
#include "convscope/tasks/output_place.h"
#include "data_arguments.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  DreamRequest request;
  DataArguments data;
  std::string from, basis = "waves", output, save;
  bool show = false, json = false;
};

void RunDream(Arguments& arguments) {
  DreamRequest& request = arguments.request;
  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  ProgressLine progress;
  request.options.progress = progress.callback();
  request.options.waves = arguments.basis == "waves";
  request.train = arguments.data.train();
  if (!arguments.from.empty()) {
    request.from = PictureChoice{.files = {arguments.from}, .samples = {}, .progress = progress.callback()};
  }
  if (arguments.data.given()) request.data = arguments.data.Options(progress.callback());
  const DreamOutcome outcome = DreamPictures(request);
  if (!arguments.save.empty()) SaveDream(outcome, arguments.save);
  if (show || !arguments.output.empty()) {
    const OwningFigure figure = DreamFigure(outcome);
    if (!arguments.output.empty()) Save(figure.figure, arguments.output);
    progress.Pause();
    if (show) Show(figure.figure);
  }
  progress.Pause();
  Print(arguments.json ? DreamJson(outcome) : DreamText(outcome));
}

}  // namespace

void AddDreamCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("dream", "Grow the picture that excites a channel, a unit or a class most");
  command->footer(
      "Examples:\n"
      "  convscope dream runs/first --class Bag --data fashion-mnist-small -o bag.png\n"
      "  convscope dream runs/first --layer conv_layer_3 --channel 10 --diversity 4 -o channel.png\n"
      "  convscope dream resnet18 --at layer2/1/add:14,14,7 --from photo.jpg -o dream.png");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  DreamOptions& o = a.request.options;
  AddModelArgument(*command, a.request.model);

  const std::string goal = "What it is of (default: channel 0 of the last layer that has rows and columns)";
  CLI::Option* layer =
      command->add_option("--layer", a.request.layer, "The mean of a map of this tensor, or a unit of it")
          ->type_name("TENSOR")
          ->group(goal);
  CLI::Option* channel = command->add_option("--channel", a.request.channel, "Which map or unit, from 0")
                             ->capture_default_str()
                             ->group(goal);
  CLI::Option* klass = command->add_option("--class", a.request.class_name, "The score of a class before the softmax")
                           ->type_name("N|NAME")
                           ->group(goal);
  command->add_option("--at", a.request.at, "One value, or a unit as TENSOR:N")
      ->type_name("TENSOR:ROW,COLUMN,CHANNEL")
      ->excludes(layer)
      ->excludes(channel)
      ->excludes(klass)
      ->group(goal);
  klass->excludes(layer)->excludes(channel);

  const std::string climb = "How it climbs";
  command->add_option("--from", a.from, "A picture to begin with; default: noise")->type_name("PICTURE")->group(climb);
  command->add_option("--diversity", o.count, "So many pictures that differ in what their maps hold")
      ->check(CLI::Range(int64_t{1}, int64_t{64}))
      ->type_name("N")
      ->group(climb);
  command->add_option("--steps", o.steps, "Of gradient ascent")->check(AtLeast(1))->capture_default_str()->group(climb);
  command->add_option("--rate", o.rate, "Of Adam")->check(CLI::PositiveNumber)->capture_default_str()->group(climb);
  command
      ->add_option("--jitter", o.jitter, "Pixels that a step moves the picture by at most; default: 1/28 of its side")
      ->check(AtLeast(0))
      ->type_name("N")
      ->group(climb);
  command->add_option("--zoom", o.zoom, "Share that a step enlarges or shrinks it by at most")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str()
      ->group(climb);
  command->add_option("--basis", a.basis, "waves, of all frequencies, the coarse ones louder; or pixels")
      ->check(CLI::IsMember({"waves", "pixels"}))
      ->capture_default_str()
      ->group(climb);
  command->add_option("--seed", o.seed, "Of noise and movements")->capture_default_str()->group(climb);

  // The best picture of these is told and drawn beside the dream.
  a.data.AddTo(*command, false);
  for (const char* const name : {"--data", "--data-folder", "--part", "--size", "--test-fraction"}) {
    command->get_option(name)->group("The best picture of a data set, beside it");
  }

  const std::string results = "Results";
  command->add_option("-o,--output", a.output, "Draw pictures and curve into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->group(results);
  command->add_option("--save", a.save, "Write pictures and curve as .npy into this folder")
      ->type_name("DIR")
      ->group(results);
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  json->group(results);
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")
      ->excludes(json)
      ->group(results);
  command->callback([arguments] { RunDream(*arguments); });
}

}  // namespace convscope::cli
