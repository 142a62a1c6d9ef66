// The order in which samples are visited, a function of the seed and the epoch alone: a training that was interrupted
// finds its place again.
#ifndef CONVSCOPE_DATA_SAMPLE_ORDER_H_
#define CONVSCOPE_DATA_SAMPLE_ORDER_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace convscope {

// Writes 0 to order.size() - 1 in random order, each order as likely as any other (Fisher and Yates' shuffle;
// Durstenfeld, "Algorithm 235", CACM 7, 1964). `purpose` and `epoch` as in base/random.h.
void Shuffle(std::span<int64_t> order, uint64_t seed, std::string_view purpose, uint64_t epoch = 0);

}  // namespace convscope

#endif  // CONVSCOPE_DATA_SAMPLE_ORDER_H_
