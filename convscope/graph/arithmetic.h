// How one number came about: the numbers that it was computed from and what was done with them.
//
// It is what Operation::Explain tells of one element of an output. inspect/explanation.h puts it beside the traced
// value; here is nothing that knows a graph.
#ifndef CONVSCOPE_GRAPH_ARITHMETIC_H_
#define CONVSCOPE_GRAPH_ARITHMETIC_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "convscope/tensor/tensor.h"

namespace convscope {

class Operation;

// A value times a weight.
struct ArithmeticTerm {
  int input = -1;        // of the node, that the value is an element of; below 0: of none, a zero of the padding
  int64_t element = -1;  // of that input
  double value = 0;
  int weight_input = -1;  // of the node, that the weight is an element of; below 0: of none
  int64_t weight_element = -1;
  double weight = 1;

  double product() const { return value * weight; }
};

struct Arithmetic {
  enum class Rule : uint8_t {
    kSum,       // the products of `terms`, and `offsets`, added
    kMaximum,   // the largest value of `terms`
    kProduct,   // the values of `terms`, multiplied
    kFunction,  // what `formula` says, of `terms`
  };
  Rule rule = Rule::kSum;
  std::string formula;                  // in a line
  std::vector<ArithmeticTerm> terms;    // in the order of `window`
  Shape window{0};                      // how they lie: (rows, columns, channels) of a kernel; rank 1: a list
  bool has_places = false;              // whether the window's axes but the last are places, and the last one channels
  std::vector<ArithmeticTerm> offsets;  // a bias
  std::vector<std::pair<std::string, double>> numbers;  // on the way, by name: "largest logit"
  // The term whose value went through this operation; none where several did. A reader follows it.
  std::optional<size_t> through;

  double value = 0;      // what it comes to, computed in double
  double tolerance = 0;  // how far what was computed in the tensors' type may be off that, by its number of roundings
};

double ElementOf(const Tensor& tensor, int64_t element);
// Half the distance between 1 and the next number of the type: what one rounding may change.
double UnitRoundoff(DType dtype);

// Element `element` of input `input` of a node with these inputs, times a number.
ArithmeticTerm TermOf(std::span<const Tensor* const> inputs, int input, int64_t element, double weight = 1);
// The same times an element of another input.
ArithmeticTerm TermOf(std::span<const Tensor* const> inputs, int input, int64_t element, int weight_input,
                      int64_t weight_element);

// `draft` with the value of its rule and the tolerance of float arithmetic in any order. A sum of n terms has a
// rounding a term and one a product; four more are allowed to weights that are themselves rounded (Higham 2002,
// Accuracy and Stability of Numerical Algorithms, section 3.1). For kFunction, both are the caller's.
Arithmetic Finished(Arithmetic draft, DType dtype);

// One element of one input, unchanged, of an operation that only moves them.
std::optional<Arithmetic> MovedElement(const Operation& operation, std::span<const Tensor* const> inputs,
                                       int64_t element, std::string formula);

// The place on each axis of an element, and back.
std::vector<int64_t> PlacesOf(int64_t element, const Shape& shape);

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_ARITHMETIC_H_
