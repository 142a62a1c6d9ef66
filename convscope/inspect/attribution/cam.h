// Class activation maps: the maps of one layer, weighed by what they mean for a class and added up. Arithmetic over the
// layer's values A and the gradients G of the class' score, both (rows, columns, channels), as SampleRun computes them
// with gradient_of and kept being that layer. The maps (rows, columns) are raw, at the layer's size. NaN spreads.
#ifndef CONVSCOPE_INSPECT_ATTRIBUTION_CAM_H_
#define CONVSCOPE_INSPECT_ATTRIBUTION_CAM_H_

#include <cstdint>

#include "convscope/inspect/attribution/sample_run.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

// Grad-CAM (Selvaraju et al. 2017): ReLU of the sum over channels k of w_k A_k, where w_k is the mean of G_k.
Tensor GradCam(TensorView<const float> maps, TensorView<const float> gradients);

// Grad-CAM++ (Chattopadhay et al. 2018): the same with w_k = sum over places of alpha ReLU(G_k), and
// alpha = G_k^2 / (2 G_k^2 + (sum over places of A_k) G_k^3), 0 where that is 0 / 0. The paper derives exp(score); the
// factor exp(score) that all weights then share is left out: it scales the map and overflows.
Tensor GradCamPlusPlus(TensorView<const float> maps, TensorView<const float> gradients);

// LayerCAM (Jiang et al. 2021): ReLU of the sum over channels of ReLU(G_k) A_k, place by place.
Tensor LayerCam(TensorView<const float> maps, TensorView<const float> gradients);

// Eigen-CAM (Muhammad and Yeasin 2020): the maps' projection on their first principal direction, the first right
// singular vector of A as (places, channels), not centred. It knows no class. Of the two signs of the vector the one
// whose map has a sum that is not negative.
Tensor EigenCam(TensorView<const float> maps);

// The sum over channels of weights (channels,) times maps, then ReLU: what Grad-CAM, Grad-CAM++ and Score-CAM end in.
Tensor WeighedMap(TensorView<const float> maps, std::span<const double> weights);

// A map (rows, columns) at another size, bilinear between centres of pixels, the border's values held beyond them
// (align_corners = false in PyTorch); where an axis shrinks, the triangle of weights is as much wider.
Tensor MapAtSize(TensorView<const float> map, int64_t rows, int64_t columns);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_ATTRIBUTION_CAM_H_
