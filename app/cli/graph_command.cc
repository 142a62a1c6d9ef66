// convscope graph: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/graph_json.h"
#include "convscope/tasks/network_figure.h"
#include "convscope/tasks/open_model.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  FigureArguments output;
  ModelChoice model;
  bool fold = false, expand = false, left_to_right = false;
};

void RunGraph(const Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  const OpenedModel opened = OpenModel(arguments.model);
  const NetworkPlotOptions options{.scopes = arguments.fold     ? NetworkPlotOptions::Scopes::kFolded
                                             : arguments.expand ? NetworkPlotOptions::Scopes::kFramed
                                                                : NetworkPlotOptions::Scopes::kAuto,
                                   .left_to_right = arguments.left_to_right};
  output.Deliver(
      progress,
      {.draw = [&] { return OwningFigure{NetworkFigure(opened.file.model.graph(), opened.title(), options)}; },
       .text = [&] { return output.json ? GraphJson(opened) : std::string(); }});
}

}  // namespace

void AddGraphCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("graph", "Draw a network: a box a layer, the shapes beside the arrows");
  command->footer(
      "Examples:\n"
      "  convscope graph lenet -o lenet.pdf\n"
      "  convscope graph runs/first --json");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.model, ModelUse::kGraph);
  CLI::Option* fold = command->add_flag("--fold", a.fold, "Draw each scope (block1 of block1/conv) as one box");
  command->add_flag("--expand", a.expand, "Draw every layer, however many")->excludes(fold);
  command->add_flag("--left-to-right", a.left_to_right, "Else from top to bottom");
  a.output.AddTo(*command, {.output = "Draw into a .png, .svg or .pdf file; else in the terminal",
                            .json = "Print tensors and nodes, none folded, as JSON",
                            .drawn = DrawnUnasked::kAlways});
  command->callback([arguments] { RunGraph(*arguments); });
}

}  // namespace convscope::cli
