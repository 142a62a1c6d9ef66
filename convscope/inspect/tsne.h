// t-SNE: points of many dimensions on a plane, so that near ones stay near (van der Maaten and Hinton, "Visualizing
// Data using t-SNE", JMLR 9, 2008). Exact: time and memory grow with the square of the number of points.
//
// What the plane shows are neighbourhoods. Distances between groups, their sizes and the axes mean nothing.
#ifndef CONVSCOPE_INSPECT_TSNE_H_
#define CONVSCOPE_INSPECT_TSNE_H_

#include <cstdint>
#include <vector>

#include "convscope/base/progress.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

inline constexpr int64_t kMostTsnePoints = 5000;

struct TsneOptions {
  double perplexity = 30;     // about how many neighbours a point has; at least 2, at most (n - 1) / 3
  int64_t iterations = 1000;  // at least 1; of them a quarter, at most 250, with attraction twelve times as strong
  uint64_t seed = 0;          // of the small noise that tells equal points apart
  Progress progress = {};
};

struct Tsne {
  std::vector<double> x, y;  // n
  // The Kullback-Leibler divergence of the plane's neighbourhoods from the points', in nats: at the start, and at the
  // end.
  double first_divergence = 0, divergence = 0;
};

// Of points (n, d), finite, n from 7 to kMostTsnePoints, with `start` (n, 2), row-major, for example their first two
// principal components: it is brought to a deviation of 1e-4 (Kobak and Berens, Nature Communications 10, 2019). The
// same bits at any number of threads. Throws Error for other arguments.
Tsne TsneOf(TensorView<const float> points, const std::vector<double>& start, const TsneOptions& options = {});

}  // namespace convscope

#endif  // CONVSCOPE_INSPECT_TSNE_H_
