// convscope evaluate: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/confusion_sheet.h"
#include "convscope/tasks/evaluate_model.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  EvaluateRequest request;
  FigureArguments output;
  DataArguments data;
  std::string sheet;
};

void RunEvaluate(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check({arguments.sheet});
  if (!arguments.sheet.empty()) CheckFigureFile(arguments.sheet);
  ProgressLine progress;
  arguments.request.train = arguments.data.train();
  arguments.request.data = arguments.data.Options(progress.callback());
  const EvaluateOutcome outcome = EvaluateModel(arguments.request);
  // Made before anything is written, since it may refuse the model.
  OwningFigure sheet;
  if (!arguments.sheet.empty()) {
    const EvaluateRequest& request = arguments.request;
    sheet = MakeConfusionSheet({.model = request.model, .data = request.data, .train = request.train});
  }
  output.Deliver(progress, {.draw = [&] { return EvaluateFigure(outcome); },
                            .files = {{arguments.sheet, [&] { Save(sheet.figure, arguments.sheet); }}},
                            .text = [&] { return output.json ? EvaluateJson(outcome) : EvaluateText(outcome); }});
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
  AddModelArgument(*command, a.request.model);
  a.data.AddTo(*command);
  command->add_option("--loss", a.request.loss,
                      "As in convscope train; default: the run's own, else the cross-entropy that fits the output");
  command->add_flag("--from-logits", a.request.from_logits, "As in convscope train");
  command->add_option("--top", a.request.top, "Also count a picture whose class is among the first N")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_option("--batch-size", a.request.batch_size, "Pictures at once")
      ->check(AtLeast(1))
      ->capture_default_str();
  a.output.AddTo(*command,
                 {.output = "Draw the confusion matrix into a .png, .svg or .pdf file", .drawn = DrawnUnasked::kNever});
  command
      ->add_option("--sheet", a.sheet,
                   "Draw the confusion matrix in pictures, an example of each mistake, into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->group("Results");
  command->callback([arguments] { RunEvaluate(*arguments); });
}

}  // namespace convscope::cli
