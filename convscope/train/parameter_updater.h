// Moves all parameters of a network, step after step, and keeps what its optimizer remembers between steps.
//
// It knows no network: parameters and gradients are tensors by name.
#ifndef CONVSCOPE_TRAIN_PARAMETER_UPDATER_H_
#define CONVSCOPE_TRAIN_PARAMETER_UPDATER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "convscope/graph/named_tensors.h"
#include "convscope/graph/operation.h"
#include "convscope/train/optimizer.h"

namespace convscope {

class ParameterUpdater {
 public:
  // For parameters of these types, float32 or float64, by name. Allocates all that it will need. Throws what
  // Check(optimizer) throws.
  ParameterUpdater(Optimizer optimizer, const std::map<std::string, TensorType, std::less<>>& parameters);

  // One parameter in one step: both are of its type.
  struct Moved {
    Tensor* parameter = nullptr;
    const Tensor* gradient = nullptr;
  };

  // Moves every parameter by its gradient, `moved` in the order of names(). Returns the name of the first parameter
  // that is no longer finite, else "". Bits do not depend on the number of threads.
  std::string Step(std::span<const Moved> moved, double learning_rate);

  const Optimizer& optimizer() const { return optimizer_; }
  const std::vector<std::string>& names() const { return names_; }  // of the parameters, in alphabetical order
  int64_t steps() const { return steps_; }                          // done so far

  // What is remembered: "conv/kernel/mean" is the state "mean" of parameter conv/kernel, of its type. Views of memory
  // that the next step writes.
  const std::map<std::string, Tensor, std::less<>>& states() const { return states_; }
  // Goes on from there. Throws Error unless `states` holds each state in its type and nothing else; then nothing has
  // changed.
  void Restore(int64_t steps, const NamedTensors& states);

 private:
  // A piece of one parameter; pieces are what threads share.
  struct Piece {
    size_t parameter;
    int64_t begin, end;  // elements
  };
  void MeasureNorms(std::span<const Moved> moved, std::vector<double>& scales);

  Optimizer optimizer_;
  std::vector<std::string> names_;
  std::vector<DType> dtypes_;
  std::map<std::string, Tensor, std::less<>> states_;
  std::vector<std::vector<Tensor*>> states_of_;  // of each parameter, in the order of StateNames
  std::vector<Piece> pieces_;
  std::vector<double> piece_squares_;  // the squares of a piece's gradient, summed
  std::vector<uint8_t> piece_finite_;
  std::vector<double> scales_;  // of each parameter's gradient
  int64_t steps_ = 0;
};

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_PARAMETER_UPDATER_H_
