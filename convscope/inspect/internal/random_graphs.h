// Random graphs on one small picture, of every operation that a network is built of, for tests. Not for users.
#ifndef CONVSCOPE_INSPECT_INTERNAL_RANDOM_GRAPHS_H_
#define CONVSCOPE_INSPECT_INTERNAL_RANDOM_GRAPHS_H_

#include <string>
#include <utility>
#include <vector>

#include "convscope/base/error.h"
#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/crop_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/global_pool_operation.h"
#include "convscope/graph/layer_normalization_operation.h"
#include "convscope/graph/local_response_normalization_operation.h"
#include "convscope/graph/model.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/normalization_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/prelu_operation.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/scale_operation.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"

namespace convscope::internal {

// The input is "picture", the last tensor the deepest. Positive graphs are linear functions with positive weights and
// no offset: a pixel that can move a value does. The others have weights of both signs, biases, maxima and functions.
class RandomGraph {
 public:
  RandomGraph(uint64_t seed, bool positive)
      : random_(seed, positive ? "positive graph" : "graph"), positive_(positive) {
    builder_.Input("picture", {{1, 9 + Below(8), 9 + Below(8), 1 + Below(3)}});
    tensors_ = {"picture"};
    const int64_t nodes = 3 + Below(6);
    for (int64_t i = 0; i < nodes; ++i) {
      const std::string name = Concat("node_", i);
      const std::string from = Below(3) > 0 ? tensors_.back() : AnyTensor();
      // What does not fit this tensor (a window larger than the picture) is drawn again.
      for (bool added = false; !added;) {
        const size_t tensors = builder_.graph().tensors().size(), nodes_before = builder_.graph().nodes().size();
        try {
          positive_ || Below(2) == 0 ? AddLinear(name, from) : AddOther(name, from);
          added = builder_.graph()[name].type.shape.NumElements() > 0;
        } catch (const Error&) {
        }
        if (!added) builder_.RollBack(tensors, nodes_before);
      }
      tensors_.push_back(name);
    }
  }

  Model Build() {
    NamedTensors parameters;
    for (const GraphTensor& tensor : builder_.graph().tensors()) {
      if (tensor.role != TensorRole::kParameter) continue;
      const bool spread = tensor.name.ends_with("variance");
      const bool offset = tensor.name.ends_with("mean") || tensor.name.ends_with("beta");
      Tensor values(tensor.type.shape);
      for (float& value : values.view().span()) {
        value = positive_ && offset ? 0 : positive_ || spread ? random_.Uniform(0.5f, 1.5f) : random_.Uniform(-1, 1);
      }
      parameters[tensor.name] = Share(std::move(values));
    }
    return Model(builder_.Build(), std::move(parameters));
  }

  Tensor Picture() {
    Tensor picture(builder_.graph()["picture"].type.shape);
    for (float& value : picture.view().span()) value = random_.Uniform(-1, 1);
    return picture;
  }

  const std::string& last() const { return tensors_.back(); }
  int64_t Below(int64_t limit) { return static_cast<int64_t>(random_.Bits() % static_cast<uint32_t>(limit)); }

 private:
  std::string AnyTensor() { return tensors_[Below(static_cast<int64_t>(tensors_.size()))]; }

  Padding AnyPadding() {
    return Below(2) == 0 ? Padding::Same() : Below(2) == 0 ? Padding::Valid() : Padding::Explicit(Below(3), Below(3));
  }

  void AddWithParameters(const std::string& name, const OperationPtr& operation, const std::string& from,
                         const std::vector<std::pair<std::string, Shape>>& parameters) {
    std::vector<std::string> inputs = {from};
    for (const auto& [part, shape] : parameters) {
      inputs.push_back(name + "/" + part);
      builder_.Parameter(inputs.back(), {shape});
    }
    builder_.Add(name, operation, inputs);
  }

  void AddLinear(const std::string& name, const std::string& from) {
    const Shape x = builder_.graph()[from].type.shape;
    const int64_t channels = x.back();
    const bool bias = !positive_ && Below(2) == 0;
    const bool small = x[1] * x[2] < 300;
    switch (Below(14)) {
      case 0:
      case 1:
      case 2: {
        const int64_t groups = channels % 2 == 0 && Below(2) == 0 ? 2 : Below(3) == 0 ? channels : 1;
        const int64_t filters = groups * (1 + Below(2));
        const PadMode modes[] = {PadMode::kZero, PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap};
        const ConvOp conv{.strides = {1 + Below(3), 1 + Below(2)},
                          .dilations = {1 + Below(3)},
                          .padding = {AnyPadding()},
                          .pad_mode = modes[Below(5)],
                          .groups = groups,
                          .flip_kernel = Below(4) == 0};
        std::vector<std::pair<std::string, Shape>> parameters = {
            {"kernel", {1 + Below(3), 1 + Below(3), channels / groups, filters}}};
        if (bias) parameters.push_back({"bias", {filters}});
        return AddWithParameters(name, conv, from, parameters);
      }
      case 3: {
        const int64_t groups = channels % 2 == 0 && Below(2) == 0 ? 2 : 1, filters = groups * (1 + Below(2));
        const ConvTransposeOp conv{.strides = {small ? 1 + Below(2) : 1},
                                   .dilations = {1 + Below(2)},
                                   .padding = {AnyPadding()},
                                   .groups = groups};
        std::vector<std::pair<std::string, Shape>> parameters = {
            {"kernel", {1 + Below(3), 1 + Below(3), filters / groups, channels}}};
        if (bias) parameters.push_back({"bias", {filters}});
        return AddWithParameters(name, conv, from, parameters);
      }
      case 4:
      case 5:
        return builder_.Add(name,
                            PoolOp{.kind = PoolKind::kAverage,
                                   .sizes = {2 + Below(2)},
                                   .strides = {1 + Below(3)},
                                   // A window that steps over a small picture has the mean NaN.
                                   .dilations = {x[1] > 5 && x[2] > 5 ? 1 + Below(2) : 1},
                                   .padding = {Below(2) == 0 ? Padding::Same() : Padding::Valid()},
                                   .ceil_mode = Below(2) == 0,
                                   .count_include_pad = Below(2) == 0},
                            {from});
      case 6: {
        const std::string other = AnyTensor();
        const bool fits = builder_.graph()[other].type.shape == x;
        return builder_.Add(name, AddOp{}, {from, fits ? other : from});
      }
      case 7: {
        for (const std::string& other : tensors_) {
          const Shape other_shape = builder_.graph()[other].type.shape;
          if (other != from && other_shape[1] == x[1] && other_shape[2] == x[2] && channels < 8) {
            return builder_.Add(name, ConcatOp{}, {from, other});
          }
        }
        return builder_.Add(name, ConcatOp{.axis = small ? 1 : -1}, {from, from});
      }
      case 8:
        if (!small) throw Error({.rule = "small"});
        return builder_.Add(name,
                            UpSampleOp{.sizes = {2},
                                       .interpolation = Below(2) == 0 ? UpSampleOp::Interpolation::kNearest
                                                                      : UpSampleOp::Interpolation::kBilinear},
                            {from});
      case 9: {
        const PadMode modes[] = {PadMode::kZero, PadMode::kEdge, PadMode::kReflect, PadMode::kWrap};
        return builder_.Add(
            name,
            PadOp{.before = {0, Below(3), Below(3), 0}, .after = {0, Below(3), Below(3), 0}, .mode = modes[Below(4)]},
            {from});
      }
      case 10:
        return builder_.Add(name, CropOp{{0, Below(2), Below(3), 0}, {0, Below(3), Below(2), 0}}, {from});
      case 11:
        return builder_.Add(name, TransposeOp{{0, 2, 1, 3}}, {from});
      case 12:
        if (Below(3) > 0) return builder_.Add(name, DropoutOp{}, {from});
        if (Below(2) == 0) return builder_.Add(name, GlobalPoolOp{.keep_axes = true}, {from});
        return builder_.Add(name, ReshapeOp{{0, x[2], x[1], channels}}, {from});
      default: {
        const int64_t filters = 1 + Below(4);
        if (Below(2) == 0) return AddWithParameters(name, DenseOp{}, from, {{"kernel", {channels, filters}}});
        return AddWithParameters(
            name, BatchNormalizationOp{}, from,
            {{"gamma", {channels}}, {"beta", {channels}}, {"mean", {channels}}, {"variance", {channels}}});
      }
    }
  }

  void AddOther(const std::string& name, const std::string& from) {
    const Shape x = builder_.graph()[from].type.shape;
    const int64_t channels = x.back();
    switch (Below(9)) {
      case 0:
      case 1:
        return builder_.Add(name,
                            PoolOp{.kind = PoolKind::kMax,
                                   .sizes = {2 + Below(2)},
                                   .strides = {1 + Below(2)},
                                   .padding = {Below(2) == 0 ? Padding::Same() : Padding::Valid()},
                                   .ceil_mode = Below(2) == 0},
                            {from});
      case 2:
        if (Below(3) > 0) return builder_.Add(name, ActivationOp{MakeActivation(ActivationKind::kRelu)}, {from});
        return builder_.Add(name, GlobalPoolOp{.kind = PoolKind::kMax, .keep_axes = true}, {from});
      case 3:
        return builder_.Add(name, LocalResponseNormalizationOp{.size = 3, .alpha = 0.5}, {from});
      case 4:
        return AddWithParameters(name, LayerNormalizationOp{}, from, {{"gamma", {channels}}, {"beta", {channels}}});
      case 5:
        return AddWithParameters(name, PReluOp{}, from, {{"alpha", {1, 1, channels}}});
      case 6: {
        const std::string other = AnyTensor();
        const Shape shape = builder_.graph()[other].type.shape;
        const bool fits = shape == x || (shape[1] == 1 && shape[2] == 1 && shape.back() == channels);
        return builder_.Add(name, MultiplyOp{}, {from, fits ? other : from});
      }
      case 7:
        if (Below(2) == 0) return builder_.Add(name, ScaleOp{.scale = 0.7, .offset = -0.2}, {from});
        return AddWithParameters(name, NormalizationOp{}, from, {{"mean", {channels}}, {"variance", {channels}}});
      default: {
        const std::vector<std::string> names = ActivationNames();
        const std::string& kind = names[Below(static_cast<int64_t>(names.size()))];
        return builder_.Add(name, ActivationOp{ParseActivation(kind == "exponential" ? "sigmoid" : kind)}, {from});
      }
    }
  }

  Random random_;
  bool positive_;
  GraphBuilder builder_;
  std::vector<std::string> tensors_;
};

}  // namespace convscope::internal

#endif  // CONVSCOPE_INSPECT_INTERNAL_RANDOM_GRAPHS_H_
