// The files of the page and the description of the API (docs/openapi.json), which are part of the program.
#ifndef CONVSCOPE_APP_SERVER_PAGE_H_
#define CONVSCOPE_APP_SERVER_PAGE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/server/http_server.h"

namespace convscope::server {

// One file, compressed with gzip. The table is made when the page is built (web/embed.mjs).
struct PageFile {
  std::string_view path;  // "/assets/index-4f2a.js"
  std::string_view type;
  std::string_view tag;  // of its content
  std::string_view gzip;
};
std::span<const PageFile> PageFiles();

// The page of `convscope report`, which stands in one file; see WriteReport.
std::string ReportPage();

// A route for each but that one, the page itself at "/".
std::vector<HttpRoute> PageRoutes();

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_PAGE_H_
