// convscope summary: parses, calls, prints.
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "convscope/nn/summary.h"
#include "convscope/tasks/summary_cost.h"
#include "convscope/tasks/summary_report.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  FigureArguments output;
  ModelChoice model;
  std::string style = "keras";
  bool cost = false;
};

void RunSummary(const Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  const OpenedSummary opened = OpenSummary(arguments.model);
  ProgressLine progress;
  std::optional<MeasuredCost> measured;
  if (arguments.cost) measured = MeasureCost(arguments.model, opened, progress.callback());
  const MeasuredCost* const cost = measured ? &*measured : nullptr;
  output.Deliver(progress,
                 {.draw = [&] { return OwningFigure{CostFigure(opened.summary, *measured, opened.facts.trained)}; },
                  .text =
                      [&] {
                        if (output.json) return SummaryJson(opened, cost);
                        if (arguments.style == "torch") return TorchStyleText(opened);
                        return SummaryText(opened.summary, {.cost = arguments.cost, .measured = cost}) +
                               ModelFactsText(opened);
                      }});
}

}  // namespace

void AddSummaryCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("summary", "Print a network's layers, shapes and parameters");
  command->footer(
      "Examples:\n"
      "  convscope summary fashion-cnn\n"
      "  convscope summary resnet18 --cost -o cost.png\n"
      "  convscope summary runs/first\n"
      "  convscope summary udacity-filters --style torch");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.model, ModelUse::kPrepares);
  command->get_option("MODEL")->description(
      "A built-in network (udacity-filters, lenet, lenet-5, alexnet, alexnet-torch, keras-mnist, "
      "fashion-cnn, vgg16, resnet18, mobilenet-v1), a file of Keras (.keras, .h5, .json), a run "
      "folder or an .onnx file; of the last two, which hold no layers, a row is an operation");
  CLI::Option* cost = command->add_flag("--cost", a.cost,
                                        "Also multiply-adds, receptive fields and activation memory; and milliseconds "
                                        "and share of the machine's multiply-add peak, measured now, layer by layer");
  CLI::Option* style = command->add_option("--style", a.style, "keras, a table; or torch, as PyTorch prints a module")
                           ->check(CLI::IsMember({"keras", "torch"}))
                           ->capture_default_str();
  a.output.AddTo(*command, {.output = "Draw the costs into a .png, .svg or .pdf file",
                            .json = "Print all of it as JSON; what is measured with --cost alone",
                            .drawn = DrawnUnasked::kNever});
  for (const char* const name : {"--output", "--show"}) command->get_option(name)->needs(cost);
  // The torch form has no room for costs.
  command->get_option("--json")->excludes(style);
  command->callback([arguments] {
    if (arguments->cost && arguments->style == "torch") {
      throw CLI::ValidationError("--cost goes with --style keras");
    }
    RunSummary(*arguments);
  });
}

}  // namespace convscope::cli
