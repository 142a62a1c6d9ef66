#include "data_arguments.h"

#include "data_folder.h"

namespace convscope::cli {

void DataArguments::AddTo(CLI::App& command, bool required) {
  CLI::Option* data =
      command.add_option("--data", options.source, "A data set: a name (convscope data list) or a path")
          ->required(required)
          ->type_name("DATA");
  command.add_option("--data-folder", folder, "A folder with data sets at hand")->type_name("DIR");
  command.add_option("--part", part, "Pictures of train or of test")
      ->check(CLI::IsMember({"train", "test"}))
      ->capture_default_str();
  command.add_option("--size", size, "Of pictures from folders: N or ROWS,COLUMNS; default: as the run was trained");
  CLI::Option* fraction =
      command
          .add_option("--test-fraction", options.test_fraction,
                      "Split off for testing, where there is no such part; default: as the run was trained")
          ->check(CLI::Range(0.0, 1.0));
  if (required) return;
  for (CLI::Option* option : {command.get_option("--part"), command.get_option("--size"), fraction}) {
    option->needs(data);
  }
}

OpenDataOptions DataArguments::Options(const Progress& progress) const {
  OpenDataOptions chosen = options;
  chosen.places = PlacesOfData(folder);
  if (!size.empty()) chosen.size = ParsePictureSize(size, "--size");
  chosen.progress = progress;
  return chosen;
}

}  // namespace convscope::cli
