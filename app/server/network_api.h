// What the Network view asks: models, what they are, what they compute of a picture, and why.
#ifndef CONVSCOPE_APP_SERVER_NETWORK_API_H_
#define CONVSCOPE_APP_SERVER_NETWORK_API_H_

#include <memory>
#include <vector>

#include "app/server/http_server.h"
#include "app/server/model_store.h"
#include "app/server/picture_store.h"
#include "convscope/datasets/data_places.h"

namespace convscope::server {

// `data`: where data sets are looked for whose samples can be shown.
std::vector<HttpRoute> NetworkRoutes(std::shared_ptr<PictureStore> pictures, std::shared_ptr<ModelStore> models,
                                     const DataPlaces& data);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_NETWORK_API_H_
