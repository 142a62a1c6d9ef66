// Layers that pool: MaxPooling and AveragePooling of one to three axes, GlobalMaxPooling and GlobalAveragePooling.
// Keras' names, arguments and defaults; no parameters.
//
//   MaxPooling2D{.pool_size = 2}
//
// Inputs are (N, spatial..., C), or (N, C, spatial...) where data_format says so. An average leaves padding out of its
// count.
#ifndef CONVSCOPE_NN_POOLING_LAYERS_H_
#define CONVSCOPE_NN_POOLING_LAYERS_H_

#include <string>

#include "convscope/kernels/pool.h"
#include "convscope/nn/layer.h"

namespace convscope {

template <PoolKind kind, int rank>
struct PoolingLayer {
  PerAxis<rank> pool_size = 2;
  PerAxis<rank> strides = {};  // not given: pool_size
  Padding padding = Padding::Valid();
  DataFormat data_format = DataFormat::kChannelsLast;
  std::string name = {};

  operator LayerPtr() const;
};
using MaxPooling1D = PoolingLayer<PoolKind::kMax, 1>;
using MaxPooling2D = PoolingLayer<PoolKind::kMax, 2>;
using MaxPooling3D = PoolingLayer<PoolKind::kMax, 3>;
using AveragePooling1D = PoolingLayer<PoolKind::kAverage, 1>;
using AveragePooling2D = PoolingLayer<PoolKind::kAverage, 2>;
using AveragePooling3D = PoolingLayer<PoolKind::kAverage, 3>;

// Output (N, C), or with keepdims the input's axes, the spatial ones of length 1.
template <PoolKind kind, int rank>
struct GlobalPoolingLayer {
  DataFormat data_format = DataFormat::kChannelsLast;
  bool keepdims = false;
  std::string name = {};

  operator LayerPtr() const;
};
using GlobalMaxPooling1D = GlobalPoolingLayer<PoolKind::kMax, 1>;
using GlobalMaxPooling2D = GlobalPoolingLayer<PoolKind::kMax, 2>;
using GlobalMaxPooling3D = GlobalPoolingLayer<PoolKind::kMax, 3>;
using GlobalAveragePooling1D = GlobalPoolingLayer<PoolKind::kAverage, 1>;
using GlobalAveragePooling2D = GlobalPoolingLayer<PoolKind::kAverage, 2>;
using GlobalAveragePooling3D = GlobalPoolingLayer<PoolKind::kAverage, 3>;

}  // namespace convscope

#endif  // CONVSCOPE_NN_POOLING_LAYERS_H_
