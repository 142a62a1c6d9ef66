#include "convscope/formats/internal/keras_layer_order.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>

namespace convscope::internal {
namespace {

class Order {
 public:
  explicit Order(const Network& network) : network_(network) {
    for (size_t layer = 0; layer < network.layers().size(); ++layer) {
      for (const NetworkLayer::Call& call : network.layers()[layer].calls) {
        producer_[call.output] = calls_.size();
        calls_.push_back({layer, &call});
      }
    }
  }

  std::vector<size_t> Layers() {
    for (const std::string& output : network_.outputs()) Follow(output);
    std::vector<int64_t> call_depth(calls_.size(), 0);
    std::map<size_t, int64_t> depth;  // of layers
    for (auto i = finished_.rbegin(); i != finished_.rend(); ++i) {
      const auto [layer, call] = calls_[*i];
      const int64_t own = call_depth[*i] = depth[layer] = std::max(call_depth[*i], depth[layer]);
      for (const std::string& input : call->inputs) {
        const auto found = producer_.find(input);
        if (found == producer_.end()) continue;
        call_depth[found->second] = std::max(call_depth[found->second], own + 1);
      }
    }
    std::vector<size_t> layers = met_;
    std::stable_sort(layers.begin(), layers.end(), [&](size_t a, size_t b) { return depth[a] > depth[b]; });
    return layers;
  }

 private:
  // Depth first, without recursion: a network may be long.
  void Follow(const std::string& tensor) {
    struct Step {
      size_t call, next_input = 0;
    };
    std::vector<Step> stack;
    const auto enter = [&](const std::string& name) {
      const auto found = producer_.find(name);
      if (found == producer_.end() || !entered_.insert(found->second).second) return;
      const size_t layer = calls_[found->second].first;
      if (std::find(met_.begin(), met_.end(), layer) == met_.end()) met_.push_back(layer);
      stack.push_back({found->second});
    };
    enter(tensor);
    while (!stack.empty()) {
      Step& step = stack.back();
      const std::vector<std::string>& inputs = calls_[step.call].second->inputs;
      if (step.next_input < inputs.size()) {
        enter(inputs[step.next_input++]);
        continue;
      }
      finished_.push_back(step.call);
      stack.pop_back();
    }
  }

  const Network& network_;
  std::vector<std::pair<size_t, const NetworkLayer::Call*>> calls_;  // with the layer
  std::map<std::string, size_t> producer_;                           // call, by tensor
  std::set<size_t> entered_;                                         // calls
  std::vector<size_t> met_;                                          // layers, as they were met
  std::vector<size_t> finished_;                                     // calls, each after those that it reads
};

}  // namespace

std::vector<size_t> KerasLayerOrder(const Network& network) {
  if (!network.sequential()) return Order(network).Layers();
  std::vector<size_t> all(network.layers().size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

}  // namespace convscope::internal
