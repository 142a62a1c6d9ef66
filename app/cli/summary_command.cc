// convscope summary: parses, calls, prints.
#include <memory>
#include <optional>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/nn/summary.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/summary_cost.h"
#include "convscope/tasks/summary_report.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::string model, style = "keras", output;
  bool cost = false, json = false;
};

void RunSummary(const Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  const OpenedSummary opened = OpenSummary(arguments.model);
  ProgressLine progress;
  std::optional<MeasuredCost> measured;
  if (arguments.cost) measured = MeasureCost(arguments.model, opened, progress.callback());
  if (!arguments.output.empty()) Save(CostFigure(opened.summary, *measured), arguments.output);
  progress.Pause();
  const MeasuredCost* const cost = measured ? &*measured : nullptr;
  if (arguments.json) {
    Print(SummaryJson(opened.summary, cost));
  } else if (arguments.style == "torch") {
    Print(TorchStyleText(opened));
  } else {
    Print(SummaryText(opened.summary, {.cost = arguments.cost, .measured = cost}));
  }
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
  command
      ->add_option("MODEL", a.model,
                   "A built-in network (udacity-filters, lenet, lenet-5, alexnet, alexnet-torch, keras-mnist, "
                   "fashion-cnn, vgg16, resnet18, mobilenet-v1), a file of Keras' model JSON, a run folder or an "
                   ".onnx file; of the last two, which hold no layers, a row is an operation")
      ->type_name("")
      ->required();
  CLI::Option* cost = command->add_flag("--cost", a.cost,
                                        "Also multiply-adds, receptive fields and activation memory; and milliseconds "
                                        "and share of the machine's multiply-add peak, measured now, layer by layer");
  CLI::Option* style = command->add_option("--style", a.style, "keras, a table; or torch, as PyTorch prints a module")
                           ->check(CLI::IsMember({"keras", "torch"}))
                           ->capture_default_str();
  command->add_option("-o,--output", a.output, "Draw the costs into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->needs(cost);
  // The torch form has no room for costs.
  CLI::Option* json =
      command->add_flag("--json", a.json, "Print all of it as JSON; what is measured with --cost alone");
  json->excludes(style);
  command->callback([arguments] {
    if (arguments->cost && arguments->style == "torch") {
      throw CLI::ValidationError("--cost goes with --style keras");
    }
    RunSummary(*arguments);
  });
}

}  // namespace convscope::cli
