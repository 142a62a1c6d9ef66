// What the values of a layer's maps are like, in a few numbers.
#ifndef CONVSCOPE_INSPECT_LAYER_STATISTICS_H_
#define CONVSCOPE_INSPECT_LAYER_STATISTICS_H_

#include <cstdint>

#include "convscope/tensor/tensor.h"

namespace convscope {

struct LayerStatistics {
  float low = 0, high = 0;  // of the finite values
  double mean = 0;          // of the finite values
  double zeros = 0;         // share of the values that are 0
  int64_t dead = 0;         // channels whose values are all 0
  int64_t not_finite = 0;   // values that are NaN or infinite
  int64_t strongest = 0;    // the channel of the largest finite value
};

// maps: (H, W, C).
LayerStatistics LayerStatisticsOf(TensorView<const float> maps);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_LAYER_STATISTICS_H_
