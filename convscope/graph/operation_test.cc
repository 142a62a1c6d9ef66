// Every operation, run in float32 by its fast kernel and in float64 by its reference.
#include "convscope/graph/operation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "convscope/base/random.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/loss_operation.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"

namespace convscope {
namespace {

// An operation and shapes that it takes. A new operation gets a line here.
struct Specimen {
  OperationPtr operation;
  std::vector<Shape> inputs;
};

std::vector<Specimen> Specimens() {
  std::vector<Specimen> list = {
      {ConvOp{}, {{1, 9, 8, 3}, {3, 3, 3, 5}}},
      {ConvOp{.strides = {2}, .padding = {Padding::Same()}}, {{2, 9, 8, 3}, {3, 3, 3, 5}, {5}}},
      {ConvOp{.padding = {Padding::Same()}, .pad_mode = PadMode::kReflect, .groups = 3}, {{1, 9, 8, 3}, {3, 3, 1, 3}}},
      {ConvOp{.dilations = {2}, .flip_kernel = true}, {{1, 9, 8, 1}, {3, 3, 1, 1}, {1}}},
      {ConvOp{.padding = {Padding::Explicit(2, 1)}, .pad_mode = PadMode::kEdge}, {{2, 9, 2}, {4, 2, 3}}},
      {ConvOp{.padding = {Padding::Same()}, .pad_mode = PadMode::kWrap}, {{1, 4, 5, 6, 2}, {3, 3, 3, 2, 2}}},
      {PoolOp{.kind = PoolKind::kMax, .sizes = {3}, .strides = {2}, .padding = {Padding::Same()}}, {{2, 9, 8, 3}}},
      {PoolOp{.kind = PoolKind::kAverage, .sizes = {2, 3}, .padding = {Padding::Same()}}, {{2, 9, 8, 3}}},
      {PoolOp{.kind = PoolKind::kAverage, .sizes = {3}, .ceil_mode = true}, {{1, 8, 2}}},
      {PoolOp{.kind = PoolKind::kMax, .sizes = {2}, .strides = {1}}, {{1, 4, 5, 6, 2}}},
      {DenseOp{}, {{4, 7}, {7, 5}, {5}}},
      {ConvTransposeOp{.strides = {2}, .padding = {Padding::Same()}}, {{2, 4, 5, 3}, {3, 3, 2, 3}, {2}}},
      {AddOp{}, {{2, 3}, {2, 3}, {2, 3}}},
      {ReshapeOp{{3, -1}}, {{2, 3, 4}}},
      {GlobalPoolOp{.kind = PoolKind::kAverage}, {{2, 9, 8, 3}}},
      {GlobalPoolOp{.kind = PoolKind::kMax, .keep_axes = true}, {{2, 9, 8, 3}}},
      {TransposeOp{{0, 3, 1, 2}}, {{2, 9, 8, 3}}},
      {PadOp{.before = {0, 1, 2, 0}, .after = {0, 0, 1, 0}, .value = 0.5}, {{2, 9, 8, 3}}},
      {PadOp{.before = {0, 1, 2, 0}, .after = {0, 0, 1, 0}, .mode = PadMode::kReflect}, {{2, 9, 8, 3}}},
      {CropOp{.before = {0, 1, 2, 0}, .after = {0, 0, 1, 1}}, {{2, 9, 8, 3}}},
      {UpSampleOp{.sizes = {2, 3}}, {{2, 3, 4, 3}}},
      {UpSampleOp{.interpolation = UpSampleOp::Interpolation::kBilinear}, {{2, 3, 4, 3}}},
      {ConcatOp{}, {{2, 3, 4, 3}, {2, 3, 4, 5}}},
      {MultiplyOp{}, {{2, 3, 4, 3}, {2, 1, 1, 3}}},
      {ScaleOp{.scale = 3, .offset = -1}, {{2, 3, 4, 3}}},
      {PReluOp{}, {{2, 3, 4, 3}, {1, 1, 3}}},
      {DropoutOp{}, {{2, 3, 4, 3}}},
      {LayerNormalizationOp{}, {{2, 3, 4, 7}, {7}, {7}}},
      {LocalResponseNormalizationOp{.alpha = 1}, {{2, 3, 4, 7}}},
      {LossOp{.kind = LossKind::kBinaryCrossEntropy, .from_logits = true}, {{5, 7}, {5, 7}}},
      {LossOp{.kind = LossKind::kCategoricalCrossEntropy, .from_logits = true}, {{5, 7}, {5, 7}, {5}}},
  };
  for (const std::string& name : ActivationNames()) {
    list.push_back({ActivationOp{ParseActivation(name)}, {{2, 5, 7, 3}}});
  }
  return list;
}

template <typename T>
Tensor Compute(const Specimen& specimen, const std::vector<std::vector<float>>& values) {
  std::vector<TensorType> types;
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < specimen.inputs.size(); ++i) {
    types.push_back({specimen.inputs[i], DTypeOf<T>()});
    tensors.emplace_back(types[i].shape, types[i].dtype);
    std::copy(values[i].begin(), values[i].end(), tensors[i].template data<T>());
  }
  const TensorType type = specimen.operation->Infer(types).at(0);
  Tensor output(type.shape, type.dtype);
  std::vector<const void*> sources;
  std::vector<const Tensor*> constants;
  for (const Tensor& tensor : tensors) {
    sources.push_back(tensor.bytes());
    constants.push_back(constants.empty() ? nullptr : &tensor);
  }
  void* target = output.bytes();
  (*specimen.operation->Prepare(types, constants, {}))(sources, {&target, 1});
  return output;
}

TEST(OperationTest, EveryOperationAgreesWithItsReferenceInDouble) {
  for (const Specimen& specimen : Specimens()) {
    SCOPED_TRACE(std::string(specimen.operation->type()) + " on " + specimen.inputs[0].ToString());
    Random random(7, "operation test");
    std::vector<std::vector<float>> values;
    for (const Shape& shape : specimen.inputs) {
      values.emplace_back(static_cast<size_t>(shape.NumElements()));
      for (float& value : values.back()) value = random.Uniform(-2, 2);
    }
    const Tensor fast = Compute<float>(specimen, values);
    const Tensor exact = Compute<double>(specimen, values);
    ASSERT_EQ(fast.shape(), exact.shape());
    ASSERT_EQ(fast.dtype(), DType::kFloat32);
    // A sum of n products of values up to 2 is off by at most n * epsilon * n * 4; the longest here has 54 terms. The
    // activations are good to some epsilons of values up to exp(2).
    for (int64_t i = 0; i < fast.size(); ++i) {
      ASSERT_NEAR(fast.data()[i], exact.data<double>()[i], 54 * 54 * 4 * 6e-8) << "element " << i;
    }
  }
}

TEST(OperationTest, TypesAreNamesOfTheirOwn) {
  std::vector<std::string> types;
  for (const Specimen& specimen : Specimens()) types.emplace_back(specimen.operation->type());
  for (const char* expected : {"Conv", "MaxPool", "AveragePool", "Relu", "LeakyRelu", "HardSigmoid", "Softmax"}) {
    EXPECT_NE(std::find(types.begin(), types.end(), expected), types.end()) << expected;
  }
}

TEST(OperationTest, ADeltaImageTellsConvolutionFromCorrelation) {
  Tensor delta = Tensor::Zeros({1, 3, 3, 1});
  delta.data()[4] = 1;
  const Tensor kernel = Tensor::Of({3, 3, 1, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  for (const bool flip : {false, true}) {
    const OperationPtr conv = ConvOp{.padding = {Padding::Same()}, .flip_kernel = flip};
    const std::vector<TensorType> types = {{delta.shape()}, {kernel.shape()}};
    const std::vector<const Tensor*> constants = {nullptr, &kernel};
    const std::vector<const void*> sources = {delta.bytes(), kernel.bytes()};
    Tensor output(Shape{1, 3, 3, 1});
    void* target = output.bytes();
    (*conv->Prepare(types, constants, {}))(sources, {&target, 1});
    for (int i = 0; i < 9; ++i) EXPECT_EQ(output.data()[i], static_cast<float>(flip ? i + 1 : 9 - i));
  }
}

}  // namespace
}  // namespace convscope
