// Two models side by side: what is another in their structure, how far their weights are apart, and where they first
// part on one input. Nodes and parameters are the same where their names are.
#ifndef CONVSCOPE_INSPECT_MODEL_DIFFERENCE_H_
#define CONVSCOPE_INSPECT_MODEL_DIFFERENCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/graph/model.h"
#include "convscope/graph/trace.h"

namespace convscope {

// "added" is in the second model alone, "removed" in the first alone.
struct StructureChange {
  std::string kind;  // "added", "removed", "changed"
  std::string name;  // of an input or a node
  std::string what;  // "Conv, strides 1 -> 2"; of what is in one model alone its operation and shape
};

// How far two arrays of one shape are apart. NaN where one of them has a NaN that the other has not, else infinite
// where one has an infinity that the other has not: `largest`, `mean` and `relative`. The other numbers are those of
// the pairs of finite values.
struct ArrayDifference {
  std::string name;
  Shape shape;
  bool equal = false;    // every bit
  double largest = 0;    // |a - b|
  double mean = 0;       // |a - b|
  double relative = 0;   // norm of a - b over the norm of a; infinite where that is 0 and a - b is not, too
  double cosine = 1;     // between a and b; 1 of two arrays of zeros, 0 of one, NaN where no pair is finite
  double magnitude = 0;  // the largest finite |a| or |b|
};

struct ModelDifference {
  std::vector<StructureChange> structure;
  std::vector<ArrayDifference> parameters;  // of both, where their types agree, in the order of the first graph

  bool identical() const;
};

ModelDifference CompareModels(const Model& a, const Model& b);

// Of any type, computed in double. Throws Error unless shapes and types agree.
ArrayDifference CompareArrays(std::string name, const Tensor& a, const Tensor& b);

struct TraceDifference {
  std::vector<ArrayDifference> tensors;  // computed ones of both, where their shapes agree, in the order of the first
  // Index into tensors of the first whose largest difference is above `tolerance` of its magnitude, infinite or NaN; of
  // whole numbers and booleans, of the first that is not equal.
  std::optional<size_t> parting;
};

// `tolerance`: relative, of each tensor. Two runs of one model are the same bits, so 0 is as good as any; above it,
// roundings of two ways to compute the same are passed over.
TraceDifference CompareTraces(const Trace& a, const Trace& b, double tolerance);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_MODEL_DIFFERENCE_H_
