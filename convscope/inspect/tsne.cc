#include "convscope/inspect/tsne.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/base/parallel.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

constexpr double kExaggeration = 12, kStart = 1e-4, kNoise = 1e-6;
// Sums side by side, so that they need not wait for one another. With 8, g++ 12 unrolls the loops and does not
// vectorise them.
constexpr int64_t kLanes = 16;

void Check(TensorView<const float> points, const std::vector<double>& start, const TsneOptions& options) {
  const Shape& shape = points.shape();
  const auto fail = [](const std::string& rule, const std::string& received) {
    throw Error({.where = "t-SNE", .rule = rule, .received = received});
  };
  if (shape.rank() != 2 || shape[0] < 7 || shape[0] > kMostTsnePoints) {
    fail(Concat("it takes 7 to ", kMostTsnePoints, " points, (points, dimensions)"), shape.ToString());
  }
  if (start.size() != static_cast<size_t>(2 * shape[0])) {
    fail("a start has two numbers a point", Concat(start.size()));
  }
  const double most = static_cast<double>(shape[0] - 1) / 3;
  if (!(options.perplexity >= 2 && options.perplexity <= most)) {
    fail(Concat("the perplexity of ", shape[0], " points is 2 to ", ShortestText(std::floor(100 * most) / 100)),
         ShortestText(options.perplexity));
  }
  if (options.iterations < 1) fail("it takes one step or more", Concat(options.iterations));
  if (!std::all_of(points.span().begin(), points.span().end(), [](float v) { return std::isfinite(v); })) {
    fail("points must be finite", "NaN or infinity");
  }
}

// Squared distances from point i to all.
void DistancesFrom(TensorView<const float> points, int64_t i, double* distances) {
  const int64_t n = points.shape()[0], d = points.shape()[1];
  const float* const a = points.data() + i * d;
  for (int64_t j = 0; j < n; ++j) {
    const float* const b = points.data() + j * d;
    double sums[kLanes] = {};
    int64_t c = 0;
    for (; c + kLanes <= d; c += kLanes) {
      for (int64_t k = 0; k < kLanes; ++k) {
        const double off = static_cast<double>(a[c + k]) - static_cast<double>(b[c + k]);
        sums[k] += off * off;
      }
    }
    for (; c < d; ++c) {
      const double off = static_cast<double>(a[c]) - static_cast<double>(b[c]);
      sums[c % kLanes] += off * off;
    }
    distances[j] = 0;
    for (const double sum : sums) distances[j] += sum;
  }
}

// How likely point i would take each other one for its neighbour, into `row`: a Gaussian of the distances whose width
// is sought so that exp(entropy) is the perplexity.
void NeighboursOf(int64_t i, const std::vector<double>& distances, double perplexity, float* row) {
  const auto n = static_cast<int64_t>(distances.size());
  double nearest = std::numeric_limits<double>::infinity(), mean = 0;
  for (int64_t j = 0; j < n; ++j) {
    if (j == i) continue;
    nearest = std::min(nearest, distances[static_cast<size_t>(j)]);
    mean += distances[static_cast<size_t>(j)] / static_cast<double>(n - 1);
  }
  const double wanted = std::log(perplexity);
  // Of equal points, any width does.
  double precision = mean > nearest ? 1 / (mean - nearest) : 1, low = 0, high = 0;
  double sum = 1;
  for (int step = 0; step < 100; ++step) {
    sum = 0;
    double weighted = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (j == i) continue;
      const double off = distances[static_cast<size_t>(j)] - nearest, p = std::exp(-off * precision);
      sum += p;
      weighted += p * off;
    }
    const double entropy = std::log(sum) + precision * weighted / sum;
    if (std::abs(entropy - wanted) < 1e-7) break;
    if (entropy > wanted) {
      low = precision;
      precision = high > 0 ? (low + high) / 2 : 2 * precision;
    } else {
      high = precision;
      precision = (low + high) / 2;
    }
  }
  for (int64_t j = 0; j < n; ++j) {
    const double off = distances[static_cast<size_t>(j)] - nearest;
    row[j] = j == i ? 0 : static_cast<float>(std::exp(-off * precision) / sum);
  }
}

// p (n, n): symmetric, of sum 1.
std::vector<float> Affinities(TensorView<const float> points, const TsneOptions& options) {
  const int64_t n = points.shape()[0];
  std::vector<float> rows(static_cast<size_t>(n * n));
  ParallelFor(n, [&](int64_t i) {
    std::vector<double> distances(static_cast<size_t>(n));
    DistancesFrom(points, i, distances.data());
    NeighboursOf(i, distances, options.perplexity, rows.data() + i * n);
  });
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      const float both =
          (rows[static_cast<size_t>(i * n + j)] + rows[static_cast<size_t>(j * n + i)]) / static_cast<float>(2 * n);
      // So little pulls nothing, and numbers near the least of a float are slow to compute with.
      rows[static_cast<size_t>(i * n + j)] = rows[static_cast<size_t>(j * n + i)] = both < 1e-20f ? 0 : both;
    }
  }
  return rows;
}

// What pulls and pushes a point, summed over all others.
struct Force {
  double pull_x = 0, pull_y = 0, push_x = 0, push_y = 0;
  double weight = 0;  // of Student's t, over the others
};

double Sum(const float* lanes) {
  double sum = 0;
  for (int64_t k = 0; k < kLanes; ++k) sum += static_cast<double>(lanes[k]);
  return sum;
}

// What pulls and pushes a point at (own_x, own_y), in lanes.
struct ForceSums {
  float pull_x[kLanes] = {}, pull_y[kLanes] = {}, push_x[kLanes] = {}, push_y[kLanes] = {}, weight[kLanes] = {};

  void Add(const float* x, const float* y, const float* p, float own_x, float own_y) {
    for (int64_t k = 0; k < kLanes; ++k) {
      const float dx = own_x - x[k], dy = own_y - y[k];
      const float w = 1 / (1 + dx * dx + dy * dy);
      const float attraction = p[k] * w, repulsion = w * w;
      pull_x[k] += attraction * dx;
      pull_y[k] += attraction * dy;
      push_x[k] += repulsion * dx;
      push_y[k] += repulsion * dy;
      weight[k] += w;
    }
  }
};

Force ForceOn(int64_t i, const std::vector<float>& x, const std::vector<float>& y, const float* p) {
  const auto n = static_cast<int64_t>(x.size());
  const float own_x = x[static_cast<size_t>(i)], own_y = y[static_cast<size_t>(i)];
  ForceSums sums;
  int64_t j = 0;
  for (; j + kLanes <= n; j += kLanes) sums.Add(x.data() + j, y.data() + j, p + j, own_x, own_y);
  // The rest, filled up with points that are too far away to weigh anything.
  float rest_x[kLanes], rest_y[kLanes], rest_p[kLanes] = {};
  std::fill_n(rest_x, kLanes, 1e30f);
  std::fill_n(rest_y, kLanes, 1e30f);
  for (int64_t k = 0; j + k < n; ++k) {
    rest_x[k] = x[static_cast<size_t>(j + k)];
    rest_y[k] = y[static_cast<size_t>(j + k)];
    rest_p[k] = p[j + k];
  }
  sums.Add(rest_x, rest_y, rest_p, own_x, own_y);
  return {Sum(sums.pull_x), Sum(sums.pull_y), Sum(sums.push_x), Sum(sums.push_y),
          Sum(sums.weight) - 1};  // less its own
}

double Divergence(const std::vector<float>& p, const std::vector<float>& x, const std::vector<float>& y,
                  double weights) {
  const auto n = static_cast<int64_t>(x.size());
  std::vector<double> rows(static_cast<size_t>(n), 0.0);
  ParallelFor(n, [&](int64_t i) {
    for (int64_t j = 0; j < n; ++j) {
      const auto own = static_cast<double>(p[static_cast<size_t>(i * n + j)]);
      if (j == i || own == 0) continue;
      const double dx = static_cast<double>(x[static_cast<size_t>(i)]) - static_cast<double>(x[static_cast<size_t>(j)]);
      const double dy = static_cast<double>(y[static_cast<size_t>(i)]) - static_cast<double>(y[static_cast<size_t>(j)]);
      rows[static_cast<size_t>(i)] += own * std::log(own * weights * (1 + dx * dx + dy * dy));
    }
  });
  double sum = 0;
  for (const double row : rows) sum += row;
  return sum;
}

std::vector<double> Started(const std::vector<double>& start, const TsneOptions& options) {
  const size_t n = start.size() / 2;
  double mean = 0, squares = 0;
  for (size_t i = 0; i < n; ++i) mean += start[2 * i] / static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) squares += (start[2 * i] - mean) * (start[2 * i] - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(n));
  Random random(options.seed, "t-sne");
  std::vector<double> places;
  for (const double value : start) {
    places.push_back((deviation > 0 ? value / deviation * kStart : 0) + kNoise * static_cast<double>(random.Normal()));
  }
  return places;
}

}  // namespace

Tsne TsneOf(TensorView<const float> points, const std::vector<double>& start, const TsneOptions& options) {
  Check(points, start, options);
  const int64_t n = points.shape()[0];
  Report(options.progress, "t-SNE", 0);
  const std::vector<float> p = Affinities(points, options);
  // Belkina et al. (Nature Communications 10, 2019): a step for which no other number is needed.
  const double rate = std::max(static_cast<double>(n) / kExaggeration / 4, 50.0);
  const int64_t early = std::min<int64_t>(250, options.iterations / 4);
  std::vector<double> place = Started(start, options), velocity(place.size(), 0.0), gain(place.size(), 1.0);
  std::vector<float> x(static_cast<size_t>(n)), y(static_cast<size_t>(n));
  std::vector<Force> forces(static_cast<size_t>(n));
  double weights = 0;
  const auto measure = [&] {
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<float>(place[2 * i]);
      y[i] = static_cast<float>(place[2 * i + 1]);
    }
    ParallelRanges(n, 16, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) forces[static_cast<size_t>(i)] = ForceOn(i, x, y, p.data() + i * n);
    });
    weights = 0;
    for (const Force& force : forces) weights += force.weight;
  };
  Tsne result;
  measure();
  result.first_divergence = Divergence(p, x, y, weights);
  for (int64_t step = 0; step < options.iterations; ++step) {
    if (step % 10 == 0) {
      Report(options.progress, "t-SNE", static_cast<double>(step) / static_cast<double>(options.iterations));
    }
    const double exaggeration = step < early ? kExaggeration : 1, momentum = step < early ? 0.5 : 0.8;
    double middle[2] = {};
    for (size_t i = 0; i < place.size(); ++i) {
      const Force& force = forces[i / 2];
      const double pull = i % 2 == 0 ? force.pull_x : force.pull_y, push = i % 2 == 0 ? force.push_x : force.push_y;
      const double slope = 4 * (exaggeration * pull - push / weights);
      // Jacobs' gains, as in the authors' own program: longer steps while the direction stays.
      gain[i] = std::max(0.01, (slope > 0) != (velocity[i] > 0) ? gain[i] + 0.2 : gain[i] * 0.8);
      velocity[i] = momentum * velocity[i] - rate * gain[i] * slope;
      place[i] += velocity[i];
      middle[i % 2] += place[i] / static_cast<double>(n);
    }
    for (size_t i = 0; i < place.size(); ++i) place[i] -= middle[i % 2];
    measure();
  }
  result.divergence = Divergence(p, x, y, weights);
  for (size_t i = 0; i < place.size(); ++i) (i % 2 == 0 ? result.x : result.y).push_back(place[i]);
  return result;
}

}  // namespace convscope
