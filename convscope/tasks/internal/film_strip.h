// The film of a training as one page: what is shown runs down, time runs to the right. Not for users.
#ifndef CONVSCOPE_TASKS_INTERNAL_FILM_STRIP_H_
#define CONVSCOPE_TASKS_INTERNAL_FILM_STRIP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "convscope/figures/scale.h"
#include "convscope/tasks/owning_figure.h"
#include "convscope/tensor/tensor.h"

namespace convscope::internal {

// A strip has at most as many frames: beside one another, more would be too narrow.
inline constexpr int64_t kMostStripFrames = 24;

// What the network is at one step of its training.
struct FilmFrame {
  int64_t step = 0;
  Tensor planes;              // (R, S, planes), of its filters
  std::vector<Tensor> maps;   // (H, W), of one picture
  std::vector<float> scores;  // of its classes; empty: none
};

struct FilmStrip {
  std::string title;
  std::string filters;          // the kernel's name
  int64_t channels = 1;         // of it: plane p is filter p / channels, channel p % channels
  std::vector<int64_t> planes;  // those that the frames have; empty: 0, 1, ...
  int64_t all_planes = 0;       // of it
  Scale filter_scale, map_scale;
  std::string layer;                   // whose maps are shown
  std::vector<std::string> map_names;  // one a map of a frame
  TensorView<const float> picture;     // (H, W, 1 or 3); null data: none
  std::string picture_caption;
  std::vector<std::string> class_names;  // one a score
  std::optional<int64_t> truth;          // the picture's class
  bool probabilities = false;
};

// Of planes (R, S, count) the `most` that change most from `first` to `last`, in their order.
std::vector<int64_t> ChangedMost(const Tensor& first, const Tensor& last, int64_t most);

// Throws Error for no frames or more than kMostStripFrames.
OwningFigure StripFigure(const FilmStrip& strip, const std::vector<FilmFrame>& frames);

}  // namespace convscope::internal

#endif  // CONVSCOPE_TASKS_INTERNAL_FILM_STRIP_H_
