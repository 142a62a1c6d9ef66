#include "app/server/page.h"

#include <zlib.h>

#include <string>

#include "convscope/base/error.h"

namespace convscope::server {
namespace {

constexpr std::string_view kReportPath = "/report.html";

// For the rare client that does not take gzip.
std::string Unpacked(std::string_view gzip) {
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) throw Error({.rule = "zlib must start"});
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  std::string text;
  char piece[1 << 14];
  int state = Z_OK;
  while (state == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof piece;
    state = inflate(&stream, Z_NO_FLUSH);
    text.append(piece, sizeof piece - stream.avail_out);
  }
  inflateEnd(&stream);
  return text;
}

HttpAnswer Send(const PageFile& file, const HttpRequest& request) {
  // The names of assets change with their content, the page's own does not.
  const bool asset = file.path.starts_with("/assets/");
  HttpAnswer answer{.type = std::string(file.type),
                    .headers = {{"ETag", std::string(file.tag)},
                                {"Vary", "Accept-Encoding"},
                                {"Cache-Control", asset ? "public, max-age=31536000, immutable" : "no-cache"}}};
  if (request.if_none_match == file.tag) {
    answer.status = 304;
  } else if (request.accept_encoding.find("gzip") != std::string::npos) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.body = file.gzip;
  } else {
    answer.body = Unpacked(file.gzip);
  }
  return answer;
}

}  // namespace

std::string ReportPage() {
  for (const PageFile& file : PageFiles()) {
    if (file.path == kReportPath) return Unpacked(file.gzip);
  }
  throw Error({.where = "report", .rule = "the program holds the page of its reports"});
}

std::vector<HttpRoute> PageRoutes() {
  std::vector<HttpRoute> routes;
  for (const PageFile& file : PageFiles()) {
    if (file.path == kReportPath) continue;
    routes.push_back({"GET", std::string(file.path), false, [&file](const HttpRequest& r) { return Send(file, r); }});
  }
  return routes;
}

}  // namespace convscope::server
