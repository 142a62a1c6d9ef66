// convscope kernels: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/figures/render.h"
#include "convscope/tasks/output_place.h"
#include "convscope/tasks/show_kernels.h"
#include "progress_line.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::vector<std::string> kernels;
  std::string output;
  bool show = false, json = false;
};

void RunKernels(const Arguments& arguments) {
  if (!arguments.output.empty()) {
    CheckFigurePath(arguments.output);
    CheckOutputFile(arguments.output);
  }
  ProgressLine progress;
  const std::vector<Kernel> kernels = ParseKernels(arguments.kernels);
  // A list of names is what a terminal wants of all presets; the numbers of one, drawn.
  const bool show =
      arguments.show || (!kernels.empty() && arguments.output.empty() && !arguments.json && OutputIsTerminal());
  if (show || !arguments.output.empty()) {
    Report(progress.callback(), "drawing kernels", 0);
    const OwningFigure sheet = MakeKernelSheet(kernels);
    if (!arguments.output.empty()) Save(sheet.figure, arguments.output);
    progress.Pause();
    if (show) Show(sheet.figure);
  }
  if (arguments.json) {
    Print(kernels.empty() ? PresetListJson() : KernelsJson(kernels));
  } else {
    Print(kernels.empty() ? PresetListText() : KernelsText(kernels));
  }
}

}  // namespace

void AddKernelsCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("kernels", "List the kernel presets, or show kernels with their numbers");
  command->footer(
      "Examples:\n"
      "  convscope kernels\n"
      "  convscope kernels gaussian:7:1.5 \"-t(sobel-x)\"\n"
      "  convscope kernels -o presets.pdf");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  // Stands here for the help alone and takes nothing: CLI11 would read -t(sobel-x) as an option and [[1,2]] as a list,
  // so what it does not know is taken as it stands.
  command->add_option("KERNEL", a.kernels, "Presets or expressions; all presets when there is none")
      ->type_name("")
      ->expected(0, -1)
      ->allow_extra_args(false);
  command->allow_extras();
  command->add_option("-o,--output", a.output, "Draw into a .png, .svg or .pdf file")->type_name("FILE");
  CLI::Option* json = command->add_flag("--json", a.json, "Print as JSON");
  command->add_flag("--show", a.show, "Draw in the terminal")->excludes(json);
  command->callback([arguments, command] {
    arguments->kernels = command->remaining();
    for (const std::string& argument : arguments->kernels) {
      if (argument.starts_with("--")) throw CLI::ExtrasError({argument});
    }
    RunKernels(*arguments);
  });
}

}  // namespace convscope::cli
