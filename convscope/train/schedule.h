// Schedules: the learning rate as a function of the step. Names, formulas and defaults as Keras' schedules have them.
//
// A schedule is a factor of the optimizer's learning rate, so the same one serves every optimizer. What depends on how
// a training goes (reduce on plateau) is a callback, see callbacks.h.
#ifndef CONVSCOPE_TRAIN_SCHEDULE_H_
#define CONVSCOPE_TRAIN_SCHEDULE_H_

#include <cstdint>
#include <variant>

namespace convscope {

struct ConstantRate {};

// rate * factor^floor(step / every_steps)
struct StepDecay {
  int64_t every_steps = 1000;
  double factor = 0.1;
};

// rate * factor^(step / decay_steps); in stairs where `staircase` says so: then it is StepDecay.
struct ExponentialDecay {
  int64_t decay_steps = 1000;
  double factor = 0.96;
  bool staircase = false;
};

// From rate to alpha * rate along half a cosine (Loshchilov and Hutter 2017, arXiv 1608.03983, without restarts), then
// constant.
struct CosineDecay {
  int64_t decay_steps = 1000;
  double alpha = 0;
};

struct Schedule {
  std::variant<ConstantRate, StepDecay, ExponentialDecay, CosineDecay> decay;
  // First from warmup_from * rate straight up to rate, reached after this many steps; then the decay begins.
  int64_t warmup_steps = 0;
  double warmup_from = 0;
};

// Throws Error for a number out of range.
void Check(const Schedule& schedule);

// What the optimizer's learning rate is multiplied with in `step`, counted from 0.
double Factor(const Schedule& schedule, int64_t step);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_SCHEDULE_H_
