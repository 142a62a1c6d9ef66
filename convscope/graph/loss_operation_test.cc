#include "convscope/graph/loss_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/trace.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Tensor Labels(Shape shape, std::initializer_list<int32_t> values) {
  Tensor tensor(shape, DType::kInt32);
  std::copy(values.begin(), values.end(), tensor.data<int32_t>());
  return tensor;
}

Graph LossGraph(const LossOp& op, const Shape& p, const TensorType& target, bool weighted = false) {
  GraphBuilder builder;
  builder.Input("p", {p});
  builder.Input("t", target);
  if (weighted) builder.Input("w", {{p[0]}});
  builder.Add("loss", op, weighted ? std::vector<std::string>{"p", "t", "w"} : std::vector<std::string>{"p", "t"});
  return builder.Build();
}

std::vector<float> Losses(const LossOp& op, Tensor p, Tensor target) {
  const Graph graph = LossGraph(op, p.shape(), {target.shape(), target.dtype()});
  const Trace trace(Model(graph, {}), {{"p", Share(std::move(p))}, {"t", Share(std::move(target))}});
  const auto values = trace["loss"].view().span();
  return {values.begin(), values.end()};
}

void ExpectNear(const std::vector<float>& got, const std::vector<double>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 4e-7 * std::max(1.0, std::abs(want[i]))) << i;
}

// The examples of Keras' documentation (keras.io/api/losses), whose means are given in brackets.
TEST(LossOperation, GivesTheNumbersOfKerasDocumentation) {
  ExpectNear(Losses({.kind = LossKind::kBinaryCrossEntropy}, Tensor::Of({2, 2}, {0.6f, 0.4f, 0.4f, 0.6f}),
                    Tensor::Of({2, 2}, {0, 1, 0, 0})),
             {0.916290731874155, 0.713558177820073});  // [0.815]
  ExpectNear(Losses({.kind = LossKind::kBinaryCrossEntropy, .from_logits = true},
                    Tensor::Of({2, 2}, {-18.6f, 0.51f, 2.94f, -12.8f}), Tensor::Of({2, 2}, {0, 1, 0, 0})),
             {std::log1p(std::exp(-0.51)) / 2 + std::log1p(std::exp(-18.6)) / 2,
              (2.94 + std::log1p(std::exp(-2.94)) + std::log1p(std::exp(-12.8))) / 2});
  const Tensor p = Tensor::Of({2, 3}, {0.05f, 0.95f, 0, 0.1f, 0.8f, 0.1f});
  ExpectNear(Losses({.kind = LossKind::kCategoricalCrossEntropy}, p.Clone(), Tensor::Of({2, 3}, {0, 1, 0, 0, 0, 1})),
             {0.0512932943875505, 2.30258509299405});  // [1.177]
  ExpectNear(Losses({.kind = LossKind::kSparseCategoricalCrossEntropy}, p.Clone(), Labels({2}, {1, 2})),
             {0.0512932943875505, 2.30258509299405});  // [1.177]
  const Tensor t = Tensor::Of({2, 2}, {0, 1, 0, 0});
  ExpectNear(Losses({.kind = LossKind::kMeanSquaredError}, Tensor::Of({2, 2}, {1, 1, 1, 0}), t.Clone()), {0.5, 0.5});
  ExpectNear(Losses({.kind = LossKind::kMeanAbsoluteError}, Tensor::Of({2, 2}, {1, 1, 1, 0}), t.Clone()), {0.5, 0.5});
  ExpectNear(Losses({.kind = LossKind::kHuber}, Tensor::Of({2, 2}, {0.6f, 0.4f, 0.4f, 0.6f}), t.Clone()),
             {0.18, 0.13});  // [0.155]
  ExpectNear(Losses({.kind = LossKind::kHinge}, Tensor::Of({2, 2}, {0.6f, 0.4f, 0.4f, 0.6f}), t.Clone()),
             {1.1, 1.5});  // [1.3]
  ExpectNear(Losses({.kind = LossKind::kKlDivergence}, Tensor::Of({2, 2}, {0.6f, 0.4f, 0.4f, 0.6f}), t.Clone()),
             {std::log(1 / 0.4) + 1e-7 * std::log(1e-7 / 0.6), 1e-7 * (std::log(1e-7 / 0.4) + std::log(1e-7 / 0.6))});
}

TEST(LossOperation, TakesTheSlopeOfHuberBeyondDelta) {
  // |e| = 3 with delta 2: 2 * 3 - 2 = 4; |e| = 1: 1/2.
  ExpectNear(Losses({.kind = LossKind::kHuber, .delta = 2}, Tensor::Of({1, 2}, {3, 1}), Tensor::Of({1, 2}, {0, 0})),
             {2.25});
}

TEST(LossOperation, LeavesHingeTargetsAloneUnlessAllAreBinary) {
  const LossOp hinge{.kind = LossKind::kHinge};
  ExpectNear(Losses(hinge, Tensor::Of({2, 1}, {0.5f, 0.5f}), Tensor::Of({2, 1}, {-1, 1})), {1.5, 0.5});
  ExpectNear(Losses(hinge, Tensor::Of({2, 1}, {0.5f, 0.5f}), Tensor::Of({2, 1}, {0, 1})), {1.5, 0.5});
  ExpectNear(Losses(hinge, Tensor::Of({2, 1}, {0.5f, 0.5f}), Tensor::Of({2, 1}, {0, -1})), {1, 1.5});
}

TEST(LossOperation, FusesSoftmaxWithoutLosingDigits) {
  const LossOp op{.kind = LossKind::kSparseCategoricalCrossEntropy, .from_logits = true};
  // Of 1000 and 0: log(e^0 + e^-1000) = 0, and 1000. Equal logits: log C. No class at all: -infinity.
  const float no = -std::numeric_limits<float>::infinity();
  ExpectNear(Losses(op, Tensor::Of({4, 2}, {1000, 0, 1000, 0, 7, 7, 3, no}), Labels({4, 1}, {0, 1, 1, 0})),
             {0, 1000, std::log(2.0), 0});
  // Label smoothing 0.1 of two classes: 0.95 and 0.05.
  ExpectNear(Losses({.kind = op.kind, .from_logits = true, .label_smoothing = 0.1}, Tensor::Of({1, 2}, {2, 0}),
                    Labels({1}, {0})),
             {std::log1p(std::exp(-2.0)) + 0.05 * 2});
}

TEST(LossOperation, FusesTheSigmoidWithoutOverflow) {
  ExpectNear(Losses({.kind = LossKind::kBinaryCrossEntropy, .from_logits = true}, Tensor::Of({3, 1}, {500, -500, -500}),
                    Tensor::Of({3, 1}, {1, 1, 0})),
             {0, 500, 0});
}

TEST(LossOperation, AveragesPositionsAndWeighsSamples) {
  const LossOp op{.kind = LossKind::kMeanSquaredError};
  const Graph graph = LossGraph(op, {2, 2, 2}, {{2, 2, 2}}, true);
  const Trace trace(Model(graph, {}), {{"p", Share(Tensor::Of({2, 2, 2}, {1, 2, 3, 4, 1, 1, 1, 1}))},
                                       {"t", Share(Tensor::Zeros({2, 2, 2}))},
                                       {"w", Share(Tensor::Of({2}, {2, 0.5f}))}});
  EXPECT_FLOAT_EQ(trace["loss"].data()[0], 2 * 7.5f);
  EXPECT_FLOAT_EQ(trace["loss"].data()[1], 0.5f);
}

TEST(LossOperation, HasTheGradientsOfDifferences) {
  for (const std::string& name : LossNames()) {
    for (const bool logits : {false, true}) {
      SCOPED_TRACE(name + (logits ? " from logits" : ""));
      const LossKind kind = ParseLossKind(name);
      const bool sparse = kind == LossKind::kSparseCategoricalCrossEntropy;
      const bool smooth = sparse || kind == LossKind::kCategoricalCrossEntropy || kind == LossKind::kBinaryCrossEntropy;
      if (logits && !smooth) continue;
      const LossOp op{.kind = kind,
                      .from_logits = logits,
                      .label_smoothing = smooth ? 0.1 : 0,
                      .delta = kind == LossKind::kHuber ? 0.3 : 1};
      const Shape shape{3, 2, 4};
      const TensorType target = sparse ? TensorType{{3, 2}, DType::kInt32} : TensorType{shape};
      const Graph graph = LossGraph(op, shape, target, true);
      NamedTensors given;
      if (sparse) given["t"] = Share(Labels({3, 2}, {0, 3, 1, 1, 2, 0}));
      // Probabilities where they are wanted, away from where they are held.
      ExpectGradientsMatchDifferences(graph, "loss", given, 0.05, 0.9, {"t", "w"});
      // Eight sums of up to 4 terms, an activation of 4 units, and the sum, the quotient and the product around them.
      ExpectFloatMatchesDouble(graph, "loss", 64, given, 0.05f, 0.9f);
    }
  }
}

TEST(LossOperation, PassesNoGradientWhereAProbabilityIsHeld) {
  const Graph graph = LossGraph({.kind = LossKind::kBinaryCrossEntropy}, {1, 3}, {{1, 3}});
  const GradientTrace gradients(
      Model(graph, {}), {{"p", Share(Tensor::Of({1, 3}, {0, 1, 0.5f}))}, {"t", Share(Tensor::Of({1, 3}, {1, 1, 1}))}},
      "loss", Share(Tensor::Of({1}, {3})));
  EXPECT_THAT(gradients["p"].view().span(), ::testing::ElementsAre(0, 0, -2));
  EXPECT_FALSE(gradients.Has("t"));
}

TEST(LossOperation, TellsWhichTargetNamesNoClass) {
  const LossOp op{.kind = LossKind::kSparseCategoricalCrossEntropy, .from_logits = true};
  for (const int32_t label : {-1, 3}) {
    EXPECT_THAT(
        [&] {
          Losses(op, Tensor::Zeros({2, 2, 3}), Labels({2, 2}, {0, 1, label, 2}));
        },
        ThrowsMessage<Error>(AllOf(HasSubstr("sample 1"), HasSubstr("0 to 2"), HasSubstr(std::to_string(label)))));
  }
}

TEST(LossOperation, RefusesWhatItCannotUse) {
  const auto expect = [](const LossOp& op, const TensorType& target, const char* text) {
    EXPECT_THAT([&] { LossGraph(op, {2, 3}, target); }, ThrowsMessage<Error>(HasSubstr(text)));
  };
  const TensorType same{{2, 3}};
  expect({.kind = LossKind::kMeanSquaredError, .from_logits = true}, same, "only a cross-entropy");
  expect({.kind = LossKind::kHuber, .label_smoothing = 0.1}, same, "smoothed");
  expect({.kind = LossKind::kHinge, .delta = 2}, same, "huber alone");
  expect({.label_smoothing = 1}, same, "below 1");
  expect({}, {{2, 4}}, "(2, 4) float32");
  expect({.kind = LossKind::kSparseCategoricalCrossEntropy}, same, "(2,) int32");
  EXPECT_THAT([] { ParseLossKind("mean_square_error"); }, ThrowsMessage<Error>(HasSubstr("mean_squared_error")));
}

}  // namespace
}  // namespace convscope
