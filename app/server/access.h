// Who may ask: whose Host and Origin are this server's own, and who knows the token.
//
// The page of another site can make a browser send requests here, and can bind a name of its own to this address; the
// browser then names that site in Origin, or that name in Host. Not here: sockets.
#ifndef CONVSCOPE_APP_SERVER_ACCESS_H_
#define CONVSCOPE_APP_SERVER_ACCESS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "convscope/base/error.h"

namespace convscope::server {

struct Caller {
  std::string host, origin, cookie;  // headers; empty: not sent
  std::string query;                 // what stands behind ? in the address
};

class Access {
 public:
  Access() = default;
  Access(std::string host, uint16_t port, std::string token);

  // Why the caller is refused, or nothing.
  std::optional<ErrorParts> Refuses(const Caller& caller) const;

  // For a caller whose address has the token: the cookie that it moves into, so that it stands in no history and no
  // Referer. Else empty.
  std::string NewCookie(const Caller& caller) const;

  // To be opened in a browser, with the token.
  std::string Address() const;

 private:
  bool IsOwnHost(const std::string& host) const;
  std::string CookieName() const;

  std::string host_, token_;
  uint16_t port_ = 0;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_ACCESS_H_
