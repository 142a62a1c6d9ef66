// convscope serve and report, where the studio is built into the program.
#ifndef CONVSCOPE_APP_CLI_STUDIO_COMMANDS_H_
#define CONVSCOPE_APP_CLI_STUDIO_COMMANDS_H_

#include <CLI/CLI.hpp>

namespace convscope::cli {

// As the functions of command.h.
void AddServeCommand(CLI::App& app);
void AddReportCommand(CLI::App& app);

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_STUDIO_COMMANDS_H_
