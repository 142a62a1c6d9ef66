#include "convscope/inspect/channel_maxima.h"

#include <cmath>
#include <limits>

#include "convscope/base/parallel.h"

namespace convscope {

std::vector<std::vector<float>> ChannelMaxima(const Model& model, const Dataset& data,
                                              const std::vector<std::string>& names, const DataPassOptions& options) {
  std::vector<std::vector<float>> maxima;
  for (const std::string& name : names) {
    const Shape& shape = model.graph()[name].type.shape;
    const auto channels = static_cast<size_t>(shape.rank() > 0 ? shape.back() : 1);
    maxima.emplace_back(channels, -std::numeric_limits<float>::infinity());
  }
  PassOver(model, data, names, options, [&](const Batch&, std::span<const Tensor* const> tensors) {
    ParallelFor(static_cast<int64_t>(tensors.size()), [&](int64_t t) {
      const Tensor& tensor = *tensors[static_cast<size_t>(t)];
      std::vector<float>& largest = maxima[static_cast<size_t>(t)];
      const auto channels = static_cast<int64_t>(largest.size());
      for (int64_t i = 0; i < tensor.size(); i += channels) {
        for (int64_t c = 0; c < channels; ++c) {
          const float value = tensor.data()[i + c];
          float& most = largest[static_cast<size_t>(c)];
          // Once it is a NaN it stays one: no comparison with it holds.
          if (value > most || std::isnan(value)) most = value;
        }
      }
    });
  });
  return maxima;
}

}  // namespace convscope
