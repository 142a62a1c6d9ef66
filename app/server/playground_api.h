// What the Playground asks: pictures, kernels, a filter's maps, and why one value is what it is.
#ifndef CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_
#define CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_

#include <filesystem>
#include <vector>

#include "app/server/http_server.h"

namespace convscope::server {

// `pictures`: the folders of those that come with convscope.
std::vector<HttpRoute> PlaygroundRoutes(const std::vector<std::filesystem::path>& pictures);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_
