// convscope predict: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/predict_pictures.h"
#include "data_folder.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  PredictRequest request;
  std::string data, data_folder, output;
  bool show = false, json = false;
};

void RunPredict(Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  PredictRequest& request = arguments.request;
  if (arguments.data.empty() != request.samples.empty()) throw CLI::ValidationError("--data and --sample go together");
  if (request.pictures.empty() && request.samples.empty()) throw CLI::RequiredError("PICTURE, or --data and --sample");
  ProgressLine progress;
  request.progress = progress.callback();
  if (!arguments.data.empty()) {
    request.data = OpenDataOptions{
        .source = arguments.data, .places = PlacesOfData(arguments.data_folder), .progress = request.progress};
  }
  const Predictions predictions = PredictPictures(request);
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
  command->add_option("MODEL", a.request.model, "A run folder, an .onnx file, or a built-in network")
      ->required()
      ->type_name("");
  command
      ->add_option("PICTURE", a.request.pictures,
                   "Pictures, scaled to cover the model's input and cut to their middle; - is standard input")
      ->type_name("");
  command->add_option("--data", a.data, "A data set whose test pictures are shown")->type_name("DATA");
  command->add_option("--sample", a.request.samples, "Their places in it, from 0")->type_name("N ...");
  command->add_option("--data-folder", a.data_folder, "A folder with data sets at hand")->type_name("DIR");
  command->add_option("--top", a.request.top, "Classes told of each picture")->check(AtLeast(1))->capture_default_str();
  command->add_option("-o,--output", a.output, "Draw pictures and bars into a .png, .svg or .pdf file")
      ->type_name("FILE");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")->excludes(json);
  command->callback([arguments] { RunPredict(*arguments); });
}

}  // namespace convscope::cli
