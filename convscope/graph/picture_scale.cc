#include "convscope/graph/picture_scale.h"

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {

std::vector<double> PerChannel(const std::vector<double>& values, int64_t channels, const char* what) {
  if (values.empty() || static_cast<int64_t>(values.size()) == channels) return values;
  if (values.size() == 1) return std::vector<double>(static_cast<size_t>(channels), values[0]);
  throw Error({.where = "pixel scaling",
               .rule = Concat("there must be one ", what, ", or one for each of the ", channels, " channels"),
               .received = Concat(values.size())});
}

PictureScale ScaleOf(const Preprocessing& preprocessing, int64_t channels, double white) {
  const std::vector<double> means = PerChannel(preprocessing.mean, channels, "mean");
  const std::vector<double> deviations = PerChannel(preprocessing.deviation, channels, "deviation");
  const double divisor = preprocessing.divisor == 0 ? white : preprocessing.divisor;
  PictureScale scale;
  for (size_t c = 0; c < static_cast<size_t>(channels); ++c) {
    const double mean = means.empty() ? 0 : means[c], deviation = deviations.empty() ? 1 : deviations[c];
    scale.gain.push_back(static_cast<float>(white / divisor / deviation));
    scale.offset.push_back(static_cast<float>(-mean / deviation));
  }
  return scale;
}

}  // namespace convscope
