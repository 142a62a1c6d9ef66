// convscope weights: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/show_weights.h"
#include "convscope/tasks/weights_figure.h"
#include "data_arguments.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  WeightsRequest request;
  WeightsFigureOptions figure;
  DataArguments data;
  std::string output, save;
  bool show = false, json = false;
};

void RunWeights(Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  ProgressLine progress;
  if (arguments.data.given()) arguments.request.data = arguments.data.Options(progress.callback());
  arguments.request.train = arguments.data.train();
  const Weights weights = ShowWeights(arguments.request);
  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  // Made before anything is written, since it may refuse a channel or filter.
  OwningFigure figure;
  if (show || !arguments.output.empty()) figure = WeightsFigure(weights, arguments.figure);
  if (!arguments.save.empty()) SaveWeights(weights, arguments.save);
  if (!arguments.output.empty()) Save(figure.figure, arguments.output);
  progress.Pause();
  if (show) Show(figure.figure);
  Print(arguments.json ? WeightsJson(weights) : WeightsText(weights));
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
      OneEach(command->add_option("--layer", a.request.layers, "A layer or a parameter, by name; may repeat (all)"))
          ->type_name("NAME");
  command->add_option("--alike", a.request.alike, "Filters of at least this cosine similarity are near-duplicates")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();

  const std::string drawing = "Drawing";
  command->add_option("--strongest", a.figure.strongest, "Draw so many filters, the strongest first (at most 64)")
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

  a.data.AddTo(*command, false);
  for (const char* const name : {"--data", "--data-folder", "--part", "--size", "--test-fraction"}) {
    command->get_option(name)->group("Filters that never answer: those whose activation never exceeds 0 on pictures");
  }

  const std::string results = "Results";
  command->add_option("-o,--output", a.output, "Draw into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->group(results);
  command->add_option("--save", a.save, "Write parameters, and the norms of filters, as .npy files")
      ->type_name("DIR")
      ->group(results);
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  json->group(results);
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")
      ->excludes(json)
      ->group(results);
  command->callback([arguments] { RunWeights(*arguments); });
}

}  // namespace convscope::cli
