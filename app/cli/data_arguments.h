// What the commands share that run a model over a data set: --data, --data-folder, --part, --size, --gray, --rgb and
// --test-fraction.
#ifndef CONVSCOPE_APP_CLI_DATA_ARGUMENTS_H_
#define CONVSCOPE_APP_CLI_DATA_ARGUMENTS_H_

#include <string>

#include "command.h"
#include "convscope/tasks/open_data.h"

namespace convscope::cli {

struct DataArguments {
  OpenDataOptions options;
  std::string folder, size, part = "test";
  bool grey = false, rgb = false;

  void AddTo(CLI::App& command, bool required = true, const std::string& group = "Data");
  bool given() const { return !options.source.empty(); }
  bool train() const { return part == "train"; }
  OpenDataOptions Options(const Progress& progress) const;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_DATA_ARGUMENTS_H_
