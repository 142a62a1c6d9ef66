#include "convscope/kernels/local_response.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/kernels/internal/each_target.h"
#include "convscope/kernels/reference/local_response.h"

namespace convscope {
namespace {

std::vector<double> Doubled(const std::vector<float>& values) {
  return {values.begin(), values.end()};
}

TEST(LocalResponse, IsTheReferencesOnEveryTarget) {
  ForEachTarget([](const char* target) {
    for (const int64_t channels : {1, 2, 3, 8, 15, 16, 17, 33, 64, 96}) {
      for (const LocalResponse& spec :
           {LocalResponse{}, LocalResponse{.size = 4, .alpha = 2}, LocalResponse{.size = 1, .alpha = 0.5, .beta = 0.5},
            LocalResponse{.size = 200, .alpha = 3, .beta = 1, .bias = 2}, LocalResponse{.size = 3, .alpha = 0}}) {
        SCOPED_TRACE(testing::Message() << target << ", " << channels << " channels, size " << spec.size);
        constexpr int64_t kRows = 7;
        Random random(1, "local response");
        std::vector<float> x(kRows * channels), g(x.size()), y(x.size()), dx(x.size());
        for (float& value : x) value = random.Uniform(-3, 3);
        for (float& value : g) value = random.Uniform(-1, 1);
        NormalizeLocalResponse(spec, x.data(), kRows, channels, y.data());
        LocalResponseGradient(spec, g.data(), x.data(), kRows, channels, dx.data());
        const std::vector<double> exact_x = Doubled(x), exact_g = Doubled(g);
        std::vector<double> exact_y(x.size()), exact_dx(x.size());
        reference::NormalizeLocalResponse(spec, exact_x.data(), kRows, channels, exact_y.data());
        reference::LocalResponseGradient(spec, exact_g.data(), exact_x.data(), kRows, channels, exact_dx.data());
        // The divisor is a sum of up to `terms` squares, each good to an epsilon, as all of its terms are positive; the
        // power and the product around it add a few. The gradient sums `terms` of those, of both signs: each below
        // |g x| d^(-beta - 1), times the factor |x|: at most 2 alpha beta / size * 9 * 3 of the largest power.
        const auto terms = static_cast<double>(std::min(spec.size, channels));
        const double power = std::pow(spec.bias, -spec.beta);
        const double term = 2 * spec.alpha * spec.beta / static_cast<double>(spec.size) * 9 * power;
        for (size_t i = 0; i < x.size(); ++i) {
          ASSERT_NEAR(y[i], exact_y[i], (terms + 8) * 0x1p-24 * 3 * power) << i;
          ASSERT_NEAR(dx[i], exact_dx[i], (2 * terms + 16) * 0x1p-24 * (power + terms * term)) << i;
        }
      }
    }
  });
}

}  // namespace
}  // namespace convscope
