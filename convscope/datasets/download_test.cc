#include "convscope/datasets/download.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "convscope/base/error.h"
#include "convscope/base/file.h"
#include "convscope/datasets/internal/test_server.h"
#include "convscope/formats/md5.h"

namespace convscope {
namespace {

using internal::Serve;
using internal::TestAnswer;
using internal::TestRequest;
using internal::TestServer;
using testing::AllOf;
using testing::HasSubstr;

std::string Md5Of(const std::string& text) {
  Md5 md5;
  md5.Add(std::as_bytes(std::span(text)));
  return md5.Hex();
}

class DownloadTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "download_test_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder_);
    for (int i = 0; bytes_.size() < 300000; ++i) bytes_ += std::to_string(i * 31);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path File() const { return folder_ / "data.gz"; }
  std::filesystem::path Part() const { return folder_ / "data.gz.part"; }

  DownloadRequest Request(std::vector<std::string> urls) const {
    return {.urls = std::move(urls),
            .file = File(),
            .md5 = Md5Of(bytes_),
            .bytes = static_cast<int64_t>(bytes_.size()),
            .patience_seconds = 5};
  }

  static void Write(const std::filesystem::path& path, std::string_view bytes) {
    WriteFileAtomically(path, {&bytes, 1});
  }
  static std::string Read(const std::filesystem::path& path) { return ReadFile(path, 1 << 24); }

  static std::string ErrorOf(const DownloadRequest& request) {
    try {
      Download(request);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  std::filesystem::path folder_;
  std::string bytes_;
};

TEST_F(DownloadTest, WritesTheWholeFileAndTellsHowFarItIs) {
  TestServer server([&](const TestRequest& request) { return Serve(bytes_, request); });
  DownloadRequest request = Request({server.Url("/data.gz")});
  double last = -1;
  std::string what;
  request.progress = [&](std::string_view text, double done) {
    EXPECT_GE(done, last);
    what = text;
    last = done;
  };
  const Downloaded done = Download(request);
  EXPECT_EQ(done.url, server.Url("/data.gz"));
  EXPECT_EQ(done.resumed_from, 0);
  EXPECT_EQ(Read(File()), bytes_);
  EXPECT_FALSE(std::filesystem::exists(Part()));
  EXPECT_EQ(last, 1);
  EXPECT_THAT(what, HasSubstr("fetching data.gz from 127.0.0.1"));
}

TEST_F(DownloadTest, ATransferThatBreaksOffGoesOnWhereItWas) {
  TestServer server([&](const TestRequest& request) { return Serve(bytes_, request, 100000); });
  Download(Request({server.Url("/data.gz")}));
  EXPECT_EQ(Read(File()), bytes_);
  ASSERT_GE(server.requests().size(), 3u);
  EXPECT_EQ(server.requests()[0].range_from, -1);
  EXPECT_EQ(server.requests()[1].range_from, 100000);
  EXPECT_EQ(server.requests()[2].range_from, 200000);
}

TEST_F(DownloadTest, TheNextCallAsksForTheRestAlone) {
  bool down = false;
  TestServer server([&](const TestRequest& request) {
    if (down) return TestAnswer{.status = 503};
    down = true;
    return Serve(bytes_, request, 120000);
  });
  EXPECT_THAT(ErrorOf(Request({server.Url("/data.gz")})), AllOf(HasSubstr("503"), HasSubstr("the rest is asked for")));
  EXPECT_EQ(Read(Part()), bytes_.substr(0, 120000));
  EXPECT_FALSE(std::filesystem::exists(File()));

  TestServer again([&](const TestRequest& request) { return Serve(bytes_, request); });
  EXPECT_EQ(Download(Request({again.Url("/data.gz")})).resumed_from, 120000);
  EXPECT_EQ(again.requests()[0].range_from, 120000);
  EXPECT_EQ(Read(File()), bytes_);
}

TEST_F(DownloadTest, AServerWithoutRangesSendsAllOfIt) {
  Write(Part(), bytes_.substr(0, 5000));
  TestServer server([&](const TestRequest&) { return TestAnswer{.body = bytes_}; });
  Download(Request({server.Url("/data.gz")}));
  EXPECT_EQ(Read(File()), bytes_);
}

TEST_F(DownloadTest, APartThatIsAllThereIsOnlyChecked) {
  Write(Part(), bytes_);
  TestServer server([&](const TestRequest& request) { return Serve(bytes_, request); });
  Download(Request({server.Url("/data.gz")}));
  EXPECT_EQ(Read(File()), bytes_);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(DownloadTest, APartOfAnotherFileIsThrownAwayAndAllIsAskedForAgain) {
  for (const std::string& part : {std::string(4000, 'x'), std::string(400000, 'x')}) {
    Write(Part(), part);
    TestServer server([&](const TestRequest& request) { return Serve(bytes_, request); });
    Download(Request({server.Url("/data.gz")}));
    EXPECT_EQ(Read(File()), bytes_);
    EXPECT_EQ(server.requests().back().range_from, -1);
    std::filesystem::remove(File());
  }
}

TEST_F(DownloadTest, AWrongChecksumIsAnErrorThatLeavesNothing) {
  TestServer server([&](const TestRequest& request) { return Serve(bytes_ + "!", request); });
  EXPECT_THAT(ErrorOf(Request({server.Url("/data.gz")})),
              AllOf(HasSubstr("data.gz: a file must arrive from one of its mirrors"),
                    HasSubstr("other bytes (MD5 " + Md5Of(bytes_ + "!") + " instead of " + Md5Of(bytes_))));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(DownloadTest, TheNextMirrorIsTriedAfterA404AWrongFileAndNoServer) {
  TestServer server([&](const TestRequest& request) {
    if (request.path == "/gone/data.gz") return TestAnswer{.status = 404, .body = std::string(100000, '<')};
    if (request.path == "/other/data.gz") return Serve("something else", request);
    return Serve(bytes_, request);
  });
  const Downloaded done = Download(Request({"http://127.0.0.1:1/data.gz", server.Url("/gone/data.gz"),
                                            server.Url("/other/data.gz"), server.Url("/data.gz")}));
  EXPECT_EQ(done.url, server.Url("/data.gz"));
  EXPECT_EQ(Read(File()), bytes_);
  EXPECT_EQ(server.requests().size(), 3u);
}

TEST_F(DownloadTest, WhatOneMirrorBeganAnotherEnds) {
  TestServer server([&](const TestRequest& request) {
    if (request.path == "/first/data.gz") {
      return request.range_from < 0 ? Serve(bytes_, request, 50000) : TestAnswer{.status = 500};
    }
    return Serve(bytes_, request);
  });
  Download(Request({server.Url("/first/data.gz"), server.Url("/data.gz")}));
  EXPECT_EQ(Read(File()), bytes_);
  EXPECT_EQ(server.requests().back().range_from, 50000);
}

TEST_F(DownloadTest, FollowsRedirectionsButToTheWebAlone) {
  TestServer server([&](const TestRequest& request) {
    if (request.path == "/moved") return TestAnswer{.status = 302, .headers = "Location: /data.gz\r\n"};
    if (request.path == "/file") return TestAnswer{.status = 302, .headers = "Location: file:///etc/passwd\r\n"};
    return Serve(bytes_, request);
  });
  Download(Request({server.Url("/moved")}));
  EXPECT_EQ(Read(File()), bytes_);
  std::filesystem::remove(File());
  EXPECT_NE(ErrorOf(Request({server.Url("/file")})), "no error");
  EXPECT_NE(ErrorOf(Request({"file:///etc/passwd"})), "no error");
}

TEST_F(DownloadTest, AFileThatIsFarTooLongIsStopped) {
  TestServer server([&](const TestRequest&) { return TestAnswer{.body = std::string(2000000, 'x')}; });
  EXPECT_THAT(ErrorOf(Request({server.Url("/data.gz")})), HasSubstr("more than the"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(DownloadTest, EveryMirrorsTroubleIsTold) {
  TestServer server([&](const TestRequest&) { return TestAnswer{.status = 404}; });
  EXPECT_THAT(ErrorOf(Request({server.Url("/a"), server.Url("/b")})),
              AllOf(HasSubstr(server.Url("/a") + ": the answer 404; " + server.Url("/b") + ": the answer 404")));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
  EXPECT_THAT(ErrorOf(Request({})), HasSubstr("no address"));
}

TEST_F(DownloadTest, AFileThatAnotherProcessIsGettingIsRefused) {
  Write(Part(), "begun");
  const int other = open(Part().c_str(), O_RDWR);
  ASSERT_EQ(flock(other, LOCK_EX), 0);  // a lock is of the open file: this one stands for another process'
  EXPECT_THAT(ErrorOf(Request({"http://127.0.0.1:1/"})), HasSubstr("another process"));
  close(other);
  EXPECT_EQ(Read(Part()), "begun");
}

TEST_F(DownloadTest, AFolderThatIsNotThereIsAnError) {
  DownloadRequest request = Request({"http://127.0.0.1:1/"});
  request.file = folder_ / "no" / "data.gz";
  EXPECT_THAT(ErrorOf(request), HasSubstr("writable"));
}

TEST_F(DownloadTest, WithoutAChecksumNothingOldIsUsed) {
  Write(Part(), "of another day");
  TestServer server([&](const TestRequest& request) { return Serve(bytes_, request); });
  DownloadRequest request = Request({server.Url("/data.gz")});
  request.md5.clear();
  Download(request);
  EXPECT_EQ(Read(File()), bytes_);
}

}  // namespace
}  // namespace convscope
