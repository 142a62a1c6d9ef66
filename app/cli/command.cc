#include "command.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"

namespace convscope::cli {

void AddThreadsOption(CLI::App& app) {
  // Called before the command is.
  const auto set = [](const int& threads) {
    try {
      SetThreadCount(threads);
    } catch (const Error& error) {
      throw CLI::ValidationError("--threads", error.what());
    }
  };
  app.add_option_function<int>("--threads", set, "Threads to compute with; 0, which is the default, is one a core");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) AddThreadsOption(*command);
}

CLI::Validator AtLeast(int64_t least) {
  return CLI::Validator(
      [least](const std::string& text) {
        int64_t value = 0;
        const bool fits = CLI::detail::lexical_cast(text, value) && value >= least;
        return fits ? std::string() : "a whole number, at least " + std::to_string(least) + "; received " + text;
      },
      "");
}

CLI::Option* OneEach(CLI::Option* option) {
  return option->expected(1)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* SeveralNames(CLI::Option* option) {
  // Which commas divide names and which are part of one is for the task to say, which knows what there is.
  return OneEach(option)->type_name("NAME[,NAME...]");
}

CLI::Option* SeveralNumbers(CLI::Option* option) {
  return option->delimiter(',')->type_name("N[,N...]");
}

void AddColourFlags(CLI::App& command, bool& grey, bool& rgb, const std::string& group, const std::string& what) {
  CLI::Option* const as_grey = command.add_flag("--gray,--grey", grey, "Read " + what + " as grey");
  as_grey->group(group);
  command.add_flag("--rgb", rgb, "Read " + what + " as red, green and blue")->excludes(as_grey)->group(group);
}

void Print(std::string_view text) {
  // Flushed at once: a failure shows now, while it can still be told, and not at exit.
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error({.where = "standard output",
                 .rule = "the result must be written whole",
                 .received = std::strerror(errno),
                 .fix = "make room, or write to another place"});
  }
}

bool OutputIsTerminal() {
  return isatty(STDOUT_FILENO) != 0;
}

}  // namespace convscope::cli
