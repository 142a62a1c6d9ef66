// convscope top: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/top_pictures.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  TopRequest request;
  TopFigureOptions figure;
  DataArguments data;
  FigureArguments output;
};

void RunTop(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  if (arguments.figure.whole && !output.draws()) {
    throw CLI::ValidationError("--whole is for what is drawn: it needs -o or --show");
  }
  output.Check();
  ProgressLine progress;
  arguments.request.train = arguments.data.train();
  arguments.request.data = arguments.data.Options(progress.callback());
  const TopOutcome outcome = FindTopPictures(arguments.request);
  output.Deliver(progress, {.draw = [&] { return TopFigure(outcome, arguments.figure); },
                            .files = {{output.save, [&] { SaveTop(outcome, output.save); }}},
                            .text = [&] { return output.json ? TopJson(outcome) : TopText(outcome); }});
}

}  // namespace

void AddTopCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("top", "Find the pictures that excite each channel of a layer most");
  command->footer(
      "Examples:\n"
      "  convscope top runs/first --data fashion-mnist-small --layer conv_layer_3 -o top.png\n"
      "  convscope top runs/first --data fashion-mnist-small --layer conv_layer_1/pre_activation --channel 3,10 "
      "--least\n"
      "  convscope top runs/first --data mnist --layer dense_layer_7 --json");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.data.AddTo(*command);
  command->add_option("--layer", a.request.layer, "A tensor; default: the last one that has rows and columns")
      ->type_name("TENSOR");
  SeveralNumbers(command->add_option("--channel", a.request.channels, "These channels or units, from 0; default: all"));
  command->add_option("--count", a.request.count, "Pictures told of each channel")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->add_flag("--least", a.request.least, "Also those with the smallest values");
  command->add_flag("--whole", a.figure.whole, "Draw whole pictures, the receptive field in a red frame");
  a.output.AddTo(*command, {.output = "Draw a row of patches a channel into a .png, .svg or .pdf file",
                            .save = "Write values, pictures and places of all channels as .npy into this folder"});
  command->callback([arguments] { RunTop(*arguments); });
}

}  // namespace convscope::cli
