#include "convscope/nn/internal/layer_table.h"

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope::internal {
namespace {

// Each file of layers once.
std::vector<LayerClass> AllLayers() {
  std::vector<LayerClass> all;
  for (const std::span<const LayerClass> family :
       {ConvolutionLayers(), DenseLayers(), PoolingLayers(), ShapeLayers(), NormalizationLayers(), ActivationLayers(),
        DropoutLayers(), MergeLayers()}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

}  // namespace

std::vector<std::string> LayerClassNames() {
  std::vector<std::string> names;
  for (const LayerClass& layer : AllLayers()) names.emplace_back(layer.name);
  return names;
}

LayerPtr LayerFromConfig(const std::string& class_name, const Config& config, KerasVersion version) {
  for (const LayerClass& layer : AllLayers()) {
    if (layer.name == class_name) return layer.read(config, version);
  }
  throw Error({.rule = "the class of a layer is one of those that convscope reads",
               .received = Concat('"', class_name, '"'),
               .fix = DidYouMean(class_name, LayerClassNames())});
}

}  // namespace convscope::internal
