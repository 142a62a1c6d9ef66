// Small data sets and networks for tests: pictures that can be told apart, learned in moments. Not for users.
#ifndef CONVSCOPE_TRAIN_INTERNAL_BARS_H_
#define CONVSCOPE_TRAIN_INTERNAL_BARS_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/data/dataset.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/model.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {

// `count` pictures (6, 6, 1) of 4 classes: a bright bar, at rows 0, 2 (lying) or columns 0, 2 (standing), in noise.
inline Dataset Bars(int64_t count, uint64_t seed = 1) {
  Tensor images(Shape{count, 6, 6, 1}, DType::kUInt8);
  std::vector<int32_t> labels;
  for (int64_t n = 0; n < count; ++n) {
    Random random(seed, "bars", 0, static_cast<uint64_t>(n));
    const auto label = static_cast<int32_t>(random.Bits() % 4);
    const int64_t line = 2 * (label % 2) + static_cast<int64_t>(random.Bits() % 2);
    for (int64_t i = 0; i < 36; ++i) {
      const bool on = (label < 2 ? i / 6 : i % 6) == line;
      images.data<uint8_t>()[n * 36 + i] = static_cast<uint8_t>((on ? 150 : 0) + random.Bits() % 100);
    }
    labels.push_back(label);
  }
  return Dataset({.name = "bars", .images = std::move(images), .labels = std::move(labels)});
}

inline Tensor FirstWeights(Shape shape, double deviation, const std::string& name) {
  Tensor tensor(shape);
  Random random(7, name);
  for (float& value : tensor.view().span()) value = static_cast<float>(deviation) * random.Normal();
  return tensor;
}

// conv 3x3 to 4 channels, relu, max pool 2, flatten, dropout, dense to 4, softmax.
inline Model BarsNetwork(double dropout = 0) {
  GraphBuilder builder;
  builder.Input("input", {{1, 6, 6, 1}});
  builder.Parameter("conv/kernel", {{3, 3, 1, 4}});
  builder.Parameter("conv/bias", {{4}});
  builder.Parameter("dense/kernel", {{16, 4}});
  builder.Parameter("dense/bias", {{4}});
  builder.Add("conv/pre_activation", ConvOp{}, {"input", "conv/kernel", "conv/bias"});
  builder.Add("conv", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"conv/pre_activation"});
  builder.Add("pool", PoolOp{.kind = PoolKind::kMax, .sizes = {2}}, {"conv"});
  builder.Add("flatten", ReshapeOp{{0, -1}}, {"pool"});
  builder.Add("dropout", DropoutOp{.rate = dropout}, {"flatten"});
  builder.Add("dense/pre_activation", DenseOp{}, {"dropout", "dense/kernel", "dense/bias"});
  builder.Add("dense", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"dense/pre_activation"});
  return Model(builder.Build(), {{"conv/kernel", Share(FirstWeights({3, 3, 1, 4}, 0.3, "conv"))},
                                 {"conv/bias", Share(Tensor::Zeros({4}))},
                                 {"dense/kernel", Share(FirstWeights({16, 4}, 0.3, "dense"))},
                                 {"dense/bias", Share(Tensor::Zeros({4}))}});
}

}  // namespace convscope

#endif  // CONVSCOPE_TRAIN_INTERNAL_BARS_H_
