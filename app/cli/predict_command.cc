// convscope predict: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/predict_pictures.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  PredictRequest request;
  PictureArguments pictures;
  FigureArguments output;
};

void RunPredict(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  arguments.request.pictures = arguments.pictures.Choice(progress.callback());
  const Predictions predictions = PredictPictures(arguments.request);
  output.Deliver(progress, {.draw = [&] { return OwningFigure{PredictFigure(predictions)}; },
                            .text = [&] { return output.json ? PredictJson(predictions) : PredictText(predictions); }});
}

}  // namespace

void AddPredictCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("predict", "Tell the likeliest classes of pictures");
  command->footer(
      "Examples:\n"
      "  convscope predict runs/first shoe.jpg -o shoe.png\n"
      "  convscope predict runs/first --data fashion-mnist-small --sample 0,1,2");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.pictures.AddTo(*command);
  command->add_option("--top", a.request.top, "Classes told of each picture")->check(AtLeast(1))->capture_default_str();
  a.output.AddTo(*command, {.output = "Draw pictures and bars into a .png, .svg or .pdf file"});
  command->callback([arguments] { RunPredict(*arguments); });
}

}  // namespace convscope::cli
