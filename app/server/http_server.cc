#include "app/server/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <exception>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "app/server/access.h"
#include "app/server/work_queue.h"
#include "convscope/base/text.h"

namespace convscope::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using Failure = boost::system::error_code;
using Parser = http::request_parser<http::string_body>;

std::string Text(beast::string_view text) {
  return {text.data(), text.size()};
}

// What of a request decides whether it may be made at all.
Caller CallerOf(const http::fields& header, std::string_view query) {
  return {.host = Text(header[http::field::host]),
          .origin = Text(header[http::field::origin]),
          .cookie = Text(header[http::field::cookie]),
          .query = std::string(query)};
}

// What a request's progress throws; nobody waits for the answer to it.
struct Cancelled {};

HttpAnswer Handle(const HttpRoute& route, const HttpRequest& request) {
  try {
    return route.handle(request);
  } catch (const Cancelled&) {
    return ErrorAnswer(409, {.rule = "the request was cancelled"});
  } catch (const Error& error) {
    return ErrorAnswer(400, error.parts());
  } catch (const std::bad_alloc&) {
    return ErrorAnswer(400, {.rule = "a request must fit into memory", .fix = "use a smaller picture"});
  } catch (const std::exception& error) {
    return ErrorAnswer(500, {.rule = "the studio failed", .received = error.what()});
  }
}

// So much of what there is a limit for, given back at the end.
class Share {
 public:
  Share(size_t& all, size_t amount) : all_(all), amount_(amount) { all_ += amount_; }
  ~Share() { all_ -= amount_; }
  Share(const Share&) = delete;
  Share& operator=(const Share&) = delete;

 private:
  size_t& all_;
  size_t amount_;
};

// What is computed for one connection, which waits on `done` in the thread of the sockets.
struct Job {
  explicit Job(asio::io_context& context) : done(context, asio::steady_timer::time_point::max()) {}
  HttpRequest request;
  HttpAnswer answer;
  asio::steady_timer done;
  bool finished = false;                // known to the thread of the sockets
  std::atomic<bool> cancelled = false;  // asked by the worker
};

// Cancels the job when its client closes the connection. Whatever else can be read is the next request.
void WatchClient(tcp::socket& socket, const std::shared_ptr<Job>& job) {
  socket.async_wait(tcp::socket::wait_read, [&socket, job](Failure failure) {
    if (failure || job->finished) return;
    char next = 0;
    socket.receive(asio::buffer(&next, 1), tcp::socket::message_peek, failure);
    if (failure) job->cancelled = true;
  });
}

// The whole of an event as a stream carries it.
std::string StreamText(const Event& event) {
  return Concat("event: ", event.topic, "\ndata: ", event.json, "\n\n");
}

void SetSecurityHeaders(http::fields& header) {
  header.set("X-Content-Type-Options", "nosniff");
  header.set("Referrer-Policy", "no-referrer");
  header.set("Cross-Origin-Resource-Policy", "same-origin");
  header.set("Cross-Origin-Opener-Policy", "same-origin");
  header.set("Content-Security-Policy",
             "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; "
             "frame-ancestors 'none'");
  header.set(http::field::cache_control, "no-store");  // unless the answer's own says more
}

}  // namespace

HttpAnswer ErrorAnswer(unsigned status, const ErrorParts& parts) {
  const nlohmann::ordered_json error = {
      {"where", parts.where}, {"rule", parts.rule}, {"received", parts.received}, {"fix", parts.fix}};
  return {.status = status,
          .body = nlohmann::ordered_json{{"error", error}}.dump(-1, ' ', false,
                                                                nlohmann::ordered_json::error_handler_t::replace)};
}

struct HttpServer::Impl {
  HttpOptions options;
  std::vector<HttpRoute> routes;
  HttpLimits limits;
  Access access;
  size_t connections = 0, streams = 0, uploading = 0;
  std::set<asio::steady_timer*> listening;  // of the streams that wait for an event
  std::atomic<bool> ending = false;
  asio::io_context context{1};  // after what its connections use to their end
  tcp::acceptor acceptor{context};
  asio::signal_set signals{context};
  std::unique_ptr<WorkQueue> queue;  // while it runs

  void Listen();
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(tcp::socket socket);
  asio::awaitable<bool> ServeOne(beast::tcp_stream& stream, beast::flat_buffer& buffer);
  asio::awaitable<HttpAnswer> Compute(beast::tcp_stream& stream, const HttpRoute& route, HttpRequest request,
                                      std::string subject);
  asio::awaitable<void> Stream(beast::tcp_stream& stream, const Parser& parser, std::shared_ptr<EventHub> events);
  asio::awaitable<bool> Answer(beast::tcp_stream& stream, const Parser& parser, HttpAnswer answer, bool whole);
  // The route, or what is answered where there is none, the caller may not ask, or the body may not come.
  const HttpRoute* Route(const Parser& parser, HttpAnswer& refusal) const;
};

void HttpServer::Impl::Listen() {
  const std::string where = Concat(options.host, ":", options.port);
  try {
    const std::string host = options.host == "localhost" ? "127.0.0.1" : options.host;
    const tcp::endpoint endpoint(asio::ip::make_address(host), options.port);
    if (!endpoint.address().is_loopback() && options.token.empty()) {
      throw Error({.where = options.host,
                   .rule = "an address that other machines reach needs a token",
                   .received = "none",
                   .fix = "use --token, or leave out --host"});
    }
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(tcp::acceptor::max_listen_connections);
    access = Access(options.host, acceptor.local_endpoint().port(), options.token);
  } catch (const boost::system::system_error& error) {
    throw Error({.where = where,
                 .rule = "the studio needs an address of this machine and a port that is free",
                 .received = error.code().message(),
                 .fix = "try another --port, or 0 for any that is free"});
  }
}

asio::awaitable<void> HttpServer::Impl::Accept() {
  for (;;) {
    Failure failure;
    tcp::socket socket = co_await acceptor.async_accept(redirect_error(use_awaitable, failure));
    if (failure == asio::error::operation_aborted) co_return;
    if (failure) {  // no descriptors left, for one: those that are open end some time
      asio::steady_timer pause(context, std::chrono::milliseconds(100));
      co_await pause.async_wait(redirect_error(use_awaitable, failure));
      continue;
    }
    if (connections >= limits.connections) continue;  // closed at once
    socket.set_option(tcp::no_delay(true), failure);
    asio::co_spawn(context, Serve(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> HttpServer::Impl::Serve(tcp::socket socket) {
  const Share connection(connections, 1);
  beast::tcp_stream stream(std::move(socket));
  // Holds a header, then a body piece by piece.
  beast::flat_buffer buffer(std::max<size_t>(limits.header_bytes, size_t{64} << 10));
  while (co_await ServeOne(stream, buffer)) {
  }
  // What was refused early is still being sent; closing on it would lose the answer.
  Failure failure;
  stream.socket().shutdown(tcp::socket::shutdown_send, failure);
  stream.expires_after(std::chrono::seconds(2));
  for (size_t rest = 0; !failure && rest < (size_t{1} << 22);) {
    buffer.clear();
    const size_t read =
        co_await stream.async_read_some(buffer.prepare(size_t{1} << 14), redirect_error(use_awaitable, failure));
    rest += read;
  }
}

const HttpRoute* HttpServer::Impl::Route(const Parser& parser, HttpAnswer& refusal) const {
  const auto& header = parser.get();
  const std::string target = Text(header.target());
  const size_t question = std::min(target.find('?'), target.size());
  const std::string path = target.substr(0, question);
  const std::string query = target.substr(std::min(question + 1, target.size()));
  const Caller caller = CallerOf(header, query);
  if (const auto refused = access.Refuses(caller)) {
    refusal = ErrorAnswer(403, *refused);
    return nullptr;
  }
  if (const std::string cookie = access.NewCookie(caller); !cookie.empty()) {
    refusal = {.status = 303, .type = "text/plain", .headers = {{"Location", "/"}, {"Set-Cookie", cookie}}};
    return nullptr;
  }
  const HttpRoute* other = nullptr;
  for (const HttpRoute& route : routes) {
    if (route.path != path) continue;
    other = &route;
    if (route.method != Text(header.method_string())) continue;
    const size_t bytes = parser.content_length() ? static_cast<size_t>(*parser.content_length()) : 0;
    if (parser.chunked()) {
      refusal =
          ErrorAnswer(411, {.where = path, .rule = "a body must say how long it is", .fix = "send Content-Length"});
    } else if (bytes > route.most_bytes) {
      refusal = ErrorAnswer(413, {.where = path,
                                  .rule = Concat("a body has at most ", route.most_bytes, " bytes here"),
                                  .received = std::to_string(bytes)});
    } else if (bytes > 0 && uploading + bytes > limits.uploading) {
      refusal = ErrorAnswer(503, {.where = path, .rule = "too much is being sent at once", .fix = "try again"});
      refusal.headers = {{"Retry-After", "1"}};
    } else {
      return &route;
    }
    return nullptr;
  }
  refusal = other != nullptr
                ? ErrorAnswer(405, {.where = path, .rule = "a path has its method", .fix = "use " + other->method})
                : ErrorAnswer(404, {.where = path, .rule = "there is no such path", .fix = "see /api/openapi.json"});
  return nullptr;
}

// One request and its answer; whether there may be another on this connection.
asio::awaitable<bool> HttpServer::Impl::ServeOne(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  Failure failure;
  if (buffer.size() == 0) {
    stream.expires_after(limits.idle);
    const size_t read = co_await stream.async_read_some(buffer.prepare(4096), redirect_error(use_awaitable, failure));
    if (failure) co_return false;
    buffer.commit(read);
  }
  HttpAnswer answer;
  Parser parser;
  parser.header_limit(static_cast<uint32_t>(limits.header_bytes));
  // Route asks the length, which is known by then. (Boost 1.74 takes "no limit" for a limit of none.)
  parser.body_limit(std::numeric_limits<uint64_t>::max());
  stream.expires_after(limits.header);
  co_await http::async_read_header(stream, buffer, parser, redirect_error(use_awaitable, failure));
  if (failure) {
    if (failure.category() != make_error_code(http::error::bad_method).category()) co_return false;
    if (failure == http::error::end_of_stream || failure == http::error::partial_message) co_return false;
    const unsigned status = failure == http::error::header_limit ? 431 : 400;
    answer = ErrorAnswer(status, {.rule = "this is no HTTP request", .received = failure.message()});
    co_return co_await Answer(stream, parser, std::move(answer), false);
  }

  const HttpRoute* const route = Route(parser, answer);
  if (route == nullptr) co_return co_await Answer(stream, parser, std::move(answer), parser.is_done());

  const Share share(uploading, parser.content_length() ? static_cast<size_t>(*parser.content_length()) : 0);
  stream.expires_after(limits.body);
  if (Text(parser.get()[http::field::expect]) == "100-continue") {
    http::response<http::empty_body> go(http::status::continue_, parser.get().version());
    co_await http::async_write(stream, go, redirect_error(use_awaitable, failure));
    if (failure) co_return false;
  }
  co_await http::async_read(stream, buffer, parser, redirect_error(use_awaitable, failure));
  if (failure) co_return false;

  HttpRequest request{.method = route->method,
                      .path = route->path,
                      .body = std::move(parser.get().body()),
                      .accept_encoding = Text(parser.get()[http::field::accept_encoding]),
                      .if_none_match = Text(parser.get()[http::field::if_none_match])};
  if (route->events && streams >= limits.streams) {
    answer = ErrorAnswer(503, {.where = route->path, .rule = Concat("at most ", limits.streams, " listen at once")});
  } else if (route->events) {
    co_await Stream(stream, parser, route->events);
    co_return false;
  } else if (route->computes) {
    answer = co_await Compute(stream, *route, std::move(request), Text(parser.get()["Convscope-Subject"]));
  } else {
    answer = Handle(*route, request);
  }
  co_return co_await Answer(stream, parser, std::move(answer), true);
}

asio::awaitable<HttpAnswer> HttpServer::Impl::Compute(beast::tcp_stream& stream, const HttpRoute& route,
                                                      HttpRequest request, std::string subject) {
  const auto job = std::make_shared<Job>(context);
  job->request = std::move(request);
  // Not the job itself, which holds it.
  job->request.progress = [this, &cancelled = job->cancelled](std::string_view, double) {
    if (cancelled || ending) throw Cancelled();
  };
  const auto finish = [this, job](HttpAnswer answer) {
    asio::post(context, [job, answer = std::move(answer)]() mutable {
      job->answer = std::move(answer);
      job->done.cancel();
    });
  };
  const bool added = queue->Add(
      {.subject = subject,
       .run = [job, finish, &route] { finish(Handle(route, job->request)); },
       .drop = [finish] { finish(ErrorAnswer(409, {.rule = "a newer request took the place of this one"})); },
       .cancel = [job] { job->cancelled = true; }});
  if (!added) {
    HttpAnswer full = ErrorAnswer(503, {.rule = "too much is waiting to be computed", .fix = "try again"});
    full.headers = {{"Retry-After", "1"}};
    co_return full;
  }
  WatchClient(stream.socket(), job);
  Failure failure;
  co_await job->done.async_wait(redirect_error(use_awaitable, failure));
  job->finished = true;
  stream.socket().cancel(failure);
  co_return std::move(job->answer);
}

// Until the client is gone, which shows when something is sent to it.
asio::awaitable<void> HttpServer::Impl::Stream(beast::tcp_stream& stream, const Parser& parser,
                                               std::shared_ptr<EventHub> events) {
  const Share share(streams, 1);
  http::response<http::empty_body> response(http::status::ok, parser.get().version());
  response.keep_alive(false);
  response.set(http::field::content_type, "text/event-stream");
  SetSecurityHeaders(response);
  http::response_serializer<http::empty_body> header(response);
  Failure failure;
  stream.expires_after(limits.body);
  co_await http::async_write_header(stream, header, redirect_error(use_awaitable, failure));
  asio::steady_timer pause(context);
  listening.insert(&pause);
  std::string text = "retry: 1000\n\n";
  uint64_t seen = 0;
  const auto take = [&] {
    for (const Event& event : events->After(seen)) text += StreamText(event);
  };
  while (!failure) {
    stream.expires_after(limits.body);
    co_await asio::async_write(stream, asio::buffer(text), redirect_error(use_awaitable, failure));
    text.clear();
    take();
    if (!text.empty()) continue;
    pause.expires_after(limits.pulse);
    Failure woken;
    co_await pause.async_wait(redirect_error(use_awaitable, woken));
    take();
    if (text.empty()) text = ":\n\n";
  }
  listening.erase(&pause);
}

// Whether there may be another request: not where the client or a body that was not read is in the way.
asio::awaitable<bool> HttpServer::Impl::Answer(beast::tcp_stream& stream, const Parser& parser, HttpAnswer answer,
                                               bool whole) {
  http::response<http::string_body> response(static_cast<http::status>(answer.status), parser.get().version());
  response.keep_alive(whole && parser.get().keep_alive());
  response.set(http::field::content_type, answer.type);
  SetSecurityHeaders(response);
  for (const auto& [name, value] : answer.headers) response.set(name, value);
  const bool head_only = answer.status == 304;
  response.body() = head_only ? std::string() : std::move(answer.body);
  if (!head_only) response.prepare_payload();
  stream.expires_after(limits.body);
  Failure failure;
  co_await http::async_write(stream, response, redirect_error(use_awaitable, failure));
  co_return !failure && response.keep_alive();
}

HttpServer::HttpServer(HttpOptions options, std::vector<HttpRoute> routes, HttpLimits limits)
    : impl_(std::make_unique<Impl>()) {
  impl_->options = std::move(options);
  impl_->routes = std::move(routes);
  impl_->limits = limits;
  impl_->Listen();
  // From now on: whoever reads the address may end it at once.
  impl_->signals.add(SIGINT);
  impl_->signals.add(SIGTERM);
  impl_->signals.async_wait([this](const Failure&, int) {
    impl_->ending = true;
    impl_->context.stop();
  });
  for (const HttpRoute& route : impl_->routes) {
    if (!route.events) continue;
    route.events->SetWake([impl = impl_.get()] {
      asio::post(impl->context, [impl] {
        for (asio::steady_timer* stream : impl->listening) stream->cancel();
      });
    });
  }
}

HttpServer::~HttpServer() {
  for (const HttpRoute& route : impl_->routes) {
    if (route.events) route.events->SetWake({});
  }
}

std::string HttpServer::address() const {
  return impl_->access.Address();
}

void HttpServer::Run() {
  impl_->queue = std::make_unique<WorkQueue>(impl_->limits.queued);
  asio::co_spawn(impl_->context, impl_->Accept(), asio::detached);
  impl_->context.run();
  impl_->queue.reset();
}

}  // namespace convscope::server
