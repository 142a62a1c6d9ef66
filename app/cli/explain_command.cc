// convscope explain: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/explain_value.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  ExplainRequest request;
  PictureArguments pictures;
  FigureArguments output;
};

void RunExplain(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  arguments.request.pictures = arguments.pictures.Choice(progress.callback());
  const ExplainedValue value = ExplainOn(arguments.request);
  output.Deliver(progress, {.draw = [&] { return ExplainFigure(value); },
                            .text = [&] { return output.json ? ExplainJson(value) : ExplainText(value); }});
}

}  // namespace

void AddExplainCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("explain", "Tell why a number of a network is what it is");
  command->footer(
      "TENSOR is any that the network computes: convscope graph MODEL and convscope summary MODEL name them; a layer\n"
      "with an activation has two, conv_1/pre_activation and conv_1. Places count from 0.\n"
      "\n"
      "Examples:\n"
      "  convscope explain runs/first shoe.jpg --at conv_layer_1:12,3,5 -o why.png\n"
      "  convscope explain runs/first --data fashion-mnist-small --sample 3 --at dense_layer_7:7 --trace");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.pictures.AddTo(*command, 1);
  command
      ->add_option("--at", a.request.at,
                   "The value: row, column and channel of a tensor (conv_1:12,3,5), or a unit (dense:7)")
      ->required()
      ->type_name("TENSOR:y,x,c");
  command->add_flag("--trace", a.request.walk_back, "Follow the largest contributions back to the pixels");
  command->add_option("--top", a.request.top, "Channels and contributions told, the others as one sum")
      ->check(AtLeast(1))
      ->capture_default_str();
  a.output.AddTo(*command,
                 {.output = "Draw receptive field, window, kernel, products and sums into a .png, .svg or .pdf file",
                  .json = "Print every term as JSON"});
  command->callback([arguments] { RunExplain(*arguments); });
}

}  // namespace convscope::cli
