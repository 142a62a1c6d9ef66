#include "convscope/inspect/class_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "convscope/base/text.h"

namespace convscope {

std::vector<float> ClassScores(std::span<const float> scores, bool probabilities) {
  if (scores.size() != 1) return {scores.begin(), scores.end()};
  return {probabilities ? 1 - scores[0] : -scores[0], scores[0]};
}

std::vector<size_t> ClassOrder(std::span<const float> scores) {
  const auto rank = [&](size_t c) {
    return std::isnan(scores[c]) ? -std::numeric_limits<float>::infinity() : scores[c];
  };
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (rank(a) != rank(b)) return rank(a) > rank(b);
    return !std::isnan(scores[a]) && std::isnan(scores[b]);
  });
  return order;
}

int64_t NanCount(std::span<const float> scores) {
  return std::count_if(scores.begin(), scores.end(), [](float score) { return std::isnan(score); });
}

int64_t HighestCount(std::span<const float> scores) {
  if (scores.empty() || NanCount(scores) > 0) return 0;
  return std::count(scores.begin(), scores.end(), *std::max_element(scores.begin(), scores.end()));
}

std::string NothingText(std::span<const float> scores) {
  if (const int64_t nans = NanCount(scores); nans > 0) {
    return Concat("nothing: ", nans, " of ", scores.size(), " scores are NaN");
  }
  const int64_t highest = HighestCount(scores);
  if (highest < 2) return "";
  return Concat("nothing: ", highest, " of ", scores.size(), " classes share the highest score");
}

}  // namespace convscope
