// convscope runs: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/list_runs.h"
#include "figure_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::string folder = ".";
  FigureArguments output;
  bool json = false;  // of the list
};

void AddCompare(CLI::App& runs, const std::shared_ptr<Arguments>& arguments) {
  CLI::App* command = runs.add_subcommand("compare", "Draw the curves of all runs below a folder in one figure");
  command->footer("Example:\n  convscope runs compare runs/ -o curves.png");
  command->add_option("DIR", arguments->folder, "The folder")->capture_default_str();
  arguments->output.AddTo(*command, {.json = "Print as JSON, with each run's history"});
  command->callback([arguments] {
    const FigureArguments& output = arguments->output;
    output.Check();
    ProgressLine progress;
    const RunList list = ListRuns(arguments->folder);
    const RunComparison comparison = CompareRuns(list.runs);
    output.Deliver(
        progress,
        {.draw = [&] { return OwningFigure{RunsFigure(comparison)}; },
         .text =
             [&] { return output.json ? RunsJson(list, &comparison) : RunsText(list) + ComparisonText(comparison); }});
  });
}

}  // namespace

void AddRunsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("runs", "List the run folders that train has left, or compare them");
  command->footer(
      "Examples:\n"
      "  convscope runs list runs/\n"
      "  convscope runs compare runs/ -o curves.png");
  command->require_subcommand(1);
  auto arguments = std::make_shared<Arguments>();
  CLI::App* list = command->add_subcommand("list", "A table of the runs below a folder");
  list->footer("Example:\n  convscope runs list runs/");
  list->add_option("DIR", arguments->folder, "The folder")->capture_default_str();
  list->add_flag("--json", arguments->json, "Print as JSON");
  list->callback([arguments] {
    const RunList found = ListRuns(arguments->folder);
    Print(arguments->json ? RunsJson(found) : RunsText(found));
  });
  AddCompare(*command, arguments);
}

}  // namespace convscope::cli
