// What the Train view asks: choices, checked layers, one training to steer, runs and what they looked like.
#ifndef CONVSCOPE_APP_SERVER_TRAINING_API_H_
#define CONVSCOPE_APP_SERVER_TRAINING_API_H_

#include <filesystem>
#include <memory>
#include <vector>

#include "app/server/http_server.h"
#include "app/server/training.h"
#include "convscope/datasets/data_places.h"

namespace convscope::server {

// `runs`: the folder that holds the run folders, made when it is needed; nothing outside is read or written but the
// data sets of `places`.
std::vector<HttpRoute> TrainingRoutes(std::shared_ptr<Training> training, const std::filesystem::path& runs,
                                      const DataPlaces& places);

}  // namespace convscope::server

#endif  // CONVSCOPE_APP_SERVER_TRAINING_API_H_
