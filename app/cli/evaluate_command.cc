// convscope evaluate: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/confusion_sheet.h"
#include "convscope/tasks/evaluate_model.h"
#include "convscope/tasks/output_place.h"
#include "data_folder.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  EvaluateRequest request;
  std::string data_folder, size, part = "test", output, sheet;
  bool show = false, json = false;
};

void RunEvaluate(Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.sheet.empty()) {
    CheckFigurePath(arguments.sheet);
    CheckOutputFile(arguments.sheet);
  }
  arguments.request.train = arguments.part == "train";
  arguments.request.data.places = PlacesOfData(arguments.data_folder);
  if (!arguments.size.empty()) arguments.request.data.size = ParsePictureSize(arguments.size, "--size");
  ProgressLine progress;
  arguments.request.data.progress = progress.callback();
  const EvaluateOutcome outcome = EvaluateModel(arguments.request);
  // Made before anything is written, since it may refuse the model.
  OwningFigure sheet;
  if (!arguments.sheet.empty()) {
    const EvaluateRequest& request = arguments.request;
    sheet = MakeConfusionSheet({.model = request.model, .data = request.data, .train = request.train});
  }
  if (arguments.show || !arguments.output.empty()) {
    const OwningFigure figure = EvaluateFigure(outcome);
    if (!arguments.output.empty()) Save(figure.figure, arguments.output);
    progress.Pause();
    if (arguments.show) Show(figure.figure);
  }
  if (!arguments.sheet.empty()) Save(sheet.figure, arguments.sheet);
  progress.Pause();
  Print(arguments.json ? EvaluateJson(outcome) : EvaluateText(outcome));
}

}  // namespace

void AddEvaluateCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("evaluate", "Measure how good a model is on a data set");
  command->footer(
      "Examples:\n"
      "  convscope evaluate runs/first --data fashion-mnist-small -o confusion.png\n"
      "  convscope evaluate model.onnx --data photos/ --size 64 --json");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command->add_option("MODEL", a.request.model, "A run folder, an .onnx file, or a built-in network")
      ->required()
      ->type_name("");
  command->add_option("--data", a.request.data.source, "A name (convscope data list) or a path")
      ->required()
      ->type_name("DATA");
  command->add_option("--data-folder", a.data_folder, "A folder with data sets at hand, each in a folder of its name")
      ->type_name("DIR");
  command->add_option("--size", a.size, "Of pictures from folders: N or ROWS,COLUMNS; default: as the run was trained");
  command
      ->add_option("--test-fraction", a.request.data.test_fraction,
                   "Split off for testing, where there is no such part; default: as the run was trained")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--part", a.part, "Pictures of train or of test")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str();
  command->add_option("--loss", a.request.loss, "As in convscope train; default: the run's own");
  command->add_flag("--from-logits", a.request.from_logits, "As in convscope train");
  command->add_option("--top", a.request.top, "Also count a picture whose class is among the first N")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_option("--batch-size", a.request.batch_size, "Pictures at once")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_option("-o,--output", a.output, "Draw the confusion matrix into a .png, .svg or .pdf file")
      ->type_name("FILE");
  command
      ->add_option("--sheet", a.sheet,
                   "Draw the confusion matrix in pictures, an example of each mistake, into a .png, .svg or .pdf file")
      ->type_name("FILE");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  command->add_flag("--show", a.show, "Draw in the terminal")->excludes(json);
  command->callback([arguments] { RunEvaluate(*arguments); });
}

}  // namespace convscope::cli
