// convscope predict: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/predict_pictures.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  PredictRequest request;
  PictureArguments pictures;
  std::string output;
  bool show = false, json = false;
};

void RunPredict(Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  ProgressLine progress;
  arguments.request.pictures = arguments.pictures.Choice(progress.callback());
  const Predictions predictions = PredictPictures(arguments.request);
  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  if (show || !arguments.output.empty()) {
    const Figure figure = PredictFigure(predictions);
    if (!arguments.output.empty()) Save(figure, arguments.output);
    progress.Pause();
    if (show) Show(figure);
  }
  progress.Pause();
  Print(arguments.json ? PredictJson(predictions) : PredictText(predictions));
}

}  // namespace

void AddPredictCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "Tell the likeliest classes of pictures");
  command->footer(
      "Examples:\n"
      "  convscope predict runs/first shoe.jpg -o shoe.png\n"
      "  convscope predict runs/first --data fashion-mnist-small --sample 0 1 2");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.pictures.AddTo(*command);
  command->add_option("--top", a.request.top, "Classes told of each picture")->check(AtLeast(1))->capture_default_str();
  command->add_option("-o,--output", a.output, "Draw pictures and bars into a .png, .svg or .pdf file")
      ->type_name("FILE");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")->excludes(json);
  command->callback([arguments] { RunPredict(*arguments); });
}

}  // namespace convscope::cli
