#include "convscope/graph/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/graph/internal/element_types.h"
#include "convscope/graph/operation.h"

namespace convscope {

double ElementOf(const Tensor& tensor, int64_t element) {
  return ForElementType(tensor.dtype(),
                        [&](auto type) { return static_cast<double>(tensor.data<decltype(type)>()[element]); });
}

double UnitRoundoff(DType dtype) {
  return dtype == DType::kFloat64 ? 0x1p-53 : 0x1p-24;
}

ArithmeticTerm TermOf(std::span<const Tensor* const> inputs, int input, int64_t element, double weight) {
  return {.input = input, .element = element, .value = ElementOf(*inputs[input], element), .weight = weight};
}

ArithmeticTerm TermOf(std::span<const Tensor* const> inputs, int input, int64_t element, int weight_input,
                      int64_t weight_element) {
  ArithmeticTerm term = TermOf(inputs, input, element, ElementOf(*inputs[weight_input], weight_element));
  term.weight_input = weight_input;
  term.weight_element = weight_element;
  return term;
}

Arithmetic Finished(Arithmetic draft, DType dtype) {
  // The sum here is rounded too, and numbers below the smallest normal one may be lost.
  const double unit = UnitRoundoff(dtype) + 0x1p-53;
  const double least = dtype == DType::kFloat64 ? 0 : double{std::numeric_limits<float>::min()};
  switch (draft.rule) {
    case Arithmetic::Rule::kSum: {
      double sum = 0, size = 0;
      for (const auto* list : {&draft.terms, &draft.offsets}) {
        for (const ArithmeticTerm& term : *list) {
          sum += term.product();
          size += std::abs(term.product());
        }
      }
      const auto count = static_cast<double>(draft.terms.size() + draft.offsets.size());
      draft.value = sum;
      draft.tolerance = (count + 4) * (unit * size + least);
      break;
    }
    case Arithmetic::Rule::kMaximum: {
      double most = -std::numeric_limits<double>::infinity();
      for (const ArithmeticTerm& term : draft.terms) {
        if (term.input >= 0 && !(term.value <= most) && !std::isnan(most)) most = term.value;
      }
      draft.value = most;
      draft.tolerance = 0;
      break;
    }
    case Arithmetic::Rule::kProduct: {
      double product = 1;
      for (const ArithmeticTerm& term : draft.terms) product *= term.product();
      draft.value = product;
      draft.tolerance = static_cast<double>(draft.terms.size()) * (unit * std::abs(product) + least);
      break;
    }
    case Arithmetic::Rule::kFunction:
      break;
  }
  return draft;
}

std::optional<Arithmetic> MovedElement(const Operation& operation, std::span<const Tensor* const> inputs,
                                       int64_t element, std::string formula) {
  if (inputs[0]->dtype() != DType::kFloat32 && inputs[0]->dtype() != DType::kFloat64) return std::nullopt;
  std::vector<TensorType> types;
  for (const Tensor* input : inputs) types.push_back({input->shape(), input->dtype()});
  const Shape output = operation.Infer(types)[0].shape;
  const std::vector<InputReads> reads = operation.Reads(types);
  Arithmetic draft{.formula = std::move(formula)};
  for (size_t k = 0; k < inputs.size(); ++k) {
    for (const int64_t read : ElementsRead(reads[k], types[k].shape, output, element)) {
      draft.terms.push_back(TermOf(inputs, static_cast<int>(k), read));
    }
  }
  if (draft.terms.size() != 1) return std::nullopt;
  draft.window = Shape{1};
  draft.through = 0;
  draft.value = draft.terms[0].value;
  return draft;
}

std::vector<int64_t> PlacesOf(int64_t element, const Shape& shape) {
  std::vector<int64_t> places(shape.rank());
  for (int axis = shape.rank(); axis-- > 0; element /= shape[axis]) places[axis] = element % shape[axis];
  return places;
}

}  // namespace convscope
