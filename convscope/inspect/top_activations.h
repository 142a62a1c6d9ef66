// Which pictures of a data set excite each channel of a layer most and least, and where in them.
//
// One pass over the pictures, in memory that does not grow with them.
#ifndef CONVSCOPE_INSPECT_TOP_ACTIVATIONS_H_
#define CONVSCOPE_INSPECT_TOP_ACTIVATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/model.h"
#include "convscope/graph/preprocessing.h"
#include "convscope/inspect/maps.h"

namespace convscope {

// A value of a map, and where it stands. A picture has one entry a channel: the first of its largest (or smallest)
// values, row by row.
struct TopValue {
  float value = 0;
  int64_t sample = 0;           // place of the picture in the data set
  int64_t row = 0, column = 0;  // of the map; both 0 of a unit

  bool operator==(const TopValue&) const = default;
};

struct ChannelActivations {
  int64_t channel = 0;
  std::vector<TopValue> most, least;  // the largest and the smallest values first; of equal ones the first pictures
  int64_t not_numbers = 0;            // pictures with NaN in this map, which are ranked by their other values
};

struct TopActivations {
  MapShape shape;
  int64_t pictures = 0;
  std::vector<ChannelActivations> channels;
};

struct TopActivationsOptions {
  int64_t count = 9;              // entries a channel, at most
  std::vector<int64_t> channels;  // empty: all
  bool least = false;             // the smallest as well
  int64_t batch_size = 0;         // as DataPassOptions has it
  Preprocessing scaling;
  Progress progress;
};

// `layer`: a computed tensor, as MapLayer gives it. The result does not depend on the batch size (but for what rounding
// differs in the model's own sums), nor on the number of threads. Throws Error for a channel that there is not, and
// where the pictures are not those that the model takes.
TopActivations FindTopActivations(const Model& model, const std::string& layer, const Dataset& data,
                                  const TopActivationsOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_TOP_ACTIVATIONS_H_
