// convscope compare: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/compare_classes.h"
#include "convscope/tasks/rank_filters.h"
#include "data_arguments.h"
#include "figure_arguments.h"
#include "picture_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  CompareRequest request;
  DataArguments data;
  FigureArguments output;
  int64_t top = 20;
  bool rank = false;
};

void RunCompare(Arguments& arguments) {
  const FigureArguments& output = arguments.output;
  output.Check();
  CompareRequest& request = arguments.request;
  ProgressLine progress;
  request.data = arguments.data.Options(progress.callback());
  request.train = arguments.data.train();
  if (arguments.rank) {
    const FilterRanking ranking = RankFilters({.model = request.model,
                                               .data = request.data,
                                               .train = request.train,
                                               .classes = request.classes,
                                               .layers = request.layers});
    const int64_t top = arguments.top;
    output.Deliver(progress, {.draw = [&] { return RankFigure(ranking, top); },
                              .files = {{output.save, [&] { SaveRanking(ranking, output.save); }}},
                              .text = [&] { return output.json ? RankJson(ranking, top) : RankText(ranking, top); }});
    return;
  }
  const Comparison comparison = CompareClasses(request);
  output.Deliver(progress, {.draw = [&] { return OwningFigure{CompareFigure(comparison)}; },
                            .files = {{output.save, [&] { SaveComparison(comparison, output.save); }}},
                            .text = [&] { return output.json ? CompareJson(comparison) : CompareText(comparison); }});
}

}  // namespace

void AddCompareCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("compare", "Show what the layers of a model make of each class of a data set");
  command->footer(
      "Examples:\n"
      "  convscope compare runs/first --data fashion-mnist-small -o classes.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --class 0,9 --channel 10 -o two.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --mean -o means.png\n"
      "  convscope compare runs/first --data fashion-mnist-small --class Shirt,Coat --rank -o rank.png");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.data.AddTo(*command);

  const std::string sheet = "The sheet";
  CLI::Option* classes = AddClassesOption(*command, a.request.classes, "default: all");
  classes->group(sheet);
  SeveralNames(command->add_option("--layer", a.request.layers,
                                   "Tensors of the model; default: the first 3 that are maps, 4 with --channel"))
      ->group(sheet);
  CLI::Option* filter = command
                            ->add_option("--channel,--filter", a.request.filter,
                                         "Show this channel of each layer, from 0 (the mean over all channels)")
                            ->type_name("N")
                            ->check(AtLeast(0))
                            ->group(sheet);
  CLI::Option* pictures =
      command->add_option("--pictures", a.request.pictures, "Of each class, its first ones (1, or 2 with --channel)")
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
  rank->needs(classes);
  command->add_option("--top", a.top, "Filters told")
      ->check(AtLeast(1))
      ->capture_default_str()
      ->needs(rank)
      ->group(ranking);

  a.output.AddTo(*command, {.save = "Write pictures and layers as .npy files, a row of the sheet a row"});
  command->callback([arguments] { RunCompare(*arguments); });
}

}  // namespace convscope::cli
