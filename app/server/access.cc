#include "app/server/access.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "convscope/base/text.h"

namespace convscope::server {
namespace {

// As long for a wrong token as for the right one: time tells nothing of it.
bool Same(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char differences = 0;
  for (size_t i = 0; i < a.size(); ++i) differences |= static_cast<unsigned char>(a[i] ^ b[i]);
  return differences == 0;
}

// The value of `name` in a list "a=1; b=2".
std::string_view ValueIn(std::string_view list, char separator, std::string_view name) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(separator), list.size());
    std::string_view item = list.substr(0, end);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    if (item.size() > name.size() && item.starts_with(name) && item[name.size()] == '=') {
      return item.substr(name.size() + 1);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

// An address in figures, which no name server can have bound to this machine.
bool IsFigures(std::string_view host) {
  const bool v6 = host.starts_with('[');
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return (c >= '0' && c <= '9') || c == '.' || (v6 && (c == '[' || c == ']' || c == ':' || (c >= 'a' && c <= 'f')));
  });
}

}  // namespace

Access::Access(std::string host, uint16_t port, std::string token)
    : host_(std::move(host)), token_(std::move(token)), port_(port) {}

bool Access::IsOwnHost(const std::string& host) const {
  const std::string suffix = Concat(":", port_);
  std::string name = host;
  if (name.ends_with(suffix)) {
    name.resize(name.size() - suffix.size());
  } else if (port_ != 80) {
    return false;
  }
  if (name == host_ || name == "localhost" || name == "127.0.0.1" || name == "[::1]") return true;
  // Who listens on all addresses is asked for by any of them.
  return !token_.empty() && IsFigures(name);
}

std::optional<ErrorParts> Access::Refuses(const Caller& caller) const {
  if (!IsOwnHost(caller.host)) {
    return ErrorParts{.where = "Host",
                      .rule = "the studio answers under its own address alone",
                      .received = caller.host,
                      .fix = "open " + Concat("http://", host_, ":", port_, "/")};
  }
  if (!caller.origin.empty() && caller.origin != "http://" + caller.host) {
    return ErrorParts{.where = "Origin",
                      .rule = "the studio answers its own page alone",
                      .received = caller.origin,
                      .fix = "ask from the page, or without a browser"};
  }
  if (token_.empty() || Same(ValueIn(caller.query, '&', "token"), token_) ||
      Same(ValueIn(caller.cookie, ';', CookieName()), token_)) {
    return std::nullopt;
  }
  return ErrorParts{.where = "token",
                    .rule = "the studio is open to whoever has its token",
                    .received = "none, or another",
                    .fix = "open the address that convscope serve printed"};
}

std::string Access::NewCookie(const Caller& caller) const {
  if (token_.empty() || !Same(ValueIn(caller.query, '&', "token"), token_)) return "";
  return Concat(CookieName(), "=", token_, "; HttpOnly; SameSite=Strict; Path=/");
}

// Cookies are shared by the ports of a machine, and another studio may run on one.
std::string Access::CookieName() const {
  return Concat("convscope-", port_);
}

std::string Access::Address() const {
  const bool v6 = host_.find(':') != std::string::npos;
  const std::string host = host_ == "0.0.0.0" ? "127.0.0.1" : host_ == "::" ? "[::1]" : v6 ? "[" + host_ + "]" : host_;
  return Concat("http://", host, ":", port_, "/", token_.empty() ? "" : "?token=", token_);
}

}  // namespace convscope::server
