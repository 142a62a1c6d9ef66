// How stored pixels become a network's input. Nothing here is computed with: who feeds a network applies it.
#ifndef CONVSCOPE_GRAPH_PREPROCESSING_H_
#define CONVSCOPE_GRAPH_PREPROCESSING_H_

#include <vector>

namespace convscope {

// (stored / divisor - mean) / deviation, of each channel.
struct Preprocessing {
  double divisor = 0;             // 0: 255 for 8-bit pictures, 1 for float ones
  std::vector<double> mean;       // none; one; or one a channel
  std::vector<double> deviation;  // the same; not 0

  bool operator==(const Preprocessing&) const = default;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PREPROCESSING_H_
