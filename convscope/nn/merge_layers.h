// Layers that join branches: Add, Subtract, Multiply, Maximum, Minimum, Concatenate. Keras' names, arguments and
// defaults; no parameters.
#ifndef CONVSCOPE_NN_MERGE_LAYERS_H_
#define CONVSCOPE_NN_MERGE_LAYERS_H_

#include <cstdint>
#include <string>

#include "convscope/nn/layer.h"

namespace convscope {

// The sum of tensors of one shape.
struct Add {
  std::string name = {};

  operator LayerPtr() const;
};

// The first of two tensors less the second; they are broadcast as those of Multiply.
struct Subtract {
  std::string name = {};

  operator LayerPtr() const;
};

// The product of tensors of one shape, but for axes of length 1, which are repeated.
struct Multiply {
  std::string name = {};

  operator LayerPtr() const;
};

// The largest and the smallest of tensors, element by element; they are broadcast as those of Multiply.
struct Maximum {
  std::string name = {};

  operator LayerPtr() const;
};
struct Minimum {
  std::string name = {};

  operator LayerPtr() const;
};

// Tensors of one shape but for the length of `axis`, one after the other.
struct Concatenate {
  int64_t axis = -1;
  std::string name = {};

  operator LayerPtr() const;
};

}  // namespace convscope

#endif  // CONVSCOPE_NN_MERGE_LAYERS_H_
