// convscope dream: parses, calls, prints.
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "convscope/tasks/dream_picture.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  DreamRequest request;
  DataArguments data;
  FigureArguments output;
  std::string from, basis = "waves";
  std::optional<int64_t> sample;
};

void RunDream(Arguments& arguments) {
  DreamRequest& request = arguments.request;
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  request.options.progress = progress.callback();
  request.options.waves = arguments.basis == "waves";
  request.train = arguments.data.train();
  if (arguments.data.given()) request.data = arguments.data.Options(progress.callback());
  if (!arguments.from.empty()) {
    request.from = PictureChoice{.files = {arguments.from}, .samples = {}, .progress = progress.callback()};
  } else if (arguments.sample) {
    request.from = PictureChoice{
        .data = request.data, .samples = {*arguments.sample}, .train = request.train, .progress = progress.callback()};
  }
  const DreamOutcome outcome = DreamPictures(request);
  output.Deliver(progress, {.draw = [&] { return DreamFigure(outcome); },
                            .files = {{output.save, [&] { SaveDream(outcome, output.save); }}},
                            .text = [&] { return output.json ? DreamJson(outcome) : DreamText(outcome); }});
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
  CLI::Option* from =
      command->add_option("--from", a.from, "A picture to begin with, - is standard input; default: noise")
          ->type_name("PICTURE")
          ->group(climb);
  CLI::Option* sample =
      command->add_option("--sample", a.sample, "Begin with the picture at this place of --data, from 0")
          ->type_name("N")
          ->excludes(from)
          ->group(climb);
  command->add_option("--diversity", o.count, "So many pictures that differ in what their maps hold")
      ->check(CLI::Range(int64_t{1}, int64_t{64}))
      ->type_name("N")
      ->group(climb);
  command->add_option("--steps", o.steps, "Of gradient ascent")->check(AtLeast(1))->capture_default_str()->group(climb);
  command->add_option("--rate", o.rate, "Of Adam")->check(CLI::PositiveNumber)->capture_default_str()->group(climb);
  command
      ->add_option("--jitter", o.jitter,
                   "Pixels that a step moves the picture by at most; default: 1/28 of its side, of one place 0")
      ->check(AtLeast(0))
      ->type_name("N")
      ->group(climb);
  command
      ->add_option("--zoom", o.zoom,
                   "Share that a step enlarges or shrinks it by at most; default: 0.05, of one place 0")
      ->check(CLI::Range(0.0, 0.9))
      ->type_name("SHARE")
      ->group(climb);
  command->add_option("--basis", a.basis, "waves, of all frequencies, the coarse ones louder; or pixels")
      ->check(CLI::IsMember({"waves", "pixels"}))
      ->capture_default_str()
      ->group(climb);
  command->add_option("--seed", o.seed, "Of noise and movements")
      ->capture_default_str()
      ->check(AtLeast(0))
      ->group(climb);

  // The best picture of these is told and drawn beside the dream.
  a.data.AddTo(*command, false, "The best picture of a data set, beside it");
  sample->needs(command->get_option("--data"));

  a.output.AddTo(*command, {.output = "Draw pictures and curve into a .png, .svg or .pdf file",
                            .save = "Write pictures and curve as .npy into this folder"});
  command->callback([arguments] { RunDream(*arguments); });
}

}  // namespace convscope::cli
