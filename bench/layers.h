// What one step of training asks of convolution and dense layers: forward with new weights, and both gradients.
#ifndef CONVSCOPE_BENCH_LAYERS_H_
#define CONVSCOPE_BENCH_LAYERS_H_

#include <string>

namespace convscope::bench {

// Prints rows for the layers of fashion-cnn at batch 32 whose name contains `only`, and their sum where all do. Weights
// are packed anew in every run, as in training; the first layer has no gradient to its input.
void PrintLayers(int threads, double seconds, const std::string& only);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_LAYERS_H_
