// convscope demo: parses, calls, prints.
#include <memory>
#include <string>

#include "command.h"
#include "convscope/tasks/demo.h"
#include "data_folder.h"
#include "progress_line.h"
#include "training_bar.h"
#ifdef CONVSCOPE_STUDIO
#include "app/server/page.h"
#endif

namespace convscope::cli {
namespace {

// Where the studio is built into the program.
std::string PageOfReports() {
#ifdef CONVSCOPE_STUDIO
  return server::ReportPage();
#else
  return "";
#endif
}

}  // namespace

void AddDemoCommand(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("demo", "Make a folder of figures from the bundled pictures, and train a small network");
  command->footer("Example:\n  convscope demo figures/");
  auto folder = std::make_shared<std::string>("convscope-demo");
  command->add_option("DIR", *folder, "The folder")->capture_default_str();
  command->callback([folder] {
    ProgressLine progress;
    TrainingBar bar;
    const std::string page = PageOfReports();
    RunDemo({.data = DataFolder(),
             .folder = *folder,
             .report_page = page,
             .done =
                 [&](const auto& file, const std::string& shows) {
                   progress.Pause();
                   Print(file.string() + ": " + shows + "\n");
                 },
             .progress = progress.callback(),
             .started =
                 [&](const TrainingStart& start) {
                   progress.Pause();
                   bar.Start(start);
                 },
             .after_step = [&](const StepRecord& step) { bar.AfterStep(step); },
             .after_epoch = [&](const EpochRecord& epoch) { bar.AfterEpoch(epoch); }});
    progress.Pause();
    if (!page.empty()) Print("To look into it yourself: convscope serve " + *folder + "/fashion-cnn --open\n");
  });
}

}  // namespace convscope::cli
