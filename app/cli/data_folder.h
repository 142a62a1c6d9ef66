// Where the data are: the bundled pictures and data sets, and the data sets of the user.
#ifndef CONVSCOPE_APP_CLI_DATA_FOLDER_H_
#define CONVSCOPE_APP_CLI_DATA_FOLDER_H_

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "convscope/datasets/data_places.h"

namespace convscope::cli {

// The folder of the bundled data, the first that holds them: $CONVSCOPE_DATA (which may also be a folder of data sets
// alone); share/convscope beside the folder of the program, where an installation puts it; data beside that folder, as
// in the source tree. Throws Error when there is none.
std::filesystem::path DataFolder();

// --data-folder.
CLI::Option* AddDataFolderOption(CLI::App& command, std::string& folder);

// Where data sets are looked for: in `chosen` (--data-folder) where that is not empty, then as the environment says;
// and among the bundled ones, where there are any. Throws Error where one of those folders does not exist.
DataPlaces PlacesOfData(const std::string& chosen);

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_DATA_FOLDER_H_
