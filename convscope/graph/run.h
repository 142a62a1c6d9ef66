// The fast way to run a model: made ready once, run often. Neighbouring nodes are fused, memory is planned, and only
// the outputs asked for are kept. To look at everything in between, see Trace.
//
// Both compute the same numbers, and mostly the same bits. Where a Run folds a constant into a kernel, or takes a
// convolution of fewer multiplications (kernels/winograd.h), they are rounded otherwise; a picture gives the same bits
// in every batch and on any number of threads.
#ifndef CONVSCOPE_GRAPH_RUN_H_
#define CONVSCOPE_GRAPH_RUN_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "convscope/graph/model.h"

namespace convscope {

// One pass of a Run: a node, and those that were fused with it.
struct RunStep {
  std::string node;                // the first one's name
  std::string type;                // and its operation's: "Conv"
  std::vector<std::string> fused;  // the types of those that follow it: {"Add", "Relu"}
  std::string path;                // the algorithm taken, as PreparedOperation::path tells
  int64_t multiply_adds = 0;
};

// One object serves one thread at a time: it owns the memory that it computes in.
class Run {
 public:
  // Makes ready the nodes that `outputs` (names of computed tensors) depend on. Parameters are packed and tensors
  // allocated here. Throws Error on an unknown name. Holds on to the model's parameters, not to the model.
  Run(const Model& model, std::vector<std::string> outputs);
  ~Run();
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;

  // Computes the outputs from one tensor for each input of the graph. Throws Error on a missing or unknown name or a
  // wrong shape or dtype.
  void operator()(const NamedTensors& inputs);

  // An output as the last call left it, valid until the next. Throws Error for a name that was not asked for, and
  // before the first call.
  const Tensor& operator[](std::string_view output) const;

  // Memory for tensors that are not kept; what the steps themselves work in comes on top.
  int64_t WorkspaceBytes() const;
  int64_t StepCount() const;  // nodes after fusing, those that no output needs left out

  // What is done one after the other, and the same call with a clock: milliseconds of each of steps().
  std::vector<RunStep> Steps() const;
  std::vector<double> Timed(const NamedTensors& inputs);

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_RUN_H_
