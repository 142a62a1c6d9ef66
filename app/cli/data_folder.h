// Where the bundled pictures are.
#ifndef CONVSCOPE_APP_CLI_DATA_FOLDER_H_
#define CONVSCOPE_APP_CLI_DATA_FOLDER_H_

#include <filesystem>

namespace convscope::cli {

// The first that exists: $CONVSCOPE_DATA; share/convscope beside the folder of the program, where an installation
// puts it; data beside that folder, as in the source tree. Throws Error when there is none.
std::filesystem::path DataFolder();

}  // namespace convscope::cli

#endif  // CONVSCOPE_APP_CLI_DATA_FOLDER_H_
