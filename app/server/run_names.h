// Which names a run of the studio may have: a plain word, and so never a path out of the folder of runs.
#ifndef CONVSCOPE_APP_SERVER_RUN_NAMES_H_
#define CONVSCOPE_APP_SERVER_RUN_NAMES_H_

#include <string>

namespace convscope::server {

// At most 64 letters, digits, '.', '_' and '-', the first a letter, a digit or '_'.
bool IsRunName(const std::string& name);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_RUN_NAMES_H_
