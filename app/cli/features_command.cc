// convscope features: parses, calls, prints.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "command.h"
#include "convscope/base/progress.h"
#include "convscope/figures/terminal.h"
#include "convscope/tasks/feature_figure.h"
#include "convscope/tasks/feature_pages.h"
#include "convscope/tasks/model_picture.h"
#include "convscope/tasks/number_table.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/tensor_files.h"
#include "figure_arguments.h"
#include "picture_arguments.h"
#include "unread_options.h"

namespace convscope::cli {
namespace {

struct Arguments {
  FeaturesRequest request;
  PictureArguments pictures;
  FeatureFigureOptions figure;
  FigureArguments output;
  std::string all, scaling;
  bool table = false;
};

// Of `layers`, or of so many texts, one of which may name several.
void CheckTable(const Arguments& arguments, size_t layers) {
  const bool table = arguments.table || arguments.output.other_file;
  if (table && (layers != 1 || arguments.figure.channels.size() > 1)) {
    throw CLI::ValidationError("a table of numbers shows one map: name one --layer and one --channel");
  }
}

void Check(const CLI::App& command, const Arguments& arguments) {
  arguments.output.Check({}, {arguments.all});
  if (!arguments.all.empty()) CheckOutputFolder(arguments.all);
  CheckTable(arguments, arguments.request.layers.size());
  if (!arguments.all.empty()) return;
  if (arguments.request.layers.empty()) {
    RefuseUnread(command, {"--channel", "--mean", "--before", "--scaling", "--skip", "--most"},
                 "is for the maps of a --layer, or for --all");
  }
  if (!arguments.output.draws()) {
    RefuseUnread(command, {"--mean", "--before", "--scaling", "--skip", "--most"},
                 "is for what is drawn: it needs a figure with -o, --show or --all");
  }
}

// What it shows, and the numbers as the terminal that standard output is takes them, else in one piece.
std::string TableText(const LayerTable& table) {
  const std::string title = table.title + (table.note.empty() ? "" : " (" + table.note + ")") + "\n";
  if (!OutputIsTerminal()) return title + NumberTableText(table.map.view(), 1 << 20, false);
  const Terminal terminal = DetectTerminal();
  return title + NumberTableText(table.map.view(), terminal.columns, terminal.graphics != Terminal::Graphics::kPlain);
}

void RunFeatures(const CLI::App& command, Arguments& arguments) {
  FigureArguments& output = arguments.output;
  output.other_file = IsTablePath(output.output);
  if (arguments.table || !arguments.all.empty()) output.drawn = DrawnUnasked::kNever;
  Check(command, arguments);
  if (arguments.scaling == "map") arguments.figure.scaling = MapScaling::kMap;
  if (arguments.scaling == "layer") arguments.figure.scaling = MapScaling::kLayer;
  if (arguments.scaling == "global") arguments.figure.scaling = MapScaling::kGlobal;
  ProgressLine progress;
  arguments.request.picture = arguments.pictures.Choice(progress.callback());
  const Features features = ShowFeatures(arguments.request);
  CheckTable(arguments, features.layers.size());
  std::vector<std::string> saved = features.layers;
  if (!features.chosen) saved.insert(saved.begin(), PictureInput(features.trace.graph()));
  // Made in any case, and first: what it refuses is refused before anything is written or printed.
  Report(progress.callback(), "drawing", 0);
  OwningFigure figure = features.chosen ? LayersFigure(features, arguments.figure) : OverviewFigure(features);
  LayerTable table;
  if (arguments.table || output.other_file) {
    const std::vector<int64_t>& channels = arguments.figure.channels;
    table = TableOf(features, channels.empty() ? std::nullopt : std::optional(channels[0]));
  }
  output.Deliver(
      progress,
      {.draw = [&] { return std::move(figure); },
       .files = {{arguments.all,
                  [&] { SaveFeaturePages(features, arguments.figure, arguments.all, progress.callback()); }},
                 {output.save, [&] { SaveTrace(features.trace, saved, output.save, progress.callback()); }},
                 {output.other_file ? output.output : "",
                  [&] { SaveNumberTable(table.map.view(), table.title, output.output); }}},
       .text =
           [&] {
             return arguments.table ? TableText(table) : output.json ? FeaturesJson(features) : FeaturesText(features);
           }});
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
  SeveralNames(command->add_option("--layer", a.request.layers, "Tensors to show; default: one a layer"));
  SeveralNumbers(command->add_option("--channel", a.figure.channels,
                                     "These maps alone, large, from 0; of a named layer of units, these units"));
  command->add_flag("--mean", a.figure.mean, "Also the mean of each layer's maps");
  command->add_flag("--before", a.figure.before, "Also the maps before the activation");
  command
      ->add_option("--scaling", a.scaling, "Colours for each map alone, for all of a layer, or for all of the figure")
      ->check(CLI::IsMember({"map", "layer", "global"}));
  command->add_option("--skip", a.figure.first, "Maps of a grid that are passed over at its beginning")
      ->check(AtLeast(0))
      ->capture_default_str();
  command->add_option("--most", a.figure.most, "Maps in a grid at most")->check(AtLeast(1))->capture_default_str();
  command->add_option("--all", a.all, "A folder: one figure a layer, and index.html with all of them")
      ->type_name("DIR");
  CLI::Option* table = command->add_flag("--table", a.table, "Print the numbers of one map, positive ones green");
  a.output.AddTo(*command,
                 {.output = "A figure (.png, .svg, .pdf): the layers named, or an overview; or the numbers "
                            "of one map (.csv, .html)",
                  .save = "Write what is fed in and the layers' tensors, or those of --layer, as .npy files"});
  for (const char* const name : {"--json", "--show"}) command->get_option(name)->excludes(table);
  command->callback([arguments, command] { RunFeatures(*command, *arguments); });
}

}  // namespace convscope::cli
