// Convolutions, their gradients and what is computed like them, made ready: float32 by the fast kernels, float64 by the
// references. For the operations of this folder.
#ifndef CONVSCOPE_GRAPH_PREPARED_CONV_H_
#define CONVSCOPE_GRAPH_PREPARED_CONV_H_

#include <memory>
#include <span>

#include "convscope/graph/operation.h"
#include "convscope/kernels/conv.h"
#include "convscope/kernels/pool.h"

namespace convscope {

// Inputs x spec.InputShape(), kernel spec.KernelShape() and, optionally, bias (F,); output spec.OutputShape().
// `constants` as Operation::Prepare has them: a kernel that never changes is packed here, another one at each call.
std::unique_ptr<PreparedOperation> PrepareConv(const ConvSpec& spec, DType dtype,
                                               std::span<const Tensor* const> constants, Epilogue epilogue);

// The same in fewer multiplications, rounded otherwise (kernels/winograd.h); null, and `epilogue` as it was, where that
// is no faster or what it needs is no constant.
std::unique_ptr<PreparedOperation> PrepareFastConv(const ConvSpec& spec, DType dtype,
                                                   std::span<const Tensor* const> constants, Epilogue& epilogue);

// Either of the two followed by a pool, which is the only output (kernels/pooled_conv.h). Null and `epilogue` as above.
std::unique_ptr<PreparedOperation> PreparePooledConv(const ConvSpec& spec, DType dtype,
                                                     std::span<const Tensor* const> constants, Epilogue& epilogue,
                                                     const PoolSpec& pool);

// Inputs dy spec.OutputShape(), kernel spec.KernelShape() and, for a transposed convolution, bias (spec.channels,) or
// none; output spec.InputShape(). The epilogue gets whole pixels of spec.channels values.
std::unique_ptr<PreparedOperation> PrepareConvInputGradient(const ConvSpec& spec, DType dtype, Epilogue epilogue = {});

// Inputs x spec.InputShape() and dy spec.OutputShape(); outputs the gradients of the kernel, spec.KernelShape(), and,
// where there is a second output, of the bias, (F,).
std::unique_ptr<PreparedOperation> PrepareConvKernelGradient(const ConvSpec& spec, DType dtype);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PREPARED_CONV_H_
