// convscope graph: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/network_figure.h"
#include "convscope/tasks/open_model.h"
#include "convscope/tasks/output_place.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::string model, output;
  bool fold = false, expand = false, left_to_right = false, show = false;
};

void RunGraph(const Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  const OpenedModel opened = OpenModel(arguments.model);
  const Figure figure = NetworkFigure(opened.file.model.graph(), opened.title(),
                                      {.scopes = arguments.fold     ? NetworkPlotOptions::Scopes::kFolded
                                                 : arguments.expand ? NetworkPlotOptions::Scopes::kFramed
                                                                    : NetworkPlotOptions::Scopes::kAuto,
                                       .left_to_right = arguments.left_to_right});
  if (!arguments.output.empty()) Save(figure, arguments.output);
  if (arguments.show || arguments.output.empty()) Show(figure);
}

}  // namespace

void AddGraphCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("graph", "Draw a network: a box a layer, the shapes beside the arrows");
  command->footer("Example:\n  convscope graph lenet -o lenet.pdf");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command->add_option("MODEL", a.model, "A built-in network, a .json file of Keras layers, an .onnx file, a run folder")
      ->required()
      ->type_name("");
  CLI::Option* fold = command->add_flag("--fold", a.fold, "Draw each scope (block1 of block1/conv) as one box");
  command->add_flag("--expand", a.expand, "Draw every layer, however many")->excludes(fold);
  command->add_flag("--left-to-right", a.left_to_right, "Else from top to bottom");
  command->add_option("-o,--output", a.output, "Draw into a .png, .svg or .pdf file; else in the terminal")
      ->type_name("FILE");
  command->add_flag("--show", a.show, "Draw in the terminal as well");
  command->callback([arguments] { RunGraph(*arguments); });
}

}  // namespace convscope::cli
