// Whole files in and out: reading with a size limit, writing that never leaves half a file.
#ifndef CONVSCOPE_BASE_FILE_H_
#define CONVSCOPE_BASE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace convscope {

// The ending of a file's name with its dot, in lower case: ".png" of "A.PNG"; empty where there is none.
std::string LowerCaseEnding(const std::filesystem::path& path);

// The bytes of `path`; throws Error when it cannot be read or holds more than `limit_bytes`.
std::string ReadFile(const std::filesystem::path& path, int64_t limit_bytes);

// Calls `write` with the name of a new file beside `path`, then renames that file to `path`. When `write` throws, or
// the disk is full, the new file is removed and whatever `path` held before is still there. Folders are not made.
void WriteFileAtomically(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& temporary)>& write);

// The same for bytes in hand, in pieces one after the other.
void WriteFileAtomically(const std::filesystem::path& path, std::span<const std::string_view> pieces);

// Removes the temporary files that a WriteFileAtomically of this process has open, and the folders of an OutputFolder
// that are still empty: for a program that is about to end from a signal. Calls only async-signal-safe functions.
void RemoveTemporaryFiles() noexcept;

}  // namespace convscope

#endif  // CONVSCOPE_BASE_FILE_H_
