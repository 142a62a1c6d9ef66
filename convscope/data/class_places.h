// Where the pictures of each class stand in a data set: which one is the first of its class, which ones a sheet shows.
#ifndef CONVSCOPE_DATA_CLASS_PLACES_H_
#define CONVSCOPE_DATA_CLASS_PLACES_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "convscope/data/dataset.h"

namespace convscope {

struct ClassPlacesOptions {
  int64_t first = 0;                                   // look among the first so many alone; 0: among all
  int64_t most = std::numeric_limits<int64_t>::max();  // places of a class, the first ones
};

// For each class of `data` the places of its pictures, rising; empty for a class that has none among those looked at.
// Labels 9 2 1 1: {}, {2, 3}, {1}, ..., {0}.
std::vector<std::vector<int64_t>> ClassPlaces(const Dataset& data, const ClassPlacesOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_DATA_CLASS_PLACES_H_
