// A web server on this machine for the tests of downloads: answers as the test says, one connection at a time.
#ifndef CONVSCOPE_DATASETS_INTERNAL_TEST_SERVER_H_
#define CONVSCOPE_DATASETS_INTERNAL_TEST_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace convscope::internal {

struct TestRequest {
  std::string path;         // "/mnist/file.gz"
  int64_t range_from = -1;  // of "Range: bytes=N-"; -1: none
};

struct TestAnswer {
  int status = 200;
  std::string body;
  int64_t claimed_bytes = -1;  // Content-Length; -1: the body's. More than the body is a transfer that breaks off.
  std::string headers;         // more of them, each ending in \r\n
};

// What a server with ranges answers with `bytes`, breaking off after `most` of them.
inline TestAnswer Serve(const std::string& bytes, const TestRequest& request, int64_t most = -1) {
  const auto size = static_cast<int64_t>(bytes.size());
  if (request.range_from >= size) return {.status = 416};
  const int64_t from = request.range_from < 0 ? 0 : request.range_from;
  TestAnswer answer{.status = request.range_from < 0 ? 200 : 206, .body = bytes.substr(static_cast<size_t>(from))};
  answer.claimed_bytes = size - from;
  if (most >= 0) answer.body.resize(std::min<size_t>(answer.body.size(), static_cast<size_t>(most)));
  return answer;
}

class TestServer {
 public:
  explicit TestServer(std::function<TestAnswer(const TestRequest&)> answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        listen(listener_, 16) != 0 || getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("no local server");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~TestServer() {
    stop_ = true;
    shutdown(listener_, SHUT_RDWR);
    close(listener_);
    thread_.join();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string Url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }
  // Of all that came; to be called while no download runs.
  const std::vector<TestRequest>& requests() const { return requests_; }

 private:
  void Run() {
    while (!stop_) {
      const int connection = accept(listener_, nullptr, nullptr);
      if (connection < 0) continue;
      Answer(connection);
      close(connection);
    }
  }

  void Answer(int connection) {
    std::string text;
    char piece[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
      const ssize_t got = recv(connection, piece, sizeof piece, 0);
      if (got <= 0) return;
      text.append(piece, static_cast<size_t>(got));
    }
    TestRequest request{.path = text.substr(4, text.find(' ', 4) - 4)};
    if (const size_t range = text.find("Range: bytes="); range != std::string::npos) {
      request.range_from = std::stoll(text.substr(range + 13));
    }
    requests_.push_back(request);
    const TestAnswer answer = answer_(request);
    const int64_t claimed = answer.claimed_bytes < 0 ? static_cast<int64_t>(answer.body.size()) : answer.claimed_bytes;
    const std::string all = "HTTP/1.1 " + std::to_string(answer.status) + " Answer\r\nConnection: close\r\n" +
                            answer.headers + "Content-Length: " + std::to_string(claimed) + "\r\n\r\n" + answer.body;
    for (size_t sent = 0; sent < all.size();) {
      const ssize_t put = send(connection, all.data() + sent, all.size() - sent, MSG_NOSIGNAL);
      if (put <= 0) return;
      sent += static_cast<size_t>(put);
    }
  }

  std::function<TestAnswer(const TestRequest&)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::vector<TestRequest> requests_;
  std::thread thread_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_DATASETS_INTERNAL_TEST_SERVER_H_
