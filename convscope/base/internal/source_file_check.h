// For tests: files of the source tree that they read.
#ifndef CONVSCOPE_BASE_INTERNAL_SOURCE_FILE_CHECK_H_
#define CONVSCOPE_BASE_INTERNAL_SOURCE_FILE_CHECK_H_

#include <string>

namespace convscope::internal {

// The whole path of `path`, which is relative to the root of the source tree. Defined in a source of its own, so that
// where the tree lies is compiled into one file of a test program and not into all.
std::string SourceFile(const std::string& path);

}  // namespace convscope::internal

#endif  // CONVSCOPE_BASE_INTERNAL_SOURCE_FILE_CHECK_H_
