#include "convscope/graph/internal/element_types.h"

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

const char* Names(ElementClass wanted) {
  switch (wanted) {
    case ElementClass::kFloating:
      return "float32 or float64";
    case ElementClass::kNumbers:
      return "float32, float64, uint8, int8, int32 or int64";
    case ElementClass::kBool:
      return "bool";
    case ElementClass::kAny:
      return "any";
  }
  return "";
}

}  // namespace

bool IsOf(DType dtype, ElementClass wanted) {
  switch (wanted) {
    case ElementClass::kFloating:
      return dtype == DType::kFloat32 || dtype == DType::kFloat64;
    case ElementClass::kNumbers:
      return dtype != DType::kBool;
    case ElementClass::kBool:
      return dtype == DType::kBool;
    case ElementClass::kAny:
      return true;
  }
  return false;
}

void CheckElements(std::span<const TensorType> inputs, ElementClass wanted) {
  for (const TensorType& input : inputs) {
    if (IsOf(input.dtype, wanted) && input.dtype == inputs[0].dtype) continue;
    throw Error({.rule = Concat("the inputs are of one type, ", Names(wanted)),
                 .received = input.dtype == inputs[0].dtype ? input.ToString()
                                                            : Concat(inputs[0].ToString(), " and ", input.ToString())});
  }
}

}  // namespace convscope
