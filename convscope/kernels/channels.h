// What is done with each channel as a whole, float32: statistics over all its values, one linear function of each. The
// fast twin of reference/channels.h; batch normalization is made of these.
//
// All take x (rows, C) with at least one row and one channel, run on all threads, and give the same bits on any number
// of them. Parameters are (C,). NaN and infinity propagate within their channel.
#ifndef CONVSCOPE_KERNELS_CHANNELS_H_
#define CONVSCOPE_KERNELS_CHANNELS_H_

#include <cstdint>

namespace convscope {

// mean (C,), and variance (C,): the mean of (x - mean)^2. Values are summed in float32 by at most 64 at a time, as
// distances from their own mean; those sums are put together in double (Chan, Golub and LeVeque 1979), so that a mean
// far from 0 costs the variance no digits. x is read from memory once.
void ChannelMoments(const float* x, int64_t rows, int64_t channels, double* mean, double* variance);

// sum (C,) of g, and sum_of_products (C,) of g * (x - center), g of the shape of x.
void ChannelSums(const float* g, const float* x, const float* center, int64_t rows, int64_t channels, double* sum,
                 double* sum_of_products);

// y = (x - center) * scale + offset; y may be x.
void ChannelAffine(const float* x, const float* center, const float* scale, const float* offset, int64_t rows,
                   int64_t channels, float* y);

// The same bits, in place and in the calling thread: for a few rows that another kernel has just written.
void ChannelAffineInPlace(const float* center, const float* scale, const float* offset, int64_t rows, int64_t channels,
                          float* values);

// y = g * scale_g + (x - center) * scale_x + offset; y may be g or x.
void ChannelAffineOfTwo(const float* g, const float* x, const float* center, const float* scale_g, const float* scale_x,
                        const float* offset, int64_t rows, int64_t channels, float* y);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_CHANNELS_H_
