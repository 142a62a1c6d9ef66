// convscope report: parses, calls, prints.
#include <memory>
#include <string>

#include "app/server/page.h"
#include "command.h"
#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/text.h"
#include "convscope/tasks/network_report.h"
#include "convscope/tasks/output_place.h"
#include "picture_arguments.h"
#include "progress_line.h"
#include "studio_commands.h"

namespace convscope::cli {
namespace {

struct Arguments {
  ReportRequest request;
  PictureArguments pictures;
  std::string output;
};

void WriteIt(Arguments& arguments) {
  if (LowerCaseEnding(arguments.output) != ".html") {
    throw Error({.where = arguments.output, .rule = "a report is an .html file", .fix = "use -o report.html"});
  }
  CheckOutputFile(arguments.output);
  ProgressLine progress;
  arguments.request.progress = progress.callback();
  arguments.request.pictures = arguments.pictures.Choice(progress.callback());
  const WrittenReport written = WriteReport(arguments.request, server::ReportPage(), arguments.output);
  progress.Pause();
  Print(Concat(written.file.string(), ": ", (written.bytes + 99'999) / 100'000 / 10.0, " MB; open it in a browser\n"));
}

}  // namespace

void AddReportCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("report", "Show a network on pictures in one HTML file that needs no server");
  command->footer(
      "The file holds the network, its maps, filters and attributions of these pictures, and the arithmetic of each\n"
      "value where the maps are whole; it asks nothing of any other machine.\n"
      "\n"
      "Examples:\n"
      "  convscope report runs/first shoe.jpg bag.jpg -o report.html\n"
      "  convscope report runs/first --data fashion-mnist-small --sample 0,1,2 --method grad-cam,occlusion -o "
      "report.html");
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  AddModelArgument(*command, a.request.model);
  a.pictures.AddTo(*command);
  command->add_option("-o,--output", a.output, "The file to write, .html")->required()->type_name("FILE");
  OneEach(command->add_option("-m,--method", a.request.methods,
                              "Attribution methods, as of convscope attribute; several with commas; default: saliency, "
                              "input-x-gradient and grad-cam, as far as the network takes them"))
      ->type_name("NAME[,NAME...]");
  command->add_option("--classes", a.request.classes, "Classes that they are asked of, the likeliest of each picture")
      ->check(AtLeast(1))
      ->capture_default_str();
  command
      ->add_option("--side", a.request.side,
                   "Most rows and columns of a map; of larger ones every n-th value is kept, and no arithmetic")
      ->check(AtLeast(1))
      ->capture_default_str();
  command->callback([arguments] { WriteIt(*arguments); });
}

}  // namespace convscope::cli
