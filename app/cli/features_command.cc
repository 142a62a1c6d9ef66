// convscope features: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/base/progress.h"
#include "convscope/figures/render.h"
#include "convscope/figures/terminal.h"
#include "convscope/tasks/feature_figure.h"
#include "convscope/tasks/feature_pages.h"
#include "convscope/tasks/number_table.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/tensor_files.h"
#include "picture_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  FeaturesRequest request;
  PictureArguments pictures;
  FeatureFigureOptions figure;
  std::string output, all, save, scaling;
  bool table = false, show = false, json = false;
};

void Check(const Arguments& arguments) {
  if (!arguments.output.empty()) {
    if (!IsTablePath(arguments.output)) CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.all.empty()) CheckOutputFolder(arguments.all);
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  const bool table = arguments.table || IsTablePath(arguments.output);
  if (table && (arguments.request.layers.size() != 1 || arguments.figure.channels.size() > 1)) {
    throw CLI::ValidationError("a table of numbers shows one map: name one --layer and one --channel");
  }
  if (arguments.request.layers.empty() && arguments.all.empty() &&
      (!arguments.figure.channels.empty() || arguments.figure.mean || arguments.figure.before)) {
    throw CLI::ValidationError("--channel, --mean and --before are for the maps of a --layer, or for --all");
  }
}

void RunFeatures(Arguments& arguments) {
  Check(arguments);
  if (arguments.scaling == "map") arguments.figure.scaling = MapScaling::kMap;
  if (arguments.scaling == "layer") arguments.figure.scaling = MapScaling::kLayer;
  if (arguments.scaling == "global") arguments.figure.scaling = MapScaling::kGlobal;
  ProgressLine progress;
  arguments.request.picture = arguments.pictures.Choice(progress.callback());
  const Features features = ShowFeatures(arguments.request);
  const int64_t channel = arguments.figure.channels.empty() ? 0 : arguments.figure.channels[0];
  const bool table_file = IsTablePath(arguments.output);
  const bool quiet = arguments.json || arguments.table || !arguments.output.empty() || !arguments.all.empty();
  const bool show = arguments.show || (!quiet && OutputIsTerminal());
  // Made in any case, and first: what it refuses is refused before anything is written or printed.
  Report(progress.callback(), "drawing", 0);
  const OwningFigure figure = features.chosen ? LayersFigure(features, arguments.figure) : OverviewFigure(features);
  if (!arguments.all.empty()) SaveFeaturePages(features, arguments.figure, arguments.all, progress.callback());
  if (table_file) {
    const Tensor map = TableMap(features, channel);
    const std::string title = features.layers[0] + ", map " + std::to_string(channel) + " of " + features.shown.source;
    SaveNumberTable(map.view(), title, arguments.output);
  }
  if (!arguments.output.empty() && !table_file) Save(figure.figure, arguments.output);
  if (!arguments.save.empty()) SaveTrace(features.trace, features.layers, arguments.save, progress.callback());
  progress.Pause();
  if (show) Show(figure.figure);
  if (arguments.table) {
    const Tensor map = TableMap(features, channel);
    const bool colours = OutputIsTerminal() && DetectTerminal().graphics != Terminal::Graphics::kPlain;
    Print(NumberTableText(map.view(), OutputIsTerminal() ? DetectTerminal().columns : 1 << 20, colours));
    return;
  }
  Print(arguments.json ? FeaturesJson(features) : FeaturesText(features));
}

}  // namespace

void AddFeaturesCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("features", "Show what each layer of a model makes of a picture");
  command->footer(
      "Examples:\n"
      "  convscope features runs/first bag.png -o overview.png\n"
      "  convscope features runs/first bag.png --layer conv_layer_1 -o maps.png\n"
      "  convscope features runs/first bag.png --layer conv_layer_1 --channel 39 --table\n"
      "  convscope features runs/first --data fashion-mnist-small --sample 0 --all pages/");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.pictures.AddTo(*command, 1);
  command->add_option("--layer", a.request.layers, "Tensors to show, by name; default: one a layer")
      ->type_name("NAME ...");
  command->add_option("--channel", a.figure.channels, "These maps alone, large, from 0")->type_name("N ...");
  command->add_flag("--mean", a.figure.mean, "Also the mean of each layer's maps");
  command->add_flag("--before", a.figure.before, "Also the maps before the activation");
  command
      ->add_option("--scaling", a.scaling, "Colours for each map alone, for all of a layer, or for all of the figure")
      ->check(CLI::IsMember({"map", "layer", "global"}));
  command->add_option("--first", a.figure.first, "The first map of a grid")->check(AtLeast(0))->capture_default_str();
  command->add_option("--most", a.figure.most, "Maps in a grid at most")->check(AtLeast(1))->capture_default_str();
  command->add_option("--all", a.all, "A folder: one figure a layer, and index.html with all of them")
      ->type_name("DIR");
  command
      ->add_option("-o,--output", a.output,
                   "A figure (.png, .svg, .pdf): the layers named, or an overview; or the numbers of one map "
                   "(.csv, .html)")
      ->type_name("FILE");
  command->add_option("--save", a.save, "Write the layers' tensors as .npy files")->type_name("DIR");
  CLI::Option* table = command->add_flag("--table", a.table, "Print the numbers of one map, positive ones green");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON")->excludes(table);
  command->add_flag("--show", a.show, "Draw in the terminal (the default there)")->excludes(json)->excludes(table);
  command->callback([arguments] { RunFeatures(*arguments); });
}

}  // namespace convscope::cli
