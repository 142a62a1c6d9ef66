#include "convscope/inspect/top_activations.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/text.h"
#include "convscope/inspect/data_pass.h"
#include "convscope/inspect/map_layer.h"

namespace convscope {
namespace {

// The largest and the smallest value of each map of one picture, and their places.
struct Extremes {
  explicit Extremes(size_t channels)
      : high(channels), low(channels), high_place(channels), low_place(channels), not_number(channels) {}

  // `maps` (places, channels). NaN is larger and smaller than nothing.
  void Of(const float* maps, int64_t places, bool least) {
    const size_t channels = high.size();
    std::fill(high.begin(), high.end(), -std::numeric_limits<float>::infinity());
    std::fill(low.begin(), low.end(), std::numeric_limits<float>::infinity());
    std::fill(high_place.begin(), high_place.end(), -1);
    std::fill(low_place.begin(), low_place.end(), -1);
    std::fill(not_number.begin(), not_number.end(), 0);
    for (int64_t p = 0; p < places; ++p) {
      const float* const values = maps + p * static_cast<int64_t>(channels);
      const auto place = static_cast<int32_t>(p);
      for (size_t c = 0; c < channels; ++c) {
        const float value = values[c];
        // The first number counts even where it is an infinity.
        const bool higher = (value > high[c]) | ((high_place[c] < 0) & (value == value));
        high[c] = higher ? value : high[c];
        high_place[c] = higher ? place : high_place[c];
        not_number[c] |= static_cast<int32_t>(value != value);
      }
      if (!least) continue;
      for (size_t c = 0; c < channels; ++c) {
        const float value = values[c];
        const bool lower = (value < low[c]) | ((low_place[c] < 0) & (value == value));
        low[c] = lower ? value : low[c];
        low_place[c] = lower ? place : low_place[c];
      }
    }
  }

  std::vector<float> high, low;
  std::vector<int32_t> high_place, low_place;  // -1: the map is NaN everywhere
  std::vector<int32_t> not_number;             // 1: somewhere
};

// Keeps the best `count` entries, the best first; `before` orders values. Pictures come in the order of their numbers,
// so that of equal values the first stays.
template <typename Before>
void Keep(const TopValue& entry, int64_t count, const Before& before, std::vector<TopValue>* best) {
  if (static_cast<int64_t>(best->size()) >= count && !before(entry.value, best->back().value)) return;
  const auto at = std::upper_bound(best->begin(), best->end(), entry,
                                   [&](const TopValue& a, const TopValue& b) { return before(a.value, b.value); });
  best->insert(at, entry);
  if (static_cast<int64_t>(best->size()) > count) best->pop_back();
}

}  // namespace

TopActivations FindTopActivations(const Model& model, const std::string& layer, const Dataset& data,
                                  const TopActivationsOptions& options) {
  if (options.count < 1) {
    throw Error(
        {.where = "count", .rule = "1 picture a channel or more is asked for", .received = Concat(options.count)});
  }
  TopActivations top{.shape = MapShapeOf(model.graph()[layer].type.shape, layer), .pictures = data.size()};
  for (const int64_t channel : ChosenChannels(options.channels, top.shape.channels, layer)) {
    top.channels.push_back({.channel = channel});
  }
  const int64_t places = top.shape.rows * top.shape.columns, columns = top.shape.columns;
  const auto channels = static_cast<size_t>(top.shape.channels);
  std::vector<Extremes> extremes;  // of the pictures of a batch
  const auto take = [&](const Batch& batch, std::span<const Tensor* const> tensors) {
    const Tensor& maps = *tensors[0];
    const auto count = static_cast<int64_t>(batch.samples.size());
    extremes.resize(std::max(extremes.size(), batch.samples.size()), Extremes(channels));
    ParallelFor(count, [&](int64_t i) {
      extremes[static_cast<size_t>(i)].Of(maps.data() + i * places * top.shape.channels, places, options.least);
    });
    for (ChannelActivations& channel : top.channels) {
      const auto c = static_cast<size_t>(channel.channel);
      for (int64_t i = 0; i < count; ++i) {
        const Extremes& of = extremes[static_cast<size_t>(i)];
        const int64_t sample = batch.samples[static_cast<size_t>(i)];
        channel.not_numbers += of.not_number[c];
        if (const int64_t at = of.high_place[c]; at >= 0) {
          Keep({of.high[c], sample, at / columns, at % columns}, options.count, std::greater<>(), &channel.most);
        }
        if (const int64_t at = of.low_place[c]; options.least && at >= 0) {
          Keep({of.low[c], sample, at / columns, at % columns}, options.count, std::less<>(), &channel.least);
        }
      }
    }
  };
  PassOver(model, data, {layer},
           {.scaling = options.scaling,
            .batch_size = options.batch_size,
            .progress = options.progress,
            .what = "looking at pictures"},
           take);
  return top;
}

}  // namespace convscope
