// convscope diff: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/diff_models.h"
#include "figure_arguments.h"
#include "model_remarks.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  DiffRequest request;
  PictureArguments pictures;
  FigureArguments output;
  bool exit_code = false;
};

void RunDiff(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  const PictureArguments& pictures = arguments.pictures;
  DiffRequest& request = arguments.request;
  request.b.pictures = request.a.pictures;
  OpensModels();
  for (ModelChoice* const model : {&request.a, &request.b}) TellRemarksOf(*model, pictures.given());
  if (pictures.given()) arguments.request.picture = pictures.Choice(progress.callback());
  const DiffOutcome outcome = DiffModels(arguments.request);
  output.Deliver(progress, {.draw = [&] { return DiffFigure(outcome); },
                            .text = [&] { return output.json ? DiffJson(outcome) : DiffText(outcome); }});
  if (arguments.exit_code && !outcome.identical()) throw CLI::RuntimeError(1);
}

}  // namespace

void AddDiffCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("diff", "Compare two models: structure, weights, and what they make of a picture");
  command->footer(
      "Examples:\n"
      "  convscope diff runs/first runs/second\n"
      "  convscope diff runs/first/model.onnx runs/first/best.onnx --exit-code\n"
      "  convscope diff runs/first runs/second --data fashion-mnist-small --sample 3 -o diff.png");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command->add_option("A", a.request.a.name, "A run folder, an .onnx file, or a built-in network")
      ->required()
      ->type_name("");
  command->add_option("B", a.request.b.name, "The other one")->required()->type_name("");
  command->add_option("--weights-a", a.request.a.weights, "Weights for A, of a file of their own")->type_name("FILE");
  command->add_option("--weights-b", a.request.b.weights, "Weights for B")->type_name("FILE");
  a.pictures.AddTo(*command, 1);
  AddPictureFlags(*command, a.request.a.pictures);
  command
      ->add_option("--tolerance", a.request.tolerance,
                   "Of tensors on the picture: what is passed over, as a share of the largest value of each")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command->add_flag("--exit-code", a.exit_code, "End with 1 where structure or weights differ");
  a.output.AddTo(*command,
                 {.output = "Draw bars and maps into a .png, .svg or .pdf file", .drawn = DrawnUnasked::kNever});
  command->callback([arguments] { RunDiff(*arguments); });
}

}  // namespace convscope::cli
