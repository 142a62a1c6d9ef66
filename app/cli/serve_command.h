// convscope serve, where the studio is built into the program.
#ifndef CONVSCOPE_APP_CLI_SERVE_COMMAND_H_
#define CONVSCOPE_APP_CLI_SERVE_COMMAND_H_

#include <CLI/CLI.hpp>

namespace convscope::cli {

// As the functions of command.h.
void AddServeCommand(CLI::App& app);

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_SERVE_COMMAND_H_
