// Whether this process has put a file in place, for whoever is stopped and has to say what is left. Not which ones.
#ifndef CONVSCOPE_BASE_WRITTEN_FILES_H_
#define CONVSCOPE_BASE_WRITTEN_FILES_H_

namespace convscope {

// Called by what renames a whole file to its name.
void NoteWrittenFile() noexcept;

bool AnyFileWritten() noexcept;  // async-signal-safe

}  // namespace convscope

#endif  // CONVSCOPE_BASE_WRITTEN_FILES_H_
