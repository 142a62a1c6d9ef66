// Whether results can be put where the user wants them: asked before the work starts, so that nothing is written by a
// run that cannot write the rest. Not a promise: a disk may still fill up.
#ifndef CONVSCOPE_TASKS_OUTPUT_PLACE_H_
#define CONVSCOPE_TASKS_OUTPUT_PLACE_H_

#include <filesystem>

namespace convscope {

// Throws Error when `file` is a folder, or the folder that it goes into is missing or not writable.
void CheckOutputFile(const std::filesystem::path& file);

// Throws Error when files cannot be made in `folder`: it, or the nearest above it that exists, is no folder or not
// writable.
void CheckOutputFolder(const std::filesystem::path& folder);

// Whether both name one place, existing or not.
bool SamePlace(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace convscope

#endif  // CONVSCOPE_TASKS_OUTPUT_PLACE_H_
