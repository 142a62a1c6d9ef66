// convscope film: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/image/animation.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/slide_film.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  SlideFilmRequest slide;
  PictureArguments pictures;
  std::string output;
  bool slides = false, json = false;
};

void RunSlide(Arguments& arguments) {
  CheckAnimationPath(arguments.output);
  CheckOutputFile(arguments.output);
  ProgressLine progress;
  arguments.slide.pictures = arguments.pictures.Choice(progress.callback());
  arguments.slide.output = arguments.output;
  const SlideFilm film = MakeSlideFilm(arguments.slide);
  progress.Pause();
  Print(arguments.json ? SlideFilmJson(film) : SlideFilmText(film));
}

}  // namespace

void AddFilmCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("film", "Make an animation of a window that slides over a picture");
  command->footer(
      "Examples:\n"
      "  convscope film --slide runs/first shoe.png --layer conv_layer_1 --channel 10 -o slide.gif\n"
      "  convscope film --slide fashion-cnn --data fashion-mnist-small --sample 3 -o slide.webp");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.slide.model);
  a.pictures.AddTo(*command, 1);
  command->add_flag("--slide", a.slides, "The window slides, and the map that it computes fills")->required();
  command->add_option("--layer", a.slide.layer, "The tensor that fills; default: the first that a window computes")
      ->type_name("TENSOR");
  command->add_option("--channel", a.slide.channel, "Of it, from 0")->capture_default_str();
  command->add_option("--frames", a.slide.frames, "At most; in larger maps, places are left out evenly")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--delay", a.slide.milliseconds, "Milliseconds that a frame is shown, the last one ten times")
      ->check(CLI::Range(10, 10000))
      ->capture_default_str();
  command->add_option("-o,--output", a.output, "The animation, a .gif or .webp file")->required()->type_name("FILE");
  command->add_flag("--json", a.json, "Print what was made as JSON");
  command->callback([arguments] { RunSlide(*arguments); });
}

}  // namespace convscope::cli
