// The largest value of each channel over a data set: what never exceeds 0 behind a rectifier is dead there.
#ifndef CONVSCOPE_INSPECT_CHANNEL_MAXIMA_H_
#define CONVSCOPE_INSPECT_CHANNEL_MAXIMA_H_

#include <string>
#include <vector>

#include "convscope/inspect/data_pass.h"

namespace convscope {

// For each tensor of `names`, (N, ..., C), the largest value of each of its C channels over all pictures and places; a
// channel that holds a NaN anywhere has NaN. One pass; throws Error as PassOver does.
std::vector<std::vector<float>> ChannelMaxima(const Model& model, const Dataset& data,
                                              const std::vector<std::string>& names,
                                              const DataPassOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_CHANNEL_MAXIMA_H_
