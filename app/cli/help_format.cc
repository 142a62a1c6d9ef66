#include "help_format.h"

#include <string>

namespace convscope::cli {
namespace {

constexpr char kOne[] = "(one)", kAny[] = "(one or more)";

class Format : public CLI::Formatter {
 public:
  // In the line of the usage: a list of which one is taken has no dots.
  std::string make_option_usage(const CLI::Option* option) const override {
    if (option->get_option_text() == kOne) return "[" + option->get_name(true) + "]";
    return CLI::Formatter::make_option_usage(option);
  }
};

}  // namespace

CLI::Option* TellCount(CLI::Option* positional, size_t most) {
  return positional->option_text(most == 1 ? kOne : kAny);
}

std::shared_ptr<CLI::FormatterBase> HelpFormat() {
  return std::make_shared<Format>();
}

}  // namespace convscope::cli
