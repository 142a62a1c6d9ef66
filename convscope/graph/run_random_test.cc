// Run against Trace on random graphs, forward and backward.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "convscope/base/random.h"
#include "convscope/base/text.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/add_operation.h"
#include "convscope/graph/batch_normalization_operation.h"
#include "convscope/graph/concat_operation.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/conv_transpose_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/gradient.h"
#include "convscope/graph/internal/fold.h"
#include "convscope/graph/multiply_operation.h"
#include "convscope/graph/pad_operation.h"
#include "convscope/graph/pool_operation.h"
#include "convscope/graph/rebuild.h"
#include "convscope/graph/reshape_operation.h"
#include "convscope/graph/run.h"
#include "convscope/graph/trace.h"
#include "convscope/graph/transpose_operation.h"
#include "convscope/graph/upsample_operation.h"

namespace convscope {
namespace {

using FastRun = Run;  // inside a test, Run is a method of the test

Tensor Noise(Shape shape, Random& random) {
  Tensor tensor(shape);
  for (float& value : tensor.view().span()) value = random.Uniform(-1, 1);
  return tensor;
}

int64_t Below(Random& random, int64_t limit) {
  return static_cast<int64_t>(random.Bits() % static_cast<uint32_t>(limit));
}

bool SameBits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<size_t>(a.SizeInBytes())) == 0;
}

// Up to ten nodes on one picture, each reading any tensor computed so far: chains, branches, dead ends, tensors read
// by many, views, and fusible pairs that somebody else looks into.
class RandomModel {
 public:
  explicit RandomModel(uint64_t seed) : random_(seed, "graph") {
    const TensorType picture{
        {1 + Below(random_, 2), 9 + Below(random_, 12), 9 + Below(random_, 12), 1 + Below(random_, 4)}};
    builder_.Input("input", picture);
    inputs_["input"] = Share(Noise(picture.shape, random_));
    tensors_ = {"input"};
    const int64_t nodes = 3 + Below(random_, 8);
    for (int64_t i = 0; i < nodes; ++i) {
      AddNode(Concat("node_", i));
      tensors_.push_back(Concat("node_", i));
    }
  }

  const Graph& graph() const { return builder_.graph(); }
  Model Build() const { return Model(builder_.Build(), parameters_); }
  const NamedTensors& inputs() const { return inputs_; }
  const NamedTensors& parameters() const { return parameters_; }

 private:
  void AddNode(const std::string& name) {
    // The newest tensor more often than not, so that graphs grow long.
    const std::string from = Below(random_, 3) > 0 ? tensors_.back() : AnyTensor();
    const Shape shape = graph()[from].type.shape;
    const int64_t channels = shape.back();
    const auto kinds = ActivationNames();
    switch (Below(random_, 12)) {
      case 0: {
        const bool depthwise = Below(random_, 2) == 0;
        const int64_t filters = depthwise ? channels * (1 + Below(random_, 2)) : 1 + Below(random_, 9);
        const OperationPtr conv = ConvOp{
            .strides = {1 + Below(random_, 2)}, .padding = {Padding::Same()}, .groups = depthwise ? channels : 1};
        return AddWithWeights(name, conv, from, {3, 3, depthwise ? 1 : channels, filters}, filters);
      }
      case 1: {
        const int64_t filters = 1 + Below(random_, 9);
        return AddWithWeights(name, DenseOp{}, from, {channels, filters}, filters);
      }
      case 2: {
        const int64_t filters = 1 + Below(random_, 5);
        const bool grows = shape[1] * shape[2] < 400 && Below(random_, 2) == 0;
        const OperationPtr transpose = ConvTransposeOp{.strides = {grows ? 2 : 1}, .padding = {Padding::Same()}};
        return AddWithWeights(name, transpose, from, {3, 3, filters, channels}, filters);
      }
      case 3: {
        const int64_t stride = 1 + Below(random_, 3);
        return builder_.Add(name,
                            PoolOp{.kind = Below(random_, 2) == 0 ? PoolKind::kMax : PoolKind::kAverage,
                                   .sizes = {2 + Below(random_, 2)},
                                   .strides = {stride},
                                   .padding = {Padding::Same()}},
                            {from});
      }
      case 4:
        // Rows for columns: another shape of the same memory, which everything here takes as well.
        return builder_.Add(name, ReshapeOp{{shape[0], shape[2], -1, channels}}, {from});
      case 5: {
        std::vector<std::string> terms = {from, from};
        const std::string other = AnyTensor();
        if (graph()[other].type.shape == shape) terms.push_back(other);
        return builder_.Add(name, AddOp{}, terms);
      }
      case 6:
        if (Below(random_, 2) == 0) return builder_.Add(name, DropoutOp{}, {from});
        return AddNormalization(name, from, channels);
      case 7:
        if (channels < 20) return builder_.Add(name, ConcatOp{}, {from, from});
        return builder_.Add(name, MultiplyOp{}, {from, from});
      case 8:
        return builder_.Add(name, TransposeOp{{0, 2, 1, 3}}, {from});
      case 9:
        if (shape[1] * shape[2] < 400) return builder_.Add(name, UpSampleOp{}, {from});
        return builder_.Add(name, PadOp{.before = {0, 1, 0, 0}, .after = {0, 0, 2, 0}}, {from});
      default:
        return builder_.Add(
            name, ActivationOp{ParseActivation(kinds[Below(random_, static_cast<int64_t>(kinds.size()))])}, {from});
    }
  }

  void AddWithWeights(const std::string& name, const OperationPtr& operation, const std::string& from, Shape kernel,
                      int64_t filters) {
    std::vector<std::string> inputs = {from, name + "/kernel"};
    builder_.Parameter(name + "/kernel", {kernel});
    parameters_[name + "/kernel"] = Share(Noise(kernel, random_));
    if (Below(random_, 4) > 0) {
      inputs.push_back(name + "/bias");
      builder_.Parameter(name + "/bias", {{filters}});
      parameters_[name + "/bias"] = Share(Noise({filters}, random_));
    }
    builder_.Add(name, operation, inputs);
  }

  void AddNormalization(const std::string& name, const std::string& from, int64_t channels) {
    std::vector<std::string> inputs = {from};
    for (const char* part : {"/gamma", "/beta", "/moving_mean", "/moving_variance"}) {
      inputs.push_back(name + part);
      builder_.Parameter(inputs.back(), {{channels}});
      Tensor values = Noise({channels}, random_);
      for (float& value : values.view().span()) value = std::abs(value) + 0.1f;  // as a variance has to be
      parameters_[inputs.back()] = Share(std::move(values));
    }
    builder_.Add(name, BatchNormalizationOp{}, inputs);
  }

  std::string AnyTensor() { return tensors_[Below(random_, static_cast<int64_t>(tensors_.size()))]; }

  Random random_;
  GraphBuilder builder_;
  NamedTensors parameters_, inputs_;
  std::vector<std::string> tensors_;
};

// Some of the tensors that nodes compute, the last among them, are asked for; called twice, a Run gives Trace's bits,
// those of a Trace of the folded model where a normalization went into a kernel (how far that is from the other,
// internal/fold_test.cc tells). Returns whether it took fewer steps than there are nodes.
bool ExpectTheBitsOfTrace(const Model& model, const NamedTensors& inputs, Random& random) {
  std::vector<std::string> outputs = {model.graph().tensors().back().name};
  for (const GraphTensor& tensor : model.graph().tensors()) {
    if (tensor.role == TensorRole::kComputed && Below(random, 4) == 0) outputs.push_back(tensor.name);
  }
  const FoldedModel folded = Fold(model, {outputs.begin(), outputs.end()});
  const Trace trace(folded.lines > 0 ? folded.model : model, inputs);
  FastRun run(model, outputs);
  for (int again = 0; again < 2; ++again) {
    run(inputs);
    for (const std::string& name : outputs) EXPECT_TRUE(SameBits(run[name], trace[name])) << "tensor " << name;
  }
  return run.StepCount() < static_cast<int64_t>(model.graph().nodes().size());
}

// A Trace of the model as it was given, where folding has no part. What it may differ by, internal/fold_test.cc tells
// of one operation; behind several a thousandth of the largest value is far from a wrong channel, line or neighbour.
void ExpectNearTrace(const Model& model, const NamedTensors& inputs) {
  const std::string& last = model.graph().tensors().back().name;
  const Trace trace(model, inputs);
  FastRun run(model, {last});
  run(inputs);
  float largest = 0;
  for (const float value : trace[last].view().span()) largest = std::max(largest, std::abs(value));
  for (int64_t i = 0; i < trace[last].size(); ++i) {
    ASSERT_NEAR(run[last].data()[i], trace[last].data()[i], 1e-3f * largest) << i;
  }
}

TEST(RunTest, GivesTheBitsOfTraceOnRandomGraphsForAnyChoiceOfOutputs) {
  int shortened = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const RandomModel random_model(seed);
    Random random(seed, "outputs");
    const Model model = random_model.Build();
    if (ExpectTheBitsOfTrace(model, random_model.inputs(), random)) ++shortened;
    ExpectNearTrace(model, random_model.inputs());
  }
  EXPECT_GT(shortened, 100);
}

// Half of them as a training step has them: nodes in their form for it, parameters as inputs. Gradients of all
// parameters are computed, but for the running means that gradients do not move.
TEST(RunTest, GivesTheBitsOfTraceOnRandomGraphsWithTheirGradients) {
  int nodes = 0;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    const RandomModel random_model(seed);
    const bool learns = seed % 2 == 0;
    GraphBuilder builder = Rebuild(random_model.graph(), {.parameters_as_inputs = learns, .training = learns}).builder;
    const std::string last = random_model.graph().nodes().back().name;
    const TensorType type = builder.graph()[last].type;
    builder.Input("seed", type);
    std::vector<std::string> wanted = {"input"};
    for (const auto& [name, value] : random_model.parameters()) {
      if (name.find("/moving_") == std::string::npos) wanted.push_back(name);
    }
    AddGradients(builder, {{last, "seed"}}, wanted);
    nodes += static_cast<int>(builder.graph().nodes().size());

    Random random(seed, "gradients");
    NamedTensors inputs = random_model.inputs();
    inputs["seed"] = Share(Noise(type.shape, random));
    if (builder.graph().Has("random_state")) inputs["random_state"] = Share(Tensor::Zeros({3}, DType::kInt64));
    if (learns) inputs.insert(random_model.parameters().begin(), random_model.parameters().end());
    ExpectTheBitsOfTrace(Model(builder.Build(), learns ? NamedTensors() : random_model.parameters()), inputs, random);
  }
  EXPECT_GT(nodes, 3000);
}

}  // namespace
}  // namespace convscope
