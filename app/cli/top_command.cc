// convscope top: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/top_pictures.h"
#include "data_arguments.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  TopRequest request;
  TopFigureOptions figure;
  DataArguments data;
  std::string output, save;
  bool show = false, json = false;
};

void RunTop(Arguments& arguments) {
  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  if (arguments.figure.whole && !show && arguments.output.empty()) {
    throw CLI::ValidationError("--whole is for what is drawn: it needs -o or --show");
  }
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  ProgressLine progress;
  arguments.request.train = arguments.data.train();
  arguments.request.data = arguments.data.Options(progress.callback());
  const TopOutcome outcome = FindTopPictures(arguments.request);
  if (!arguments.save.empty()) SaveTop(outcome, arguments.save);
  if (show || !arguments.output.empty()) {
    Report(arguments.request.data.progress, "drawing", 0);
    const OwningFigure figure = TopFigure(outcome, arguments.figure);
    if (!arguments.output.empty()) Save(figure.figure, arguments.output);
    progress.Pause();
    if (show) Show(figure.figure);
  }
  progress.Pause();
  Print(arguments.json ? TopJson(outcome) : TopText(outcome));
}

}  // namespace

void AddTopCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("top", "Find the pictures that excite each channel of a layer most");
  command->footer(
      "Examples:\n"
      "  convscope top runs/first --data fashion-mnist-small --layer conv_layer_3 -o top.png\n"
      "  convscope top runs/first --data fashion-mnist-small --layer conv_layer_1/pre_activation --channel 3 10 "
      "--least\n"
      "  convscope top runs/first --data mnist --layer dense_layer_7 --json");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.data.AddTo(*command);
  command->add_option("--layer", a.request.layer, "A tensor; default: the last one that has rows and columns")
      ->type_name("TENSOR");
  command->add_option("--channel", a.request.channels, "These channels or units, from 0; default: all")
      ->type_name("N ...");
  command->add_option("--count", a.request.count, "Pictures told of each channel")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_flag("--least", a.request.least, "Also those with the smallest values");
  command->add_option("-o,--output", a.output, "Draw a row of patches a channel into a .png, .svg or .pdf file")
      ->type_name("FILE");
  command->add_flag("--whole", a.figure.whole, "Draw whole pictures, the receptive field in a red frame");
  command->add_option("--save", a.save, "Write values, pictures and places of all channels as .npy into this folder")
      ->type_name("DIR");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")->excludes(json);
  command->callback([arguments] { RunTop(*arguments); });
}

}  // namespace convscope::cli
