// What the Playground asks: pictures, kernels, a filter's maps, and why one value is what it is.
#ifndef CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_
#define CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_

#include <memory>
#include <vector>

#include "app/server/http_server.h"
#include "app/server/picture_store.h"

namespace convscope::server {

// `pictures` is used on the worker alone.
std::vector<HttpRoute> PlaygroundRoutes(std::shared_ptr<PictureStore> pictures);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_PLAYGROUND_API_H_
