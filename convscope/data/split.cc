#include "convscope/data/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/text.h"
#include "convscope/data/sample_order.h"

namespace convscope {
namespace {

// How many of each class when `count` of all are chosen: the largest remainders get the pictures that rounding down
// leaves, so that the sum is `count`.
std::vector<int64_t> Shares(const std::vector<int64_t>& class_counts, int64_t count) {
  const int64_t all = std::accumulate(class_counts.begin(), class_counts.end(), int64_t{0});
  std::vector<int64_t> shares(class_counts.size(), 0);
  if (all == 0) return shares;
  std::vector<size_t> by_remainder(class_counts.size());
  std::iota(by_remainder.begin(), by_remainder.end(), 0);
  int64_t left = count;
  for (size_t c = 0; c < shares.size(); ++c) {
    shares[c] = class_counts[c] * count / all;
    left -= shares[c];
  }
  std::stable_sort(by_remainder.begin(), by_remainder.end(),
                   [&](size_t a, size_t b) { return class_counts[a] * count % all > class_counts[b] * count % all; });
  for (int64_t i = 0; i < left; ++i) ++shares[by_remainder[static_cast<size_t>(i)]];
  return shares;
}

// Whether each picture is one of the `count` chosen.
std::vector<bool> Choose(const Dataset& data, int64_t count, bool stratified, uint64_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(data.size()));
  Shuffle(order, seed, "split");
  std::vector<int64_t> wanted = stratified ? Shares(data.ClassCounts(), count) : std::vector<int64_t>{count};
  std::vector<bool> chosen(order.size(), false);
  for (const int64_t i : order) {
    int64_t& still = wanted[stratified ? static_cast<size_t>(data.label(i)) : 0];
    if (still == 0) continue;
    --still;
    chosen[static_cast<size_t>(i)] = true;
  }
  return chosen;
}

Dataset Part(const Dataset& data, const std::vector<bool>& chosen, bool which) {
  std::vector<int64_t> rows;
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i] == which) rows.push_back(static_cast<int64_t>(i));
  }
  return data.Subset(rows);
}

}  // namespace

std::pair<Dataset, Dataset> Split(const Dataset& data, const SplitOptions& options) {
  if (!(options.fraction >= 0 && options.fraction <= 1)) {
    throw Error({.where = data.name(),
                 .rule = "the fraction of a split must be 0 to 1",
                 .received = ShortestText(options.fraction)});
  }
  const auto count = static_cast<int64_t>(std::llround(options.fraction * static_cast<double>(data.size())));
  const std::vector<bool> chosen = Choose(data, count, options.stratified, options.seed);
  return {Part(data, chosen, false), Part(data, chosen, true)};
}

Dataset StratifiedSample(const Dataset& data, int64_t count, uint64_t seed) {
  if (count < 0 || count > data.size()) {
    throw Error({.where = data.name(),
                 .rule = Concat("a sample may have 0 to ", data.size(), " pictures"),
                 .received = Concat(count)});
  }
  return Part(data, Choose(data, count, true, seed), true);
}

void CheckNoSplit(const std::string& where, const std::optional<double>& test_fraction) {
  if (!test_fraction) return;
  throw Error({.where = where,
               .rule = "a part for testing is split off where there is none",
               .received = Concat("a data set that has one, and a fraction of ", ShortestText(*test_fraction)),
               .fix = "leave the fraction away"});
}

}  // namespace convscope
