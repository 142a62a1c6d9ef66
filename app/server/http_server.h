// A small HTTP server for one program on one machine: routes, limits, and who may ask.
//
// One thread does all input and output, so that a slow client holds a socket and nothing else; what a route computes
// runs on one worker, the engine being parallel inside, in a queue of bounded length. Refused, before anything of it is
// looked at, is a request whose Host or Origin is not this server's own (a page of another site, a name that was bound
// to this address) or that lacks the token, where there is one.
//
// Not here: what is answered (the *_api.h beside this), TLS.
#ifndef CONVSCOPE_APP_SERVER_HTTP_SERVER_H_
#define CONVSCOPE_APP_SERVER_HTTP_SERVER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/server/event_hub.h"
#include "convscope/base/error.h"
#include "convscope/base/progress.h"

namespace convscope::server {

struct HttpRequest {
  std::string method, path;  // without the query
  std::string body;
  std::string accept_encoding;
  std::string if_none_match;
  // For work that takes its time: throws where nobody waits for the answer any more, because the client is gone, a
  // newer request has the place of this one, or the server ends. Empty where the route does not compute.
  Progress progress;
};

struct HttpAnswer {
  unsigned status = 200;
  std::string type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // besides those of every answer
};

// {"error": {"where", "rule", "received", "fix"}}, the answer to whatever is refused.
HttpAnswer ErrorAnswer(unsigned status, const ErrorParts& parts);

struct HttpRoute {
  std::string method, path;  // exact
  // On the worker where it `computes`, else on the thread of the sockets: then it must be quick. What it throws is
  // answered: an Error with 400.
  bool computes = false;
  std::function<HttpAnswer(const HttpRequest&)> handle;
  size_t most_bytes = 0;  // of the request's body
  // In place of `handle`: server-sent events, as long as the client listens.
  std::shared_ptr<EventHub> events = nullptr;
};

struct HttpOptions {
  std::string host = "127.0.0.1";  // an address, or localhost
  uint16_t port = 0;               // 0: one that is free
  std::string token;               // what a client must know; empty: none is asked for, for loopback addresses alone
};

struct HttpLimits {
  size_t connections = 400;
  size_t streams = 32;                   // of them that listen to events
  size_t queued = 32;                    // requests that wait for the worker
  size_t uploading = size_t{128} << 20;  // bytes of all bodies that are arriving or waiting
  size_t header_bytes = size_t{16} << 10;
  std::chrono::seconds idle{60};    // between requests
  std::chrono::seconds header{10};  // for the header to arrive
  std::chrono::seconds body{60};    // for the body to arrive, or an answer to be taken
  std::chrono::seconds pulse{15};   // between signs of life on a stream
};

class HttpServer {
 public:
  // Listens from now on. Throws Error when the address is not to be had, or is no loopback address and there is no
  // token.
  HttpServer(HttpOptions options, std::vector<HttpRoute> routes, HttpLimits limits = {});
  ~HttpServer();

  // "http://127.0.0.1:8123/", with the token, if any: to be opened once, it moves into a cookie.
  std::string address() const;

  // Serves until SIGINT or SIGTERM arrives; then ends what is being computed and comes back.
  void Run();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_HTTP_SERVER_H_
