#include "convscope/nn/dropout_layers.h"

#include <array>

#include "convscope/graph/dropout_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {

template <>
struct internal::LayerTraits<Dropout> {
  static constexpr std::string_view kName = "Dropout";
  static void Fields(auto& layer, auto& field) { field("rate", layer.rate); }
  static std::string Call(const Dropout& layer, LayerCall& call) {
    call.ExpectOneInput();
    return call.Finish(DropoutOp{.rate = layer.rate}, {call.input()});
  }
};

template <>
struct internal::LayerTraits<SpatialDropout2D> {
  static constexpr std::string_view kName = "SpatialDropout2D";
  static void Fields(auto& layer, auto& field) {
    field("rate", layer.rate);
    field("data_format", layer.data_format);
  }
  static std::string Call(const SpatialDropout2D& layer, LayerCall& call) {
    call.ExpectRank(4);
    return call.Finish(DropoutOp{.rate = layer.rate, .spatial = true}, {call.ChannelsLast(layer.data_format)});
  }
};

Dropout::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
SpatialDropout2D::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

std::span<const internal::LayerClass> internal::DropoutLayers() {
  static constexpr std::array kClasses = {ClassOf<Dropout>(), ClassOf<SpatialDropout2D>()};
  return kClasses;
}

}  // namespace convscope
