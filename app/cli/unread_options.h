// Options that are understood, but that nothing reads as the others stand: refused, rather than ignored.
#ifndef CONVSCOPE_APP_CLI_UNREAD_OPTIONS_H_
#define CONVSCOPE_APP_CLI_UNREAD_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <initializer_list>
#include <string>

namespace convscope::cli {

// Throws the usage error `why` for the first of the options `names` that is given.
inline void RefuseUnread(const CLI::App& command, std::initializer_list<const char*> names, const std::string& why) {
  for (const char* const name : names) {
    if (command.get_option(name)->count() > 0) throw CLI::ValidationError(name, why);
  }
}

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_UNREAD_OPTIONS_H_
