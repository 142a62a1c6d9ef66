// convscope weights: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/show_weights.h"
#include "convscope/tasks/weights_figure.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  WeightsRequest request;
  WeightsFigureOptions figure;
  DataArguments data;
  FigureArguments output;
};

void RunWeights(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  if (arguments.data.given()) arguments.request.data = arguments.data.Options(progress.callback());
  arguments.request.train = arguments.data.train();
  const Weights weights = ShowWeights(arguments.request);
  CheckWeightsFigure(weights, arguments.figure);  // also where nothing is drawn
  output.Deliver(progress, {.draw = [&] { return WeightsFigure(weights, arguments.figure); },
                            .files = {{output.save, [&] { SaveWeights(weights, output.save); }}},
                            .text = [&] { return output.json ? WeightsJson(weights) : WeightsText(weights); }});
}

}  // namespace

void AddWeightsCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("weights", "Show the filters of a model: pictures, norms, histograms, spectra");
  command->footer(
      "Examples:\n"
      "  convscope weights runs/first -o weights.png\n"
      "  convscope weights runs/first --layer conv_layer_3 --strongest 16 -o layer.png\n"
      "  convscope weights runs/first --layer conv_layer_1 --data fashion-mnist-small --json");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  CLI::Option* layer =
      SeveralNames(command->add_option("--layer", a.request.layers, "Layers or parameters; default: all"));
  command->add_option("--alike", a.request.alike, "Filters of at least this cosine similarity are near-duplicates")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();

  const std::string drawing = "Drawing";
  command
      ->add_option("--strongest", a.figure.strongest,
                   "Draw so many filters, the strongest first (default: at most 64); up to 16 of at most 7 x 7 have "
                   "their values written in")
      ->type_name("N")
      ->check(CLI::Range(int64_t{1}, int64_t{400}))
      ->group(drawing);
  command->add_option("--channel", a.figure.channel, "Draw filters on this input channel alone, from 0")
      ->type_name("N")
      ->check(AtLeast(0))
      ->needs(layer)
      ->group(drawing);
  command->add_option("--filter", a.figure.filter, "Draw this filter alone, from 0, on each of its input channels")
      ->type_name("N")
      ->check(AtLeast(0))
      ->needs(layer)
      ->group(drawing);

  a.data.AddTo(*command, false, "Filters that never answer: those whose activation never exceeds 0 on pictures");

  a.output.AddTo(*command, {.save = "Write parameters, and the norms of filters, as .npy files"});
  command->callback([arguments] { RunWeights(*arguments); });
}

}  // namespace convscope::cli
