#include "convscope/inspect/layer_statistics.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace convscope {

LayerStatistics LayerStatisticsOf(TensorView<const float> maps) {
  const int64_t channels = maps.shape()[2];
  LayerStatistics statistics;
  std::vector<char> alive(static_cast<size_t>(channels));
  int64_t finite = 0, zeros = 0;
  double sum = 0;
  for (int64_t i = 0, channel = 0; i < maps.size(); ++i, channel = channel + 1 == channels ? 0 : channel + 1) {
    const float value = maps[i];
    if (value != 0) alive[static_cast<size_t>(channel)] = 1;
    if (!std::isfinite(value)) {
      ++statistics.not_finite;
      continue;
    }
    if (value == 0) ++zeros;
    if (finite == 0 || value > statistics.high) statistics.strongest = channel;
    statistics.low = finite == 0 ? value : std::min(statistics.low, value);
    statistics.high = finite == 0 ? value : std::max(statistics.high, value);
    sum += static_cast<double>(value);
    ++finite;
  }
  if (finite > 0) statistics.mean = sum / static_cast<double>(finite);
  if (maps.size() > 0) statistics.zeros = static_cast<double>(zeros) / static_cast<double>(maps.size());
  statistics.dead = std::count(alive.begin(), alive.end(), 0);
  return statistics;
}

}  // namespace convscope
