// Optimizers: how parameters follow their gradients. Plain structs with Keras' names, formulas and defaults.
//
// Here is what each is made of; the arithmetic is convscope/kernels/parameter_update.h, what moves a network's
// parameters from step to step is parameter_updater.h.
#ifndef CONVSCOPE_TRAIN_OPTIMIZER_H_
#define CONVSCOPE_TRAIN_OPTIMIZER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "convscope/graph/operation.h"
#include "convscope/kernels/parameter_update.h"

namespace convscope {

// At most one of them; 0: none.
struct GradientClipping {
  double value = 0;        // the largest absolute value of a gradient's element
  double norm = 0;         // the largest Euclidean norm of each parameter's gradient: a longer one is shortened to it
  double global_norm = 0;  // the same of all gradients together, as if they were one
};

// In all of them: `learning_rate` is above or equal to 0; `weight_decay` w takes w * learning rate * parameter from
// each parameter before it moves (Loshchilov and Hutter 2019, arXiv 1711.05101), which is not an L2 penalty.
struct SGD {
  double learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  double weight_decay = 0;
  GradientClipping clipping = {};
};

struct Adagrad {
  double learning_rate = 0.001;
  double initial_accumulator_value = 0.1;
  double epsilon = 1e-7;
  double weight_decay = 0;
  GradientClipping clipping = {};
};

struct Adadelta {
  double learning_rate = 0.001;
  double rho = 0.95;
  double epsilon = 1e-7;
  double weight_decay = 0;
  GradientClipping clipping = {};
};

struct RMSprop {
  double learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  double weight_decay = 0;
  GradientClipping clipping = {};
};

struct Adam {
  double learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  double weight_decay = 0;
  GradientClipping clipping = {};
};

struct AdamW {
  double learning_rate = 0.001;
  double weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  GradientClipping clipping = {};
};

using Optimizer = std::variant<SGD, Adagrad, Adadelta, RMSprop, Adam, AdamW>;

// Throws Error for a number out of its range, and for two ways of clipping at once.
void Check(const Optimizer& optimizer);

// "sgd", "adagrad", "adadelta", "rmsprop", "adam", "adamw".
std::string_view Name(const Optimizer& optimizer);
const std::vector<std::string>& OptimizerNames();
// With its defaults; throws Error with the nearest names.
Optimizer MakeOptimizer(std::string_view name);

// The numbers that it was made with, under the names of the struct's members; a clipping only where there is one.
std::vector<Attribute> Attributes(const Optimizer& optimizer);

double LearningRate(const Optimizer& optimizer);
void SetLearningRate(Optimizer& optimizer, double rate);
GradientClipping Clipping(const Optimizer& optimizer);
double InitialState(const Optimizer& optimizer);  // of every element of every state

// What moves the parameters in step `step`, counted from 1, at that learning rate; gradient_scale is left to whoever
// knows the norms.
ParameterUpdate UpdateOf(const Optimizer& optimizer, int64_t step, double learning_rate);

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_OPTIMIZER_H_
