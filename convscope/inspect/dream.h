// The picture that excites a channel, a unit or a class most: gradient ascent on the pixels, as in Olah, Mordvintsev
// and Schubert, "Feature Visualization", Distill 2017. Pixels stay between 0 and 1, since they are a sigmoid of what is
// climbed with; that is made of waves of all frequencies (wave_basis.h), or is the pixels themselves. Each step shows
// the network the picture a little moved and enlarged, so that nothing depends on one pixel; where one place of a map
// is climbed, nothing is moved, since that would move what the place sees. While rectifiers hold the goal, so that it
// has no slope, what it would be without them is climbed.
//
// Not here: which picture of a data set does; see top_activations.h.
#ifndef CONVSCOPE_INSPECT_DREAM_H_
#define CONVSCOPE_INSPECT_DREAM_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/graph/model.h"
#include "convscope/graph/preprocessing.h"

namespace convscope {

// What is climbed: the mean of a channel's map, or one value of it; of a unit or a class, its value.
struct DreamGoal {
  std::string tensor;
  int64_t channel = 0;
  std::optional<std::array<int64_t, 2>> place;  // row and column
  bool least = false;                           // the negative of it
};

struct DreamOptions {
  int64_t count = 1;  // pictures, made together
  // With several: how much they are pushed apart. What is climbed is the mean goal less `diversity` times its size
  // times the mean cosine between the pictures' Gram matrices of `diversity_layer` (sums over places of products of two
  // channels), which do not tell where in a picture something is.
  double diversity = 0.5;
  std::string diversity_layer;  // empty: the goal's, or where that has no places the last that has
  int64_t steps = 256;
  double rate =
      0.05;  // of Adam (Kingma and Ba 2015), on the amplitudes of the waves, or on what pixels are a sigmoid of
  uint64_t seed = 0;  // of the noise that it begins with, and of the movements
  // Pixels that a step moves the picture by at most, around its borders; below 0: 1/28 of its side, or 0 of one place.
  int64_t jitter = -1;
  double zoom = -1;              // a step enlarges by 1 - zoom to 1 + zoom; below 0: 0.05, or 0 of one place
  bool waves = true;             // climb with waves, else with pixels
  const Tensor* from = nullptr;  // (H, W, C), 0 to 1: the picture to begin with; its values are held in [0.01, 0.99]
  // How a picture, 0 to 1, becomes the input: as 8-bit pictures do.
  Preprocessing scaling;
  Progress progress;
};

struct Dream {
  // (count, H, W, C), 0 to 1. Of one place of a map, the pixels that it does not depend on are as they began.
  Tensor pictures;
  std::vector<float> goals;      // of each picture as it is, unmoved
  std::vector<float> beginning;  // the same of what it began with
  Tensor curve;                  // (steps, count): the goal of each step's moved pictures
  // Whether the goal was ever another than at the beginning, of which NaN is none where that is NaN too: else nothing
  // was found.
  std::vector<bool> moved;
  bool steady = false;  // whether each step showed the picture as it is; then one picture is the best that was seen
};

// Of a model with one input (N, H, W, C) float32. The same bits at any number of threads. Throws Error for a goal that
// there is not, one that does not depend on the input, and where an operation on the way has no gradient.
Dream MakeDream(const Model& model, const DreamGoal& goal, const DreamOptions& options = {});

// The goal of each sample of its tensor (N, ...), as it is climbed: of `least`, the negative.
std::vector<float> GoalsOf(const DreamGoal& goal, const Tensor& tensor);

// Throws Error unless the graph computes the goal's tensor and that has its channel and place.
void CheckGoal(const Graph& graph, const DreamGoal& goal);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_DREAM_H_
