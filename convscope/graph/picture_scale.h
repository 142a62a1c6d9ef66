// How a picture becomes what a network is fed, by its Preprocessing: a factor and an offset for each channel.
#ifndef CONVSCOPE_GRAPH_PICTURE_SCALE_H_
#define CONVSCOPE_GRAPH_PICTURE_SCALE_H_

#include <cstdint>
#include <vector>

#include "convscope/graph/preprocessing.h"

namespace convscope {

// picture * gain + offset, of pictures from 0 to 1.
struct PictureScale {
  std::vector<float> gain, offset;  // one a channel
};

// `white`: what a picture's 1 is stored as: 255 in 8-bit pictures, of a data set Dataset::white(). Throws Error where
// there are neither one mean and deviation nor one for each channel.
PictureScale ScaleOf(const Preprocessing& preprocessing, int64_t channels, double white);

// `values` as one a channel; none where there are none. Throws Error, naming `what` they are, for another number.
std::vector<double> PerChannel(const std::vector<double>& values, int64_t channels, const char* what);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_PICTURE_SCALE_H_
