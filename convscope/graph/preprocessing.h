// How stored pixels become a network's input. Nothing here is computed with: who feeds a network applies it.
#ifndef CONVSCOPE_GRAPH_PREPROCESSING_H_
#define CONVSCOPE_GRAPH_PREPROCESSING_H_

#include <cstdint>
#include <vector>

namespace convscope {

// How a picture of another size becomes one of the network's.
enum class PictureFit : uint8_t {
  kCover,    // scaled until it covers that size, its middle cut out
  kStretch,  // rows and columns scaled each for itself
  kPad,      // scaled until it lies inside, black around it
};

// (stored / divisor - mean) / deviation, of each channel.
struct Preprocessing {
  double divisor = 0;             // 0: 255 for 8-bit pictures, 1 for float ones
  std::vector<double> mean;       // none; one; or one a channel, in the order in which they are fed in
  std::vector<double> deviation;  // the same; not 0
  bool reversed = false;          // channels are fed in as blue, green, red
  PictureFit fit = PictureFit::kCover;
  double crop = 1;  // with kCover: of the scaled picture's shorter side, the part that is cut out; above 0, at most 1

  bool operator==(const Preprocessing&) const = default;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PREPROCESSING_H_
