// How --help looks where CLI11's own would say too much or too little.
#ifndef CONVSCOPE_APP_CLI_HELP_FORMAT_H_
#define CONVSCOPE_APP_CLI_HELP_FORMAT_H_

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>

namespace convscope::cli {

// A list of which so many may be given as `most` says, 1, or 0 for any number: said in --help, not checked.
CLI::Option* TellCount(CLI::Option* positional, size_t most);

// Helps as CLI11 does, but for what TellCount says. Commands take it over from the program they are added to.
std::shared_ptr<CLI::FormatterBase> HelpFormat();

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_HELP_FORMAT_H_
