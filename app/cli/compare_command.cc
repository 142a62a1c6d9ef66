// convscope compare: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/compare_classes.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/rank_filters.h"
#include "data_arguments.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  CompareRequest request;
  DataArguments data;
  int64_t top = 20;
  std::string output, save;
  bool rank = false, show = false, json = false;
};

// Draws, saves and prints one result; `draw` and `keep` are called when they are wanted.
template <typename Draw, typename Keep>
void Deliver(const Arguments& arguments, ProgressLine& progress, const Draw& draw, const Keep& keep,
             const std::string& text) {
  const bool show = arguments.show || (arguments.output.empty() && !arguments.json && OutputIsTerminal());
  if (!arguments.save.empty()) keep(arguments.save);
  if (show || !arguments.output.empty()) draw(show);
  progress.Pause();
  Print(text);
}

void RunCompare(Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  if (!arguments.save.empty()) CheckOutputFolder(arguments.save);
  CompareRequest& request = arguments.request;
  if (arguments.rank && request.classes.size() != 2) {
    throw CLI::ValidationError("--rank", "compares two classes: give --class twice");
  }
  ProgressLine progress;
  request.data = arguments.data.Options(progress.callback());
  request.train = arguments.data.train();
  const auto draw = [&](const Figure& figure, bool show) {
    if (!arguments.output.empty()) Save(figure, arguments.output);
    progress.Pause();
    if (show) Show(figure);
  };
  if (arguments.rank) {
    const FilterRanking ranking = RankFilters({.model = request.model,
                                               .data = request.data,
                                               .train = request.train,
                                               .classes = {request.classes[0], request.classes[1]},
                                               .layers = request.layers});
    Deliver(
        arguments, progress, [&](bool show) { draw(RankFigure(ranking, arguments.top).figure, show); },
        [&](const std::string& folder) { SaveRanking(ranking, folder); },
        arguments.json ? RankJson(ranking, arguments.top) : RankText(ranking, arguments.top));
    return;
  }
  const Comparison comparison = CompareClasses(request);
  Deliver(
      arguments, progress, [&](bool show) { draw(CompareFigure(comparison), show); },
      [&](const std::string& folder) { SaveComparison(comparison, folder); },
      arguments.json ? CompareJson(comparison) : CompareText(comparison));
}

}  // namespace

void AddCompareCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("compare", "Show what the layers of a model make of each class of a data set");
  command->footer(
      "Examples:\n"
      "  convscope compare runs/first --data fashion-mnist-small -o classes.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --class 0 --class 9 --filter 10 -o two.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --mean -o means.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --class Shirt --class Coat --rank -o rank.png");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  command->add_option("MODEL", a.request.model, "A run folder, an .onnx file, or a built-in network")
      ->required()
      ->type_name("");
  a.data.AddTo(*command);

  const std::string sheet = "The sheet";
  OneEach(command->add_option("--class", a.request.classes, "A class, by number or name; may repeat (all)"))
      ->type_name("CLASS")
      ->group(sheet);
  OneEach(
      command->add_option("--layer", a.request.layers,
                          "A tensor of the model, by name; may repeat (the first 3 that are maps, 4 with --filter)"))
      ->type_name("TENSOR")
      ->group(sheet);
  CLI::Option* filter = command
                            ->add_option("--filter", a.request.filter,
                                         "Show this channel of each layer, from 0 (the mean over all channels)")
                            ->type_name("N")
                            ->check(AtLeast(0))
                            ->group(sheet);
  CLI::Option* pictures =
      command->add_option("--pictures", a.request.pictures, "Of each class, its first ones (1, or 2 with --filter)")
          ->type_name("N")
          ->check(AtLeast(1))
          ->group(sheet);
  CLI::Option* first = command->add_option("--first", a.request.first, "Take them from the first N pictures alone")
                           ->type_name("N")
                           ->check(AtLeast(1))
                           ->group(sheet);
  CLI::Option* mean =
      command->add_flag("--mean", a.request.mean, "Show means over all pictures of a class, in place of pictures")
          ->excludes(pictures)
          ->excludes(first)
          ->group(sheet);

  const std::string ranking = "Ranking";
  CLI::Option* rank = command
                          ->add_flag("--rank", a.rank,
                                     "Rank the filters by how well they tell two classes apart (d'); all layers that "
                                     "are maps, unless --layer is given")
                          ->group(ranking);
  for (CLI::Option* option : {filter, pictures, first, mean}) rank->excludes(option);
  command->add_option("--top", a.top, "Filters told")
      ->check(AtLeast(1))
      ->capture_default_str()
      ->needs(rank)
      ->group(ranking);

  const std::string results = "Results";
  command->add_option("-o,--output", a.output, "Draw into a .png, .svg or .pdf file")
      ->type_name("FILE")
      ->group(results);
  command->add_option("--save", a.save, "Write pictures and layers as .npy files, a row of the sheet a row")
      ->type_name("DIR")
      ->group(results);
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  json->group(results);
  command->add_flag("--show", a.show, "Draw in the terminal (the default there without -o)")
      ->excludes(json)
      ->group(results);
  command->callback([arguments] { RunCompare(*arguments); });
}

}  // namespace convscope::cli
