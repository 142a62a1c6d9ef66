// Makes a Layer of a plain struct of arguments. For each struct there is a LayerTraits with
//
//   static constexpr std::string_view kName = "Conv2D";                  // Keras' class
//   template <typename L, typename F> static void Fields(L& layer, F& field);  // field("filters", layer.filters), ...
//   static std::string Call(const Conv2D& layer, LayerCall& call);       // as Layer::Call
//
// and the arguments are thus listed once, for reading and for writing. `name` and `trainable` are not among them.
#ifndef CONVSCOPE_NN_INTERNAL_LAYER_OF_H_
#define CONVSCOPE_NN_INTERNAL_LAYER_OF_H_

#include <memory>
#include <span>
#include <string>
#include <utility>

#include "convscope/nn/internal/fields.h"
#include "convscope/nn/layer.h"

namespace convscope::internal {

template <typename Spec>
struct LayerTraits;

template <typename Spec>
class LayerOf : public Layer {
 public:
  explicit LayerOf(Spec spec) : spec_(std::move(spec)) {}

  std::string_view class_name() const override { return LayerTraits<Spec>::kName; }
  const std::string& name() const override { return spec_.name; }
  bool trainable() const override {
    if constexpr (requires { spec_.trainable; }) {
      return spec_.trainable;
    } else {
      return true;
    }
  }
  Regularizer activity_regularizer() const override {
    if constexpr (requires { spec_.activity_regularizer; }) {
      return spec_.activity_regularizer;
    } else {
      return {};
    }
  }
  Config config() const override {
    FieldWriter writer;
    LayerTraits<Spec>::Fields(spec_, writer);
    return writer.Take();
  }
  std::string Call(LayerCall& call) const override { return LayerTraits<Spec>::Call(spec_, call); }

 private:
  Spec spec_;
};

template <typename Spec>
LayerPtr MakeLayer(const Spec& spec) {
  return std::make_shared<LayerOf<Spec>>(spec);
}

// A kind of layer, for those who read it from a Config.
struct LayerClass {
  std::string_view name;
  LayerPtr (*read)(const Config& config, KerasVersion version);
};

template <typename Spec>
LayerPtr ReadLayer(const Config& config, KerasVersion version) {
  Spec spec;
  bool trainable = true;
  FieldReader reader(config, version);
  reader("name", spec.name);
  reader("trainable", trainable);
  if constexpr (requires { spec.trainable; }) spec.trainable = trainable;
  LayerTraits<Spec>::Fields(spec, reader);
  reader.ExpectNothingElse();
  return MakeLayer(spec);
}

template <typename Spec>
constexpr LayerClass ClassOf() {
  return {LayerTraits<Spec>::kName, &ReadLayer<Spec>};
}

// The layers of each file.
std::span<const LayerClass> ConvolutionLayers();
std::span<const LayerClass> DenseLayers();
std::span<const LayerClass> PoolingLayers();
std::span<const LayerClass> ShapeLayers();
std::span<const LayerClass> NormalizationLayers();
std::span<const LayerClass> ActivationLayers();
std::span<const LayerClass> DropoutLayers();
std::span<const LayerClass> MergeLayers();

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_LAYER_OF_H_
