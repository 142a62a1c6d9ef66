#include "data_folder.h"

#include <cstdlib>
#include <system_error>
#include <utility>
#include <vector>
#ifdef __APPLE__
#include <mach-o/dyld.h>

#include <climits>
#endif

#include "convscope/base/error.h"

namespace convscope::cli {
namespace {

// The file of this program; empty when the system does not tell.
std::filesystem::path Program() {
  std::error_code failure;
#ifdef __APPLE__
  char name[PATH_MAX];
  uint32_t size = sizeof name;
  return _NSGetExecutablePath(name, &size) == 0 ? std::filesystem::canonical(name, failure) : "";
#else
  return std::filesystem::read_symlink("/proc/self/exe", failure);
#endif
}

// Empty where there is none.
std::filesystem::path FindDataFolder() {
  const std::filesystem::path above = Program().parent_path().parent_path();
  std::vector<std::filesystem::path> folders = {above / "share" / "convscope", above / "data"};
  if (const char* const chosen = std::getenv("CONVSCOPE_DATA")) folders.insert(folders.begin(), chosen);
  for (const std::filesystem::path& folder : folders) {
    std::error_code failure;
    if (std::filesystem::is_directory(folder / "pictures", failure)) return folder;
  }
  return {};
}

}  // namespace

std::filesystem::path DataFolder() {
  const std::filesystem::path folder = FindDataFolder();
  if (!folder.empty()) return folder;
  throw Error({.where = "demo",
               .rule = "the bundled pictures must be installed",
               .received = "no share/convscope or data beside the folder of the program",
               .fix = "set CONVSCOPE_DATA to the folder data/ of the source tree"});
}

CLI::Option* AddDataFolderOption(CLI::App& command, std::string& folder) {
  return command.add_option("--data-folder", folder, "A folder with data sets at hand, each in a folder of its name")
      ->type_name("DIR");
}

DataPlaces PlacesOfData(const std::string& chosen) {
  DataPlaces places = DataPlaces::FromEnvironment();
  if (!chosen.empty()) places.at_hand.insert(places.at_hand.begin(), chosen);
  Check(places);
  if (std::filesystem::path found = FindDataFolder(); !found.empty()) places.bundled = std::move(found);
  return places;
}

}  // namespace convscope::cli
