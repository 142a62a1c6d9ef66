// The server's threads against each other: events, cancellation, the end. What it answers and refuses over HTTP is
// tested on the whole program, tests/server.
#include "app/server/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <csignal>
#include <istream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace convscope::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

// A connection of a client that says what it is told to.
class Client {
 public:
  explicit Client(const std::string& address) {
    const std::string port = address.substr(address.rfind(':') + 1);
    socket_.connect({asio::ip::make_address("127.0.0.1"), static_cast<uint16_t>(std::stoi(port))});
    host_ = "127.0.0.1:" + port.substr(0, port.find('/'));
  }

  void Ask(const std::string& path, const std::string& subject = "") {
    asio::write(socket_, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: " + host_ +
                                      "\r\nConvscope-Subject: " + subject + "\r\n\r\n"));
  }

  // All up to `end`, that included.
  std::string ReadTo(const std::string& end) {
    const size_t size = asio::read_until(socket_, buffer_, end);
    std::string text(size, '\0');
    std::istream(&buffer_).read(text.data(), static_cast<std::streamsize>(size));
    return text;
  }

  void Close() { socket_.close(); }

 private:
  asio::io_context context_;
  tcp::socket socket_{context_};
  asio::streambuf buffer_;
  std::string host_;
};

class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpLimits limits = {}) {
    std::vector<HttpRoute> routes = {
        {.method = "GET", .path = "/events", .events = hub_},
        {.method = "GET",
         .path = "/quick",
         .computes = true,
         .handle = [](const HttpRequest&) { return HttpAnswer{.body = "{}"}; }},
        {.method = "GET",
         .path = "/endless",
         .computes = true,
         .handle = [this](const HttpRequest& request) { return Endless(request); }},
    };
    server_ = std::make_unique<HttpServer>(HttpOptions{}, std::move(routes), limits);
    thread_ = std::thread([this] { server_->Run(); });
  }

  void TearDown() override {
    if (!thread_.joinable()) return;
    std::raise(SIGINT);
    thread_.join();
  }

  // Ends when it is cancelled, and not before.
  HttpAnswer Endless(const HttpRequest& request) {
    begun_++;
    try {
      for (;;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        request.progress("waiting", 0);
      }
    } catch (...) {
      ended_++;
      throw;
    }
  }

  static void WaitFor(const std::atomic<int>& count, int wanted) {
    while (count < wanted) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

  std::shared_ptr<EventHub> hub_ = std::make_shared<EventHub>();
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
  std::atomic<int> begun_ = 0, ended_ = 0;
};

TEST_F(HttpServerTest, TellsEventsToEachListenerAndTheNewestOfATopicToWhoComesLate) {
  Start();
  Client first(server_->address());
  first.Ask("/events");
  EXPECT_THAT(first.ReadTo("\r\n\r\n"), HasSubstr("text/event-stream"));
  hub_->Publish("step", "1");
  EXPECT_THAT(first.ReadTo("data: 1\n\n"), HasSubstr("event: step\n"));
  hub_->Publish("epoch", "7");
  first.ReadTo("event: epoch\ndata: 7\n\n");
  hub_->Publish("step", "2");
  first.ReadTo("event: step\ndata: 2\n\n");
  Client late(server_->address());
  late.Ask("/events");
  late.ReadTo("retry: 1000\n\n");
  EXPECT_EQ(late.ReadTo("data: 2\n\n"), "event: epoch\ndata: 7\n\nevent: step\ndata: 2\n\n");
}

TEST_F(HttpServerTest, TellsAllThatManyThreadsPublish) {
  Start();
  Client client(server_->address());
  client.Ask("/events");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 200; ++i) hub_->Publish("topic" + std::to_string(t), std::to_string(i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  hub_->Publish("end", "0");
  const std::string text = client.ReadTo("event: end\ndata: 0\n\n");
  for (int t = 0; t < 4; ++t) {
    EXPECT_THAT(text, HasSubstr("event: topic" + std::to_string(t) + "\ndata: 199\n\n"));
  }
}

TEST_F(HttpServerTest, GivesSignsOfLifeAndForgetsWhoIsGone) {
  Start({.streams = 1, .pulse = std::chrono::seconds(0)});
  Client client(server_->address());
  client.Ask("/events");
  client.ReadTo("\n\n:\n\n");
  Client other(server_->address());
  other.Ask("/events");
  EXPECT_THAT(other.ReadTo("\r\n\r\n"), HasSubstr("503"));
  client.Close();
  for (;;) {  // until the server has seen it
    Client next(server_->address());
    next.Ask("/events");
    if (next.ReadTo("\r\n\r\n").starts_with("HTTP/1.1 200")) break;
  }
}

TEST_F(HttpServerTest, CancelsWorkWhoseClientIsGone) {
  Start();
  Client client(server_->address());
  client.Ask("/endless");
  WaitFor(begun_, 1);
  client.Close();
  WaitFor(ended_, 1);
  Client next(server_->address());
  next.Ask("/quick");
  EXPECT_THAT(next.ReadTo("{}"), HasSubstr("200"));
}

TEST_F(HttpServerTest, CancelsWorkThatANewerRequestReplaces) {
  Start();
  Client older(server_->address()), newer(server_->address());
  older.Ask("/endless", "subject");
  WaitFor(begun_, 1);
  newer.Ask("/quick", "subject");
  EXPECT_THAT(older.ReadTo("\r\n\r\n"), StartsWith("HTTP/1.1 409"));
  EXPECT_THAT(newer.ReadTo("\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ConnectionsAreKeptAfterWork) {
  Start();
  Client client(server_->address());
  for (int i = 0; i < 20; ++i) {
    client.Ask("/quick");
    EXPECT_THAT(client.ReadTo("{}"), HasSubstr("200"));
  }
}

TEST_F(HttpServerTest, EndsWhileItWorksAndWhileSomebodyListens) {
  Start();
  Client worker(server_->address()), listener(server_->address());
  listener.Ask("/events");
  listener.ReadTo("\n\n");
  worker.Ask("/endless");
  WaitFor(begun_, 1);
  TearDown();
  EXPECT_EQ(ended_, 1);
  hub_->Publish("late", "1");  // the server is gone, or going
  server_.reset();
  hub_->Publish("later", "1");
}

}  // namespace
}  // namespace convscope::server
