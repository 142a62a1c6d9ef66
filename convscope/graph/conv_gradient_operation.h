// The operations that the backward passes of convolution, transposed convolution and dense layers consist of. For the
// operations of this folder.
//
// A ConvSpec holds all but the number of samples, which is that of the tensors: a graph rebuilt for another batch keeps
// its gradients.
#ifndef CONVSCOPE_GRAPH_CONV_GRADIENT_OPERATION_H_
#define CONVSCOPE_GRAPH_CONV_GRADIENT_OPERATION_H_

#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/conv.h"

namespace convscope {

// Inputs dy (N, out spatial..., F), kernel (spatial..., C / groups, F); output dx (N, spatial..., C).
OperationPtr ConvInputGradientOperation(const ConvSpec& spec, std::vector<Attribute> attributes);

// Inputs x (N, spatial..., C), dy (N, out spatial..., F); outputs the gradients of the kernel (spatial..., C / groups,
// F) and, `with_bias`, of the bias (F,).
OperationPtr ConvKernelGradientOperation(const ConvSpec& spec, bool with_bias, std::vector<Attribute> attributes);

// Input dy (..., F); output its sum over all axes but the last, (F,): the gradient of a bias.
OperationPtr BiasGradientOperation();

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_CONV_GRADIENT_OPERATION_H_
