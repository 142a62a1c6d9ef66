// What a node of a graph computes.
//
// An Operation is immutable and knows no tensor: from the types of its inputs it tells the types of its outputs and
// its cost, and it makes ready the code that computes them. Each family of operations is one file beside this one: a
// plain struct of attributes that converts to OperationPtr. Nothing else in the graph knows which operations exist.
#ifndef CONVSCOPE_GRAPH_OPERATION_H_
#define CONVSCOPE_GRAPH_OPERATION_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "convscope/graph/arithmetic.h"
#include "convscope/graph/reads.h"
#include "convscope/kernels/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

class GraphBuilder;
class Operation;
using OperationPtr = std::shared_ptr<const Operation>;

// What is known of a tensor before there is one.
struct TensorType {
  Shape shape;
  DType dtype = DType::kFloat32;

  int64_t SizeInBytes() const;
  std::string ToString() const;  // "(1, 28, 28, 1) float32"
  bool operator==(const TensorType&) const = default;
};

struct Attribute {
  std::string name;
  std::variant<bool, int64_t, double, std::string, std::vector<int64_t>> value;

  std::string ValueText() const;  // "true", "2", "0.5", "same", "[2, 2]"
};

// An operation made ready for tensors of fixed types: its algorithm chosen, its parameters packed. It may own memory
// to work in, so one object serves one call at a time.
class PreparedOperation {
 public:
  virtual ~PreparedOperation() = default;

  // Elements of the inputs and outputs, in the order and of the types that Prepare was told; outputs are not
  // initialised and overlap nothing. An input that was given to Prepare as a constant is not read again.
  virtual void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) = 0;

  // The algorithm taken where there is a choice, for example "separable"; else "".
  virtual std::string_view path() const { return ""; }
};

// What an activation passes back. The true gradient; or, for pictures of what a network looks at, the same pass with
// another rule at each rectifier: guided backpropagation (Springenberg et al. 2014) keeps only positive gradients of
// positive outputs, deconvolution (Zeiler and Fergus 2013) all positive gradients, whatever the outputs were.
enum class GradientRule : uint8_t { kTrue, kGuided, kDeconvolution };

// A node as the backward pass meets it. All names are of tensors in `builder`, which holds the forward pass.
struct NodeGradient {
  GraphBuilder& builder;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> output_gradients;  // one an output; empty: nothing that matters depends on it
  // One an input: the name to give to the gradient of it; empty: not wanted.
  std::vector<std::string> names;
  GradientRule rule = GradientRule::kTrue;
};

// A node as it is added to the graph of a training step.
struct TrainingNode {
  GraphBuilder& builder;
  OperationPtr operation;  // the one that is asked
  std::string name;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  // A parameter that the step itself moves (a running mean), by name, and the tensor that holds its next value.
  std::map<std::string, std::string, std::less<>>& updates;
};

// A prepared operation that is one function of (inputs, outputs).
template <typename Function>
std::unique_ptr<PreparedOperation> PreparedFrom(Function function) {
  class Prepared : public PreparedOperation {
   public:
    explicit Prepared(Function f) : function_(std::move(f)) {}
    void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) override {
      function_(inputs, outputs);
    }

   private:
    Function function_;
  };
  return std::make_unique<Prepared>(std::move(function));
}

// What an operation does to a piece of its output as another operation writes that piece: values[0, count) are the
// elements from `first` on, to be changed in place; `operands` are the other inputs. Whole pixels a piece.
using FusedEpilogue =
    std::function<void(float* values, int64_t first, int64_t count, std::span<const void* const> operands)>;

class Operation {
 public:
  virtual ~Operation() = default;

  virtual std::string_view type() const = 0;  // "Conv", "MaxPool", "LeakyRelu"
  virtual std::vector<Attribute> attributes() const = 0;

  // The types of the outputs; throws Error when the operation does not take such inputs.
  virtual std::vector<TensorType> Infer(std::span<const TensorType> inputs) const = 0;

  // Multiply-adds of the direct algorithm. `inputs` passed Infer, here and below.
  virtual int64_t MultiplyAdds(std::span<const TensorType> inputs) const = 0;

  // Makes the operation ready. `constants` has one entry an input: the tensor when it never changes (a parameter),
  // which is then packed once, else null. `epilogue` is empty unless TakesEpilogue(inputs).
  virtual std::unique_ptr<PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                                     std::span<const Tensor* const> constants,
                                                     Epilogue epilogue) const = 0;

  // Adds nodes that compute the gradients of the inputs, and returns the tensor that holds each: one of the names
  // wanted, or a tensor that is there already (a sum hands its gradient on as it is). Empty: it is zero, as for labels.
  // Throws Error where the operation has no gradient, which is what it does unless overridden.
  virtual std::vector<std::string> AddGradient(const NodeGradient& node) const;

  // Adds the form that the node takes while a network learns: itself, unless overridden.
  virtual void AddForTraining(const TrainingNode& node) const;

  // Which elements of each input an element of the first output depends on, one entry an input: everything, unless
  // overridden.
  virtual std::vector<InputReads> Reads(std::span<const TensorType> inputs) const;

  // How element `element` of the only output came about, from tensors that passed Infer. Nothing, unless overridden:
  // then only its inputs can be told.
  virtual std::optional<Arithmetic> Explain(std::span<const Tensor* const> inputs, int64_t element) const;

  // Whether the only output is the first input's memory under another shape, so that nothing need be computed.
  virtual bool IsView() const { return false; }

  // How two nodes become one pass over memory: an operation that changes each pixel of one input by itself, with
  // nothing else but the same place of its other inputs, can be the epilogue of the operation that writes that input.
  // No pair of operations is known to the graph.
  virtual bool TakesEpilogue(std::span<const TensorType> inputs) const;
  virtual FusedEpilogue AsEpilogue(std::span<const TensorType> inputs, size_t written) const;  // empty: it cannot
  // Where all that it does to its only input, of float32, is to hold it within these.
  virtual std::optional<Limits> AsLimits() const { return std::nullopt; }
};

// Rules that operations share; both throw Error.
void CheckInputCount(std::span<const TensorType> inputs, size_t least, size_t most);
void CheckFloating(std::span<const TensorType> inputs);  // all float32 or all float64

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_OPERATION_H_
