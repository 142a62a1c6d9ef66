// convscope kernels: parses, calls, prints.
#include <memory>
#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/show_kernels.h"
#include "figure_arguments.h"

namespace convscope::cli {
namespace {

struct Arguments {
  std::vector<std::string> kernels;
  FigureArguments output;
};

void RunKernels(Arguments& arguments) {
  FigureArguments& output = arguments.output;
  output.Check();
  ProgressLine progress;
  const std::vector<Kernel> kernels = ParseKernels(arguments.kernels);
  // A list of names is what a terminal wants of all presets; the numbers of one, drawn.
  if (kernels.empty()) output.drawn = DrawnUnasked::kNever;
  output.Deliver(progress, {.draw = [&] { return MakeKernelSheet(kernels); },
                            .text =
                                [&] {
                                  if (kernels.empty()) return output.json ? PresetListJson() : PresetListText();
                                  return output.json ? KernelsJson(kernels) : KernelsText(kernels);
                                }});
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
  a.output.AddTo(*command, {.show = "Draw in the terminal (the default there for kernels that are named, without -o)"});
  command->callback([arguments, command] {
    arguments->kernels = command->remaining();
    for (const std::string& argument : arguments->kernels) {
      if (argument.starts_with("--")) throw CLI::ExtrasError({argument});
    }
    RunKernels(*arguments);
  });
}

}  // namespace convscope::cli
