// What a node of a graph computes.
//
// An Operation is immutable and knows no tensor: from the types of its inputs it tells the types of its outputs and
// its cost, and it makes ready the code that computes them. Each family of operations is one file beside this one: a
// plain struct of attributes that converts to OperationPtr. Nothing else in the graph knows which operations exist.
#ifndef CONVSCOPE_GRAPH_OPERATION_H_
#define CONVSCOPE_GRAPH_OPERATION_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "convscope/kernels/conv.h"
#include "convscope/tensor/tensor.h"

namespace convscope {

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

// An operation made ready for tensors of fixed types: its algorithm chosen, its parameters packed. Immutable, so one
// object serves many threads and many calls.
class PreparedOperation {
 public:
  virtual ~PreparedOperation() = default;

  // Elements of the inputs and outputs, in the order and of the types that Prepare was told; outputs are not
  // initialised and overlap nothing. An input that was given to Prepare as a constant is not read again.
  virtual void operator()(std::span<const void* const> inputs, std::span<void* const> outputs) const = 0;

  // The algorithm taken where there is a choice, for example "separable"; else "".
  virtual std::string_view path() const { return ""; }
};

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
  virtual std::unique_ptr<const PreparedOperation> Prepare(std::span<const TensorType> inputs,
                                                           std::span<const Tensor* const> constants,
                                                           Epilogue epilogue) const = 0;

  // How two nodes become one pass over memory: an operation that changes each pixel of its only input by itself can be
  // the epilogue of one that writes pixels. No pair of operations is known to the graph.
  virtual bool TakesEpilogue(std::span<const TensorType> inputs) const;
  virtual Epilogue AsEpilogue(const TensorType& input) const;  // empty: it cannot
};

using OperationPtr = std::shared_ptr<const Operation>;

// Rules that operations share; both throw Error.
void CheckInputCount(std::span<const TensorType> inputs, size_t least, size_t most);
void CheckFloating(std::span<const TensorType> inputs);  // all float32 or all float64

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_OPERATION_H_
