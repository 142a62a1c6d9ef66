#include "convscope/train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "convscope/base/error.h"
#include "convscope/base/text.h"

namespace convscope {
namespace {

double DecayFactor(const ConstantRate&, int64_t) {
  return 1;
}

double DecayFactor(const StepDecay& decay, int64_t step) {
  return std::pow(decay.factor, static_cast<double>(step / decay.every_steps));
}

double DecayFactor(const ExponentialDecay& decay, int64_t step) {
  const double exponent = static_cast<double>(step) / static_cast<double>(decay.decay_steps);
  return std::pow(decay.factor, decay.staircase ? std::floor(exponent) : exponent);
}

double DecayFactor(const CosineDecay& decay, int64_t step) {
  const double done = std::min(1.0, static_cast<double>(step) / static_cast<double>(decay.decay_steps));
  return decay.alpha + (1 - decay.alpha) * 0.5 * (1 + std::cos(std::numbers::pi * done));
}

void CheckSteps(const char* name, int64_t steps, int64_t least) {
  if (steps >= least) return;
  throw Error(
      {.where = "schedule", .rule = Concat(name, " must be at least ", least), .received = std::to_string(steps)});
}

void CheckFactor(const char* name, double factor) {
  if (factor >= 0 && std::isfinite(factor)) return;
  throw Error(
      {.where = "schedule", .rule = Concat(name, " must be 0 or more, and finite"), .received = ShortestText(factor)});
}

void CheckDecay(const ConstantRate&) {}

void CheckDecay(const StepDecay& decay) {
  CheckSteps("every_steps", decay.every_steps, 1);
  CheckFactor("factor", decay.factor);
}

void CheckDecay(const ExponentialDecay& decay) {
  CheckSteps("decay_steps", decay.decay_steps, 1);
  CheckFactor("factor", decay.factor);
}

void CheckDecay(const CosineDecay& decay) {
  CheckSteps("decay_steps", decay.decay_steps, 1);
  CheckFactor("alpha", decay.alpha);
}

}  // namespace

void Check(const Schedule& schedule) {
  CheckSteps("warmup_steps", schedule.warmup_steps, 0);
  CheckFactor("warmup_from", schedule.warmup_from);
  std::visit([](const auto& decay) { CheckDecay(decay); }, schedule.decay);
}

double Factor(const Schedule& schedule, int64_t step) {
  if (step < schedule.warmup_steps) {
    const double done = static_cast<double>(step) / static_cast<double>(schedule.warmup_steps);
    return schedule.warmup_from + (1 - schedule.warmup_from) * done;
  }
  return std::visit([&](const auto& decay) { return DecayFactor(decay, step - schedule.warmup_steps); },
                    schedule.decay);
}

}  // namespace convscope
