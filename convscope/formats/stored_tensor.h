// A tensor as a file of weights holds it: a name and numbers. What it is for, weight_match.h finds out.
#ifndef CONVSCOPE_FORMATS_STORED_TENSOR_H_
#define CONVSCOPE_FORMATS_STORED_TENSOR_H_

#include <string>

#include "convscope/graph/named_tensors.h"

namespace convscope {

struct StoredTensor {
  std::string name;  // as the file has it: "layer1.0.conv1.weight"
  SharedTensor tensor;
  std::string widened = {};  // the file's type, where float32 stands for it: "float16"
};

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_STORED_TENSOR_H_
