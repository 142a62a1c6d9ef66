// The pictures that excite the channels of a layer, found through the library as a user calls it.
#ifndef CONVSCOPE_BENCH_TOP_PICTURES_H_
#define CONVSCOPE_BENCH_TOP_PICTURES_H_

#include <string>

namespace convscope::bench {

// Prints a row for each whose name contains `only`: "top", the pictures among 10,000 (28 x 28 noise) that excite each
// of the 64 channels of fashion-cnn's last convolution most and least.
void PrintTopPictures(int threads, double seconds, const std::string& only);

}  // namespace convscope::bench

#endif  // CONVSCOPE_BENCH_TOP_PICTURES_H_
