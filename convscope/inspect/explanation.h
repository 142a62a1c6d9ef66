// Why a number of a network is what it is: the exact arithmetic of one element of a traced tensor, what it went
// through, and where the largest part of it comes from.
//
// The arithmetic is told by each operation (Operation::Explain); here it is put beside the tensors of a Trace. Which
// pixels can matter at all is receptive_pixels.h's business.
#ifndef CONVSCOPE_INSPECT_EXPLANATION_H_
#define CONVSCOPE_INSPECT_EXPLANATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/trace.h"

namespace convscope {

// One element of a tensor.
struct ValuePlace {
  std::string tensor;
  int64_t element = 0;  // in the order of memory
};

// "conv_1:12,3,5" is row 12, column 3, channel 5 of the one sample of conv_1, "dense:7" its unit 7. A tensor whose
// first axis is no batch of one takes a number for each axis. Throws Error for another form, for an unknown tensor with
// the nearest names, and for places that there are not with those that there are.
ValuePlace ParseValuePlace(const Graph& graph, std::string_view text);
std::string Text(const ValuePlace& place, const Shape& shape);
// "rows 0 to 25, columns 0 to 25, channels 0 to 63"
std::string PlacesText(const Shape& shape);

struct Explanation {
  ValuePlace place;
  Shape shape;  // of its tensor
  std::string node, operation;
  std::string path;  // the algorithm that computed it, where there is a choice
  std::vector<Attribute> attributes;
  std::vector<std::string> inputs;  // of the node; Arithmetic's terms count them
  std::vector<Shape> input_shapes;
  std::vector<TensorRole> input_roles;
  double traced = 0;                     // the value that the network computed
  std::optional<Arithmetic> arithmetic;  // none where the operation does not tell

  // Whether the arithmetic comes to the traced value, within its tolerance; NaN to NaN.
  bool Agrees() const;
};

// Whether values of this type are explained: float32 and float64.
bool IsExplained(DType dtype);

// Throws Error for a tensor that is not computed or of a type that is not explained, and for an element that there is
// not.
Explanation ExplainValue(const Trace& trace, const ValuePlace& place);

// The explanation of a value, then of the one that it went through (of an activation what was activated, of a softmax
// its logit), and so on up to one that is made of several, was fed in or is of a type that is not explained.
std::vector<Explanation> ExplainChain(const Trace& trace, const ValuePlace& place);

// Whether `a` is told before `b`, the largest first: what is NaN, which makes all of a sum so, before every number. An
// order to sort by, which > is not where there are NaN.
bool ToldBefore(double a, double b);

// The sum of one channel of a window.
struct ChannelSum {
  int64_t channel = 0;  // of the window
  double sum = 0;       // of its products
};
// Of a sum over places and channels, the largest in size first, before it what is NaN; empty for what has no places.
std::vector<ChannelSum> SumsByChannel(const Arithmetic& arithmetic);

// Indexes of the terms by their products, the largest in size first, before it what is NaN. Zeros of the padding are
// left out.
std::vector<size_t> LargestTerms(const Arithmetic& arithmetic);

// The term that a value is followed through: what it went through; of a maximum the winner; of a sum the largest
// product with the sum's own sign; of a product the largest factor; of what is NaN the first that is NaN. Parameters
// are not followed. None where nothing is left.
std::optional<size_t> MainTerm(const Explanation& explanation);

// A step on the way back from a value to the picture.
struct BackwardStep {
  ValuePlace place;
  Shape shape;
  double value = 0;
  std::string operation;  // that computed it; empty: it was fed in
  // Of its value: the product that comes from the next step, and its share of all products of the same sign, NaN of a
  // NaN.
  double contribution = 0, share = 1;
  bool through = false;  // the value is another form of the next
  bool of_sum = false;   // the value is a sum, of which the next makes `contribution`
  std::string how;       // "the largest of 27 products"; empty of the last step
  std::string end;       // of the last step, unless it was fed in: "which does not tell its arithmetic"
};

// From a value through the main term of each to an element that was fed in, that nothing tells of, or whose type is not
// explained.
std::vector<BackwardStep> WalkBack(const Trace& trace, const ValuePlace& place);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_EXPLANATION_H_
