// A model as a file holds it: the model, and what one has to know to use it. Nothing here is computed with; who feeds
// the model applies the preprocessing, who shows its results takes the names.
#ifndef CONVSCOPE_FORMATS_MODEL_FILE_H_
#define CONVSCOPE_FORMATS_MODEL_FILE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "convscope/graph/model.h"

namespace convscope {

// How a picture's values, 0 to 255, become the input's: (value * scale - mean[c]) / deviation[c] for channel c. Size
// and number of channels are those of the model's input; channels are red, green, blue, or one of grey.
struct Preprocessing {
  double scale = 1.0 / 255;
  std::vector<double> mean;       // one a channel; empty: 0
  std::vector<double> deviation;  // one a channel; empty: 1

  bool operator==(const Preprocessing&) const = default;
};

struct ModelFile {
  Model model;
  std::string name;                            // of the network: "fashion-cnn"
  std::string source;                          // where it came from: "trained on fashion-mnist, 5 epochs, seed 1"
  std::vector<std::string> class_names;        // of the last axis of the output; may be empty
  std::optional<Preprocessing> preprocessing;  // none: not known
  std::vector<std::string> outputs;            // computed tensors; empty: those that no node reads
  std::map<std::string, std::string> notes;    // anything else, by name
};

}  // namespace convscope

#endif  // CONVSCOPE_FORMATS_MODEL_FILE_H_
