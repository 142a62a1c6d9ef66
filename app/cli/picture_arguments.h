// What the commands share that show pictures to a model: MODEL, PICTURE ..., or --data and --sample.
#ifndef CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
#define CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_

#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/model_picture.h"

namespace convscope::cli {

// "A run folder, an .onnx file, or a built-in network", as the first argument.
void AddModelArgument(CLI::App& command, std::string& model);

struct PictureArguments {
  std::vector<std::string> files;
  std::string data, data_folder;
  std::vector<int64_t> samples;

  // Adds PICTURE, --data, --sample and --data-folder. `most` pictures are taken; 0: as many as are named.
  void AddTo(CLI::App& command, size_t most = 0);

  bool given() const { return !files.empty() || !data.empty() || !samples.empty(); }

  // Throws CLI::Error where no picture is named, more than `most` are, or --data stands without --sample.
  PictureChoice Choice(const Progress& progress) const;

 private:
  size_t most_ = 0;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
