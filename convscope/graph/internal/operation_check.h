// Tests run one operation on a few numbers and hold its explanations against what it computes. Not for users.
#ifndef CONVSCOPE_GRAPH_INTERNAL_OPERATION_CHECK_H_
#define CONVSCOPE_GRAPH_INTERNAL_OPERATION_CHECK_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "convscope/base/parallel.h"
#include "convscope/graph/graph.h"
#include "convscope/graph/trace.h"

namespace convscope {

// vector<bool> has no memory to be copied from.
template <typename T>
Tensor TensorOf(Shape shape, const std::vector<T>& values) {
  Tensor tensor(shape, DTypeOf<T>());
  EXPECT_EQ(shape.NumElements(), static_cast<int64_t>(values.size()));
  for (size_t i = 0; i < values.size(); ++i) tensor.data<T>()[i] = values[i];
  return tensor;
}

template <typename T>
std::vector<T> ValuesOf(const Tensor& tensor) {
  const auto span = tensor.view<T>().span();
  return {span.begin(), span.end()};
}

// A graph of inputs x0, x1, ... and one node with outputs y0, y1, ....
inline Graph OneOperation(const OperationPtr& operation, const std::vector<TensorType>& types) {
  GraphBuilder builder;
  std::vector<std::string> inputs, outputs;
  for (const TensorType& type : types) {
    inputs.push_back("x" + std::to_string(inputs.size()));
    builder.Input(inputs.back(), type);
  }
  for (size_t i = 0; i < operation->Infer(types).size(); ++i) outputs.push_back("y" + std::to_string(i));
  builder.Add("node", operation, inputs, outputs);
  return builder.Build();
}

// The outputs of the operation; those of one thread and of three are the same bits.
inline std::vector<Tensor> Computed(const OperationPtr& operation, const std::vector<SharedTensor>& inputs) {
  std::vector<TensorType> types;
  NamedTensors named;
  for (const SharedTensor& input : inputs) {
    named["x" + std::to_string(types.size())] = input;
    types.push_back({input->shape(), input->dtype()});
  }
  const Model model(OneOperation(operation, types), {});
  std::vector<Tensor> outputs;
  for (const int threads : {3, 1}) {
    SetThreadCount(threads);
    const Trace trace(model, named);
    for (size_t i = 0; i < operation->Infer(types).size(); ++i) {
      const Tensor& output = trace["y" + std::to_string(i)];
      if (threads == 3) {
        outputs.push_back(output.Clone());
      } else {
        EXPECT_EQ(std::memcmp(output.bytes(), outputs[i].bytes(), static_cast<size_t>(output.SizeInBytes())), 0);
      }
    }
  }
  SetThreadCount(0);
  return outputs;
}

// Every element of the only output is what Explain says of it, and depends on what Reads says: Explain takes its terms
// from nowhere else.
inline void ExpectExplained(const OperationPtr& operation, const std::vector<SharedTensor>& inputs) {
  const std::vector<Tensor> outputs = Computed(operation, inputs);
  ASSERT_EQ(outputs.size(), 1u);
  std::vector<const Tensor*> plain;
  std::vector<TensorType> types;
  for (const SharedTensor& input : inputs) {
    plain.push_back(input.get());
    types.push_back({input->shape(), input->dtype()});
  }
  const std::vector<InputReads> reads = operation->Reads(types);
  ASSERT_EQ(reads.size(), inputs.size());
  for (int64_t i = 0; i < outputs[0].size(); ++i) {
    const auto told = operation->Explain(plain, i);
    ASSERT_TRUE(told.has_value());
    const double value = ElementOf(outputs[0], i);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(told->value)) << "element " << i;
    } else if (std::isinf(value)) {
      EXPECT_EQ(value, told->value) << "element " << i;
    } else {
      EXPECT_NEAR(value, told->value, told->tolerance) << "element " << i;
    }
    EXPECT_FALSE(told->formula.empty());
    for (const ArithmeticTerm& term : told->terms) {
      const auto read = ElementsRead(reads[static_cast<size_t>(term.input)],
                                     types[static_cast<size_t>(term.input)].shape, outputs[0].shape(), i);
      EXPECT_TRUE(std::find(read.begin(), read.end(), term.element) != read.end()) << "element " << i;
    }
  }
}

}  // namespace convscope

#endif  // CONVSCOPE_GRAPH_INTERNAL_OPERATION_CHECK_H_
