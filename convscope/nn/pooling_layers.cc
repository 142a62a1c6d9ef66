#include "convscope/nn/pooling_layers.h"

#include <array>

#include "convscope/base/error.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/nn/internal/layer_of.h"

namespace convscope {

template <PoolKind kind, int rank>
struct internal::LayerTraits<PoolingLayer<kind, rank>> {
  static constexpr std::string_view kName =
      kind == PoolKind::kMax ? std::array{"MaxPooling1D", "MaxPooling2D", "MaxPooling3D"}[rank - 1]
                             : std::array{"AveragePooling1D", "AveragePooling2D", "AveragePooling3D"}[rank - 1];

  static void Fields(auto& layer, auto& field) {
    field("pool_size", layer.pool_size);
    field("padding", layer.padding);
    field("strides", layer.strides);
    field("data_format", layer.data_format);
  }

  static std::string Call(const PoolingLayer<kind, rank>& layer, LayerCall& call) {
    call.ExpectRank(rank + 2);
    if (!layer.pool_size.given()) throw Error({.rule = "pool_size must be given", .received = "none"});
    const PoolOp operation{
        .kind = kind, .sizes = layer.pool_size.values(), .strides = layer.strides.values(), .padding = {layer.padding}};
    return call.Finish(operation, {call.ChannelsLast(layer.data_format)});
  }
};

template <PoolKind kind, int rank>
struct internal::LayerTraits<GlobalPoolingLayer<kind, rank>> {
  static constexpr std::string_view kName =
      kind == PoolKind::kMax
          ? std::array{"GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D"}[rank - 1]
          : std::array{"GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"}[rank - 1];

  static void Fields(auto& layer, auto& field) {
    field("data_format", layer.data_format);
    field("keepdims", layer.keepdims);
  }

  static std::string Call(const GlobalPoolingLayer<kind, rank>& layer, LayerCall& call) {
    call.ExpectRank(rank + 2);
    return call.Finish(GlobalPoolOp{.kind = kind, .keep_axes = layer.keepdims}, {call.ChannelsLast(layer.data_format)},
                       {}, layer.keepdims);
  }
};

template <PoolKind kind, int rank>
PoolingLayer<kind, rank>::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}
template <PoolKind kind, int rank>
GlobalPoolingLayer<kind, rank>::operator LayerPtr() const {
  return internal::MakeLayer(*this);
}

template struct PoolingLayer<PoolKind::kMax, 1>;
template struct PoolingLayer<PoolKind::kMax, 2>;
template struct PoolingLayer<PoolKind::kMax, 3>;
template struct PoolingLayer<PoolKind::kAverage, 1>;
template struct PoolingLayer<PoolKind::kAverage, 2>;
template struct PoolingLayer<PoolKind::kAverage, 3>;
template struct GlobalPoolingLayer<PoolKind::kMax, 1>;
template struct GlobalPoolingLayer<PoolKind::kMax, 2>;
template struct GlobalPoolingLayer<PoolKind::kMax, 3>;
template struct GlobalPoolingLayer<PoolKind::kAverage, 1>;
template struct GlobalPoolingLayer<PoolKind::kAverage, 2>;
template struct GlobalPoolingLayer<PoolKind::kAverage, 3>;

std::span<const internal::LayerClass> internal::PoolingLayers() {
  static constexpr std::array kClasses = {
      ClassOf<MaxPooling1D>(),           ClassOf<MaxPooling2D>(),           ClassOf<MaxPooling3D>(),
      ClassOf<AveragePooling1D>(),       ClassOf<AveragePooling2D>(),       ClassOf<AveragePooling3D>(),
      ClassOf<GlobalMaxPooling1D>(),     ClassOf<GlobalMaxPooling2D>(),     ClassOf<GlobalMaxPooling3D>(),
      ClassOf<GlobalAveragePooling1D>(), ClassOf<GlobalAveragePooling2D>(), ClassOf<GlobalAveragePooling3D>()};
  return kClasses;
}

}  // namespace convscope
