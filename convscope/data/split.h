// One data set as two, for example for training and for validation.
#ifndef CONVSCOPE_DATA_SPLIT_H_
#define CONVSCOPE_DATA_SPLIT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "convscope/data/dataset.h"

namespace convscope {

struct SplitOptions {
  double fraction = 0.1;   // of the pictures that go into the second part, 0 to 1
  bool stratified = true;  // each class in the same proportion, as far as whole pictures allow
  uint64_t seed = 0;       // which pictures: the same seed chooses the same ones
};

// Every picture goes into one of the parts, in the order in which it stands; the second part has round(fraction * N).
// They share the pictures' memory. Throws Error for a fraction out of range.
//
// Example: auto [train, validation] = Split(data, {.fraction = 0.1});
std::pair<Dataset, Dataset> Split(const Dataset& data, const SplitOptions& options = {});

// `count` pictures, each class in the proportion that it has in `data`, as far as whole pictures allow. Throws Error
// when there are not so many.
Dataset StratifiedSample(const Dataset& data, int64_t count, uint64_t seed = 0);

// What readers of data sets split off for testing where files have one part alone and nothing else is asked for.
inline constexpr double kTestFraction = 0.2;

// For readers of a data set that has a test part of its own: throws Error naming `where` when a fraction is asked for.
void CheckNoSplit(const std::string& where, const std::optional<double>& test_fraction);

}  // namespace convscope

#endif  // CONVSCOPE_DATA_SPLIT_H_
