#include "convscope/datasets/download.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/base/written_files.h"
#include "convscope/formats/md5.h"

namespace convscope {
namespace {

constexpr long kRangeNotSatisfiable = 416;

// The file that a download grows in; nobody else can write to it meanwhile.
class PartFile {
 public:
  explicit PartFile(std::filesystem::path path) : path_(std::move(path)) {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor_ < 0) Fail("the file must be writable", errno);
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor_);
      throw Error({.where = path_.string(),
                   .rule = "a file can be downloaded once at a time",
                   .received = "another process that is at it",
                   .fix = "wait until it is done"});
    }
    size_ = lseek(descriptor_, 0, SEEK_END);
  }
  ~PartFile() {
    // Nothing worth resuming is not left behind.
    if (size_ == 0 && !finished_) unlink(path_.c_str());
    close(descriptor_);
  }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  int64_t size() const { return size_; }

  void Append(const char* bytes, size_t count) {
    while (count > 0) {
      const ssize_t put = pwrite(descriptor_, bytes, count, size_);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) Fail("the whole file must fit on the disk", errno);
      bytes += put;
      count -= static_cast<size_t>(put);
      size_ += put;
    }
  }
  void Empty() {
    if (ftruncate(descriptor_, 0) != 0) Fail("the file must be writable", errno);
    size_ = 0;
  }
  void RenameTo(const std::filesystem::path& target) {
    // A name in the cache is a promise that the bytes are there, also after the power went.
    if (fsync(descriptor_) != 0) Fail("the whole file must fit on the disk", errno);
    if (std::rename(path_.c_str(), target.c_str()) != 0) Fail("the file must be writable", errno);
    NoteWrittenFile();
    finished_ = true;
  }

 private:
  [[noreturn]] void Fail(const char* rule, int error_number) const {
    throw Error({.where = path_.string(), .rule = rule, .received = std::strerror(error_number)});
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;
  bool finished_ = false;
};

struct CloseCurl {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

// One request, and what its callbacks share.
struct Transfer {
  const DownloadRequest& request;
  const std::string& url;
  PartFile& part;
  CURL* curl = nullptr;
  int64_t limit = 0;       // bytes of the whole file
  int64_t asked_from = 0;  // the first byte that was asked for
  bool begun = false;      // the answer's body
  bool too_long = false;
  std::exception_ptr failure;  // no exception may pass through libcurl

  size_t Take(const char* bytes, size_t count) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200 && status != 206) return count;  // the text of an error, of no interest
    // A server that knows no ranges sends the whole file.
    if (!begun && status == 200 && part.size() > 0) {
      part.Empty();
      asked_from = 0;
    }
    begun = true;
    too_long = part.size() + static_cast<int64_t>(count) > limit;
    if (too_long) return 0;
    part.Append(bytes, count);
    return count;
  }

  void Tell(int64_t total) {
    const int64_t all = total > 0 ? asked_from + total : request.bytes;
    const double done = all > 0 ? static_cast<double>(part.size()) / static_cast<double>(all) : 0;
    Report(request.progress, Concat("fetching ", request.file.filename().string(), " from ", Host()),
           std::min(done, 1.0));
  }

  std::string Host() const {
    const size_t start = url.find("://");
    const std::string rest = start == std::string::npos ? url : url.substr(start + 3);
    return rest.substr(0, rest.find('/'));
  }
};

size_t OnBytes(char* bytes, size_t size, size_t count, void* data) {
  auto* const transfer = static_cast<Transfer*>(data);
  try {
    return transfer->Take(bytes, size * count);
  } catch (...) {
    transfer->failure = std::current_exception();
    return 0;
  }
}

int OnProgress(void* data, curl_off_t total, curl_off_t, curl_off_t, curl_off_t) {
  auto* const transfer = static_cast<Transfer*>(data);
  try {
    transfer->Tell(total);
    return 0;
  } catch (...) {
    transfer->failure = std::current_exception();
    return 1;
  }
}

struct Outcome {
  bool whole = false;   // as far as the server says
  long status = 0;      // HTTP
  std::string trouble;  // when it is not
};

// Asks `url` for what `part` still lacks.
Outcome AskOnce(const DownloadRequest& request, const std::string& url, PartFile& part) {
  static std::once_flag started;
  std::call_once(started, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const std::unique_ptr<CURL, CloseCurl> curl(curl_easy_init());
  if (!curl) throw std::bad_alloc();
  Transfer transfer{.request = request, .url = url, .part = part, .curl = curl.get(), .asked_from = part.size()};
  transfer.limit = request.bytes > 0 ? 2 * request.bytes + (int64_t{1} << 20) : int64_t{1} << 40;
  char trouble[CURL_ERROR_SIZE] = "";
  const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };
  const auto patience = static_cast<long>(std::max(1.0, request.patience_seconds));
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_ERRORBUFFER, trouble);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, 5L);
  set(CURLOPT_USERAGENT, "convscope");
  set(CURLOPT_CONNECTTIMEOUT, patience);
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);  // bytes a second
  set(CURLOPT_LOW_SPEED_TIME, patience);
  set(CURLOPT_WRITEFUNCTION, OnBytes);
  set(CURLOPT_WRITEDATA, &transfer);
  set(CURLOPT_XFERINFOFUNCTION, OnProgress);
  set(CURLOPT_XFERINFODATA, &transfer);
  set(CURLOPT_NOPROGRESS, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  set(CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  set(CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  // Not CURLOPT_RESUME_FROM: that fails where the server answers with the whole file.
  const std::string range = Concat(part.size(), "-");
  if (part.size() > 0) set(CURLOPT_RANGE, range.c_str());

  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  Outcome outcome;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &outcome.status);
  if (transfer.too_long) {
    outcome.trouble = Concat("more than the ", request.bytes, " bytes that it should have");
    part.Empty();
  } else if (code != CURLE_OK) {
    outcome.trouble = trouble[0] != '\0' ? trouble : curl_easy_strerror(code);
  } else if (outcome.status != 200 && outcome.status != 206) {
    outcome.trouble = Concat("the answer ", outcome.status);
  } else if (!transfer.begun && part.size() == 0) {
    outcome.trouble = "an empty file";
  } else {
    outcome.whole = true;
  }
  return outcome;
}

// Asks again while transfers break off but bring something.
Outcome Ask(const DownloadRequest& request, const std::string& url, PartFile& part) {
  constexpr int kMostBreaks = 8;
  Outcome outcome;
  for (int i = 0; i < kMostBreaks; ++i) {
    const int64_t before = part.size();
    outcome = AskOnce(request, url, part);
    if (outcome.whole || part.size() <= before) break;
  }
  return outcome;
}

// What is wrong with the bytes; empty when nothing is.
std::string Check(const DownloadRequest& request, const PartFile& part) {
  if (request.md5.empty()) return "";
  const std::string found = Md5OfFile(part.path());
  return found == request.md5 ? "" : Concat("other bytes (MD5 ", found, " instead of ", request.md5, ")");
}

// From one mirror; what went wrong, or nothing.
std::string TryMirror(const DownloadRequest& request, const std::string& url, PartFile& part) {
  std::string trouble;
  // A second time where the first began with bytes from before, which may be what is wrong.
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool resumed = part.size() > 0;
    const Outcome outcome = Ask(request, url, part);
    // Nothing is left to ask for where the part is all there is.
    if (!outcome.whole && !(resumed && outcome.status == kRangeNotSatisfiable)) return outcome.trouble;
    trouble = Check(request, part);
    if (trouble.empty()) return "";
    part.Empty();
    if (!resumed) break;
  }
  return trouble;
}

}  // namespace

Downloaded Download(const DownloadRequest& request) {
  PartFile part(request.file.string() + ".part");
  // Without a checksum nothing tells whether what an earlier call left belongs to this file.
  if (request.md5.empty()) part.Empty();
  Downloaded result{.resumed_from = part.size()};
  std::string troubles;
  for (const std::string& url : request.urls) {
    const std::string trouble = TryMirror(request, url, part);
    if (trouble.empty()) {
      part.RenameTo(request.file);
      result.url = url;
      return result;
    }
    troubles += Concat(troubles.empty() ? "" : "; ", url, ": ", trouble);
  }
  throw Error({.where = request.file.filename().string(),
               .rule = "a file must arrive from one of its mirrors",
               .received = troubles.empty() ? "no address" : troubles,
               .fix = part.size() > 0 ? "try again: what has arrived is kept, and the rest is asked for"
                                      : "look at the network connection, and try again"});
}

}  // namespace convscope
