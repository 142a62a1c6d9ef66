// The kinds of layers that there are, by Keras' class names, with their arguments: for those who offer a choice.
#ifndef CONVSCOPE_NN_LAYER_KINDS_H_
#define CONVSCOPE_NN_LAYER_KINDS_H_

#include <string>
#include <vector>

#include "convscope/nn/config.h"

namespace convscope {

struct LayerKind {
  std::string name;  // "Conv2D"
  Config defaults;   // its arguments, with what they are where a layer does not say
};

std::vector<LayerKind> LayerKinds();

}  // namespace convscope

#endif  // CONVSCOPE_NN_LAYER_KINDS_H_
