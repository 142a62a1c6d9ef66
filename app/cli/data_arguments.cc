#include "data_arguments.h"

#include "data_folder.h"

namespace convscope::cli {

void DataArguments::AddTo(CLI::App& command, bool required, const std::string& group) {
  CLI::Option* data =
      command.add_option("--data", options.source, "A data set: a name (convscope data list) or a path")
          ->required(required)
          ->type_name("DATA");
  data->group(group);
  AddDataFolderOption(command, folder)->group(group);
  CLI::Option* split = command.add_option("--part", part, "Pictures of train or of test");
  split->check(CLI::IsMember({"train", "test"}))->capture_default_str()->group(group);
  CLI::Option* pixels = command.add_option(
      "--size", size, "Of pictures from folders: N or ROWS,COLUMNS; default: that of the model's input");
  pixels->group(group);
  CLI::Option* fraction =
      command.add_option("--test-fraction", options.test_fraction,
                         "Split off for testing, where there is no such part; default: as the run was trained");
  fraction->check(CLI::Range(0.0, 1.0))->group(group);
  AddColourFlags(command, grey, rgb, group, "pictures from folders");
  if (required) return;
  for (CLI::Option* option : {split, pixels, fraction}) option->needs(data);
  for (const char* const flag : {"--gray", "--rgb"}) command.get_option(flag)->needs(data);
}

OpenDataOptions DataArguments::Options(const Progress& progress) const {
  OpenDataOptions chosen = options;
  chosen.places = PlacesOfData(folder);
  if (!size.empty()) chosen.size = ParsePictureSize(size, "--size");
  chosen.colour = ColourOf(grey, rgb);
  chosen.progress = progress;
  return chosen;
}

}  // namespace convscope::cli
