// What the commands share that show pictures to a model: MODEL, PICTURE ..., or --data and --sample; --class.
#ifndef CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
#define CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_

#include <string>
#include <vector>

#include "command.h"
#include "convscope/tasks/model_choice.h"
#include "convscope/tasks/model_picture.h"
#include "data_arguments.h"

namespace convscope::cli {

// What a command does with a model.
enum class ModelUse : uint8_t {
  kGraph,     // looks at the model alone
  kPictures,  // shows it pictures: options that say how they are prepared, and what is assumed of them is told
  kPrepares,  // hands on how pictures are prepared: those options
};

// "A run folder, a file, or a built-in network", as the first argument; and --weights. What there is to tell of the
// model is told (model_remarks.h).
void AddModelArgument(CLI::App& command, ModelChoice& model, ModelUse use = ModelUse::kPictures);

// --preset and the rest of PictureFlags.
void AddPictureFlags(CLI::App& command, PictureFlags& flags);

// --class: numbers or names, as ParseClasses takes them. `otherwise` tells which are meant where none is named.
CLI::Option* AddClassesOption(CLI::App& command, std::vector<std::string>& classes, const std::string& otherwise);

struct PictureArguments {
  std::vector<std::string> files;
  DataArguments data;
  std::vector<int64_t> samples;

  // Adds PICTURE, --sample, and --data with what belongs to it. `most` pictures are taken, 1; or 0: as many as are
  // named.
  void AddTo(CLI::App& command, size_t most = 0);

  bool given() const { return !files.empty() || data.given() || !samples.empty(); }

  // Throws CLI::Error where no picture is named, more than one where one is taken, or --data stands without --sample.
  PictureChoice Choice(const Progress& progress) const;

 private:
  size_t most_ = 0;
};

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_PICTURE_ARGUMENTS_H_
