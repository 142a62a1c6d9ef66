// Which libraries this part of convscope works with, for records of what was computed with what.
#ifndef CONVSCOPE_BASE_LIBRARY_VERSIONS_H_
#define CONVSCOPE_BASE_LIBRARY_VERSIONS_H_

#include <map>
#include <string>

namespace convscope {

// "highway" as it was compiled in, and, unless the loops are serial, "onetbb" as it is found at run time.
std::map<std::string, std::string> CoreLibraryVersions();

}  // namespace convscope

#endif  // CONVSCOPE_BASE_LIBRARY_VERSIONS_H_
