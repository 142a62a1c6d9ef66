#include "convscope/data/class_places.h"

#include <algorithm>

namespace convscope {

std::vector<std::vector<int64_t>> ClassPlaces(const Dataset& data, const ClassPlacesOptions& options) {
  std::vector<std::vector<int64_t>> places(static_cast<size_t>(data.classes()));
  const int64_t last = options.first > 0 ? std::min(options.first, data.size()) : data.size();
  for (int64_t i = 0; i < last; ++i) {
    std::vector<int64_t>& of_class = places[static_cast<size_t>(data.label(i))];
    if (static_cast<int64_t>(of_class.size()) < options.most) of_class.push_back(i);
  }
  return places;
}

}  // namespace convscope
