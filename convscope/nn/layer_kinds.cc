#include "convscope/nn/layer_kinds.h"

#include "convscope/nn/internal/layer_table.h"

namespace convscope {

std::vector<LayerKind> LayerKinds() {
  std::vector<LayerKind> kinds;
  for (const std::string& name : internal::LayerClassNames()) {
    const LayerPtr layer = internal::LayerFromConfig(name, Config::Object{}, internal::KerasVersion::k3);
    kinds.push_back({name, layer->config()});
  }
  return kinds;
}

}  // namespace convscope
