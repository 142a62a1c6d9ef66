// What the commands share that show pictures to a model: MODEL, PICTURE ..., or --data and --sample; --class.
#ifndef CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
#define CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_

#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/model_picture.h"
#include "data_arguments.h"

namespace convscope::cli {

// "A run folder, an .onnx file, or a built-in network", as the first argument.
void AddModelArgument(CLI::App& command, std::string& model);

// --class: numbers or names, as ParseClasses takes them. `otherwise` tells which are meant where none is named.
CLI::Option* AddClassesOption(CLI::App& command, std::vector<std::string>& classes, const std::string& otherwise);

struct PictureArguments {
  std::vector<std::string> files;
  DataArguments data;
  std::vector<int64_t> samples;

  // Adds PICTURE, --sample, and --data with what belongs to it. `most` pictures are taken; 0: as many as are named.
  void AddTo(CLI::App& command, size_t most = 0);

  bool given() const { return !files.empty() || data.given() || !samples.empty(); }

  // Throws CLI::Error where no picture is named, more than `most` are, or --data stands without --sample.
  PictureChoice Choice(const Progress& progress) const;

 private:
  size_t most_ = 0;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
