// The program: hands each command its arguments and turns what goes wrong into one line and an exit code.
//   0 done; 1 the input or the run failed; 2 the command line could not be understood; 128 + n ended by signal n
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "command.h"
#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/base/written_files.h"
#include "help_format.h"
#ifdef CONVSCOPE_STUDIO
#include "studio_commands.h"
#endif

namespace {

bool progress_on_terminal = false;  // asked before any signal comes

// One line on standard error: what is left. Calls only async-signal-safe functions.
void TellStopped() {
  const auto put = [](std::string_view text) {
    if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody is left to be told
  };
  if (progress_on_terminal) put("\r\033[K");  // over the line of progress
  put(convscope::AnyFileWritten() ? "convscope: stopped; the files that were written before are whole\n"
                                  : "convscope: stopped: nothing was written\n");
}

extern "C" void EndBySignal(int signal) {
  convscope::RemoveTemporaryFiles();
  // Who closes the terminal, or the pipe that is written to, is not waiting for words.
  if (signal == SIGINT || signal == SIGTERM) TellStopped();
  _exit(128 + signal);
}

int Fail(const char* what) {
  std::fprintf(stderr, "convscope: %s\n", what);
  return 1;
}

// A command line that could not be understood: one line, and what to do.
int FailUsage(const CLI::App& app, const CLI::ParseError& error, const char* first) {
  std::string what = error.what();
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  const bool known = std::any_of(commands.begin(), commands.end(), [&](const CLI::App* command) {
    return first != nullptr && command->check_name(first);
  });
  if (first != nullptr && first[0] != '-' && !known) what = "there is no command \"" + std::string(first) + '"';
  for (char& c : what) {
    if (c == '\n') c = ' ';
  }
  // CLI11 tells a range without an upper end with the largest double, in 309 digits.
  const size_t range = what.find(" not in range ");
  if (range != std::string::npos && what.find(" to 17976931348623157", range) != std::string::npos) {
    what.replace(range, std::string::npos, " is out of range");
  }
  std::string command = known ? "convscope " + std::string(first) : "convscope";
  // Of "data show" it is show that knows.
  for (const CLI::App* at = known ? app.get_subcommand(first) : nullptr; at != nullptr;) {
    const auto chosen = at->get_subcommands();
    at = chosen.empty() ? nullptr : chosen.front();
    if (at != nullptr) command += ' ' + at->get_name();
  }
  std::fprintf(stderr, "convscope: %s; %s --help tells more\n", what.c_str(), command.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  progress_on_terminal = isatty(STDERR_FILENO) != 0;
  // SIGPIPE too: whoever reads our output may stop early, and half a file must not stay behind.
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    // What was ignored before (nohup) stays ignored.
    if (std::signal(signal, EndBySignal) == SIG_IGN) std::signal(signal, SIG_IGN);
  }

  CLI::App app("Shows what a convolution does: every number on the way.", "convscope");
  app.formatter(convscope::cli::HelpFormat());  // before the commands, which take it over
  app.set_version_flag("--version", "convscope " CONVSCOPE_VERSION);
  app.footer(
      "Example:\n  convscope filter photo.jpg --kernel edge -o edge.png\n\nconvscope COMMAND --help tells more.");
  app.require_subcommand(1);
  convscope::cli::AddFilterCommand(app);
  convscope::cli::AddKernelsCommand(app);
  convscope::cli::AddDataCommand(app);
  convscope::cli::AddSummaryCommand(app);
  convscope::cli::AddDiffCommand(app);
  convscope::cli::AddDreamCommand(app);
  convscope::cli::AddTopCommand(app);
  convscope::cli::AddTrainCommand(app);
  convscope::cli::AddEvaluateCommand(app);
  convscope::cli::AddExplainCommand(app);
  convscope::cli::AddFilmCommand(app);
  convscope::cli::AddPredictCommand(app);
  convscope::cli::AddInferCommand(app);
  convscope::cli::AddFeaturesCommand(app);
  convscope::cli::AddAttributeCommand(app);
  convscope::cli::AddCompareCommand(app);
  convscope::cli::AddConvertCommand(app);
  convscope::cli::AddWeightsCommand(app);
  convscope::cli::AddEmbedCommand(app);
  convscope::cli::AddRunsCommand(app);
  convscope::cli::AddGraphCommand(app);
  convscope::cli::AddDemoCommand(app);
#ifdef CONVSCOPE_STUDIO
  convscope::cli::AddServeCommand(app);
  convscope::cli::AddReportCommand(app);
#endif
  convscope::cli::AddThreadsOption(app);

  try {
    app.parse(argc, argv);
  } catch (const CLI::RuntimeError& error) {
    return error.get_exit_code();  // of a command that has said why it ends so
  } catch (const CLI::ParseError& error) {
    // Help and the version come this way too.
    return error.get_exit_code() == 0 ? app.exit(error) : FailUsage(app, error, argc > 1 ? argv[1] : nullptr);
  } catch (const convscope::Error& error) {
    return Fail(error.what());
  } catch (const std::bad_alloc&) {
    return Fail("this needs more memory than there is; use a smaller picture or fewer kernels");
  } catch (const std::exception& error) {
    return Fail(error.what());
  }
  return 0;
}
