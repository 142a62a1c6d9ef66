// The filters of a network's layers in one form, whatever the layer: rows, columns, channels, filters.
#ifndef CONVSCOPE_INSPECT_FILTER_BANK_H_
#define CONVSCOPE_INSPECT_FILTER_BANK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/graph/model.h"

namespace convscope {

// A parameter that a node reads as its kernel.
struct KernelUse {
  std::string parameter;  // "conv_1/kernel"
  std::string node;       // "conv_1"
  std::string operation;  // "Conv", "ConvTranspose" or "Dense"
  std::string output;     // the tensor that the node computes: channel f of it is filter f's
  int64_t groups = 1;     // of input channels, each with filters of its own
  int spatial = 0;        // axes that the kernel moves along: 0 for dense layers
};

// All kernels of a graph that are float32 parameters, in the order of its nodes.
std::vector<KernelUse> KernelsOf(const Graph& graph);

// (R, S, C, F), filter f last: a kernel of one spatial axis has R = 1; of three, its D slices of R rows one above the
// other; a dense layer R = S = 1, its inputs C and its units F. C counts the channels that one filter reads: C /
// groups.
Tensor FiltersOf(const Model& model, const KernelUse& use);

// Where the answer of a layer's filters is seen: `tensor`, or what a normalization and an activation that alone read it
// make of it.
std::string ActivationAfter(const Graph& graph, const std::string& tensor);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_FILTER_BANK_H_
