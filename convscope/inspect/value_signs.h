// Whether the values of a tensor can be below zero, told by the operations that made it: so that a map has one kind of
// colours, whatever the values happen to be on one picture.
#ifndef CONVSCOPE_INSPECT_VALUE_SIGNS_H_
#define CONVSCOPE_INSPECT_VALUE_SIGNS_H_

#include <cstdint>
#include <set>
#include <string>

#include "convscope/graph/model.h"

namespace convscope {

// The computed and fed tensors of which no input can make a value negative: behind a rectifier, a sigmoid, a softmax;
// and behind what picks, adds or averages such values. What is fed in may be negative, unless `fed` says that it never
// is (pixels), and so may be what an operation makes that is not known here.
enum class FedValues : uint8_t { kAny, kNonNegative };
std::set<std::string> NeverNegative(const Model& model, FedValues fed = FedValues::kAny);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_VALUE_SIGNS_H_
