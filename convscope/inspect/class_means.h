// The mean maps of each class: what a layer makes of a class as a whole, and how much each of its channels varies
// within it. One pass over the data; memory grows with the classes and the layers asked for, not with the pictures.
#ifndef CONVSCOPE_INSPECT_CLASS_MEANS_H_
#define CONVSCOPE_INSPECT_CLASS_MEANS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "convscope/inspect/data_pass.h"
#include "convscope/inspect/maps.h"

namespace convscope {

struct ClassMeansOptions {
  std::vector<int64_t> classes = {};  // of the data, each once: those looked at, in this order; empty: all
  bool maps = true;                   // LayerClassMeans::maps
  bool channels = true;               // LayerClassMeans::mean and ::variance
  DataPassOptions pass = {};
};

struct LayerClassMeans {
  std::string tensor;
  MapShape shape;
  // (classes looked at, rows, columns, channels): the mean over the pictures of each, summed in double in the order of
  // the data. NaN for a class without a picture. Empty, (0,), unless asked for.
  Tensor maps;
  // (classes looked at, channels), row-major: over the pictures of a class, the mean and the variance (divided by n -
  // 1; NaN for fewer than two pictures) of the mean of a channel's map. Empty unless asked for.
  std::vector<double> mean, variance;
};

struct ClassMeans {
  std::vector<int64_t> pictures;        // of each class looked at
  std::vector<LayerClassMeans> layers;  // in the order asked for
};

// Of the computed tensors `layers` of `model`, as MapShapeOf takes them; pictures of other classes are not run. Sums of
// more than 2 GiB are refused. Throws Error for that and as PassOver does. The same bits at any number of threads.
ClassMeans MeansOfClasses(const Model& model, const Dataset& data, const std::vector<std::string>& layers,
                          const ClassMeansOptions& options = {});

// The mean picture of each class, (classes, H, W, C), of the values of Dataset::image; NaN for a class without one.
Tensor MeanPictures(const Dataset& data);

// How well a channel tells two classes apart, by the mean of its map over rows and columns: the difference of the
// classes' means over their pooled standard deviation, sqrt((variance of a + variance of b) / 2), which is d' of signal
// detection (Green and Swets 1966) and Cohen's d for classes of one size.
struct ChannelSeparation {
  std::string tensor;
  int64_t channel = 0;
  double mean_a = 0, mean_b = 0;
  double deviation = 0;  // pooled, standard
  // (mean_a - mean_b) / deviation: positive where the channel answers to a. 0 where both means are the same; infinite
  // where they are not and nothing varies.
  double d_prime = 0;
};

// Of all channels of all layers, the largest |d'| first, NaN last; equal ones in the order of layers and channels.
// `means` must have `channels`; `class_a` and `class_b` are places in it, from 0. Throws Error for one that there is
// not or that has fewer than two pictures.
std::vector<ChannelSeparation> RankChannels(const ClassMeans& means, int64_t class_a, int64_t class_b);

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_CLASS_MEANS_H_
