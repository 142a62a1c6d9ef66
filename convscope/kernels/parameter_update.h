// How a parameter moves by its gradient, float32, in one pass over parameter, gradient and state: the fast twin of
// reference/parameter_update.h. Optimizers are made of it (convscope/train/optimizer.h).
#ifndef CONVSCOPE_KERNELS_PARAMETER_UPDATE_H_
#define CONVSCOPE_KERNELS_PARAMETER_UPDATE_H_

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace convscope {

enum class UpdateKind : uint8_t { kSgd, kAdagrad, kAdadelta, kRmsProp, kAdam };

// The constants of one step. Formulas stand beside the reference.
struct ParameterUpdate {
  UpdateKind kind = UpdateKind::kSgd;
  double learning_rate = 0;   // Adam: corrected for the step's number
  double keep = 1;            // factor of the parameter before it moves: below 1 with weight decay
  double gradient_scale = 1;  // factor of the gradient: below 1 where its norm is clipped
  double gradient_limit = std::numeric_limits<double>::infinity();  // then: its largest absolute value
  double momentum = 0;                                              // kSgd, kRmsProp
  bool nesterov = false;                                            // kSgd
  double rho = 0;                                                   // kAdadelta, kRmsProp: what a running mean keeps
  bool centered = false;                                            // kRmsProp
  double beta_1 = 0;                                                // kAdam: what the mean of the gradients keeps
  double beta_2 = 0;                                                // kAdam: what the mean of their squares keeps
  bool amsgrad = false;                                             // kAdam
  double epsilon = 0;                                               // all but kSgd

  // The arrays that the update reads and writes besides the parameter, in their order: none for plain SGD,
  // {"mean", "square"} for Adam.
  std::vector<std::string_view> StateNames() const;
};

inline constexpr int kMostUpdateStates = 3;

// Moves `count` numbers: parameter, gradient and each of the update's states, in the order of StateNames, have as many.
// In the calling thread: a caller that has more splits the ranges, and a number's place never shows in its bits.
// Returns whether all the new parameters are finite.
bool UpdateParameter(const ParameterUpdate& update, const float* gradient, float* parameter, float* const* states,
                     int64_t count);

// The sum of the squares, each and their sum in double.
double SumOfSquares(const float* values, int64_t count);

}  // namespace convscope

#endif  // CONVSCOPE_KERNELS_PARAMETER_UPDATE_H_
