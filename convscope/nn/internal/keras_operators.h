// Operations that stand among Keras' layers: x + y, ops.relu(x) of Keras 3, tf.nn.relu(x) of Keras 2. Each is read as
// the layer that computes the same, where there is one.
#ifndef CONVSCOPE_NN_INTERNAL_KERAS_OPERATORS_H_
#define CONVSCOPE_NN_INTERNAL_KERAS_OPERATORS_H_

#include <string>
#include <vector>

#include "convscope/nn/internal/keras_entries.h"
#include "convscope/nn/layer.h"

namespace convscope::internal {

bool IsOperator(const LayerEntry& entry);

struct OperatorLayer {
  LayerPtr layer;  // null: the input is handed on
  std::vector<LayerOutput> inputs;
};

// `call`: the only one of an operation. Throws Error, without a place, for what no layer computes.
OperatorLayer ReadOperator(const LayerEntry& entry, const std::string& name, const LayerCallEntry& call);

// A Rescaling with a scale or an offset for each channel, as EfficientNet has: as a Normalization, whose means and
// variances say the same. Throws Error for a scale that is not above 0, and for lists of other lengths.
LayerPtr ReadRescalingOfChannels(const Config& config, const std::string& name);

}  // namespace convscope::internal

#endif  // CONVSCOPE_NN_INTERNAL_KERAS_OPERATORS_H_
