// Which layers exist, by Keras' class names.
#ifndef CONVSCOPE_NN_INTERNAL_LAYER_TABLE_H_
#define CONVSCOPE_NN_INTERNAL_LAYER_TABLE_H_

#include <string>
#include <vector>

#include "convscope/nn/internal/config_values.h"
#include "convscope/nn/layer.h"

namespace convscope::internal {

std::vector<std::string> LayerClassNames();

// The layer of a class and a config with its arguments, name and trainable. Throws Error, without a place: for an
// unknown class with the nearest ones, for arguments as FieldReader does.
LayerPtr LayerFromConfig(const std::string& class_name, const Config& config, KerasVersion version);

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_LAYER_TABLE_H_
