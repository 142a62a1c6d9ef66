#include "app/server/run_names.h"

namespace convscope::server {

bool IsRunName(const std::string& name) {
  constexpr char kLetters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool letters = name.find_first_not_of(kLetters) == std::string::npos;
  return letters && !name.empty() && name.size() <= 64 && name[0] != '.' && name[0] != '-';
}

}  // namespace convscope::server
