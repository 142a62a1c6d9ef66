// Which library reads and writes pictures, for records of what was computed with what.
#ifndef CONVSCOPE_IMAGE_LIBRARY_VERSIONS_H_
#define CONVSCOPE_IMAGE_LIBRARY_VERSIONS_H_

#include <string>

namespace convscope {

// "8.14.1", as it is found at run time.
std::string LibvipsVersion();

}  // namespace convscope

#endif  // CONVSCOPE_IMAGE_LIBRARY_VERSIONS_H_
