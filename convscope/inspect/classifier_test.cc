#include "convscope/inspect/classifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "convscope/base/error.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/dense_operation.h"
#include "convscope/graph/dropout_operation.h"
#include "convscope/graph/reshape_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Classifying(bool softmax) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 2, 2, 1}});
  builder.Add("flat", ReshapeOp{}, {"picture"});
  builder.Parameter("kernel", {{4, 3}});
  builder.Add("scores", DenseOp{}, {"flat", "kernel"});
  if (softmax) builder.Add("classes", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"scores"});
  return builder.Build();
}

TEST(Classifier, LogitsAreWhatTheSoftmaxReads) {
  const ClassifierTensors found = FindClassifier(Classifying(true));
  EXPECT_EQ(found.output, "classes");
  EXPECT_EQ(found.logits, "scores");
  EXPECT_TRUE(found.probabilities);
  EXPECT_EQ(found.classes, 3);
}

TEST(Classifier, WithoutASoftmaxTheOutputIsItsLogits) {
  const ClassifierTensors found = FindClassifier(Classifying(false));
  EXPECT_EQ(found.output, "scores");
  EXPECT_EQ(found.logits, "scores");
  EXPECT_FALSE(found.probabilities);
}

// Scores (1, 1, 1, 3), `last` of them, and what that makes as a list.
Graph Flattened(ActivationKind last) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 1, 3}});
  builder.Add("scores", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"picture"});
  builder.Add("last", ActivationOp{MakeActivation(last)}, {"scores"});
  builder.Add("dropped", DropoutOp{}, {"last"});
  builder.Add("list", ReshapeOp{}, {"dropped"});
  return builder.Build();
}

TEST(Classifier, ASoftmaxMayBeGivenAnotherShapeAfterwards) {
  for (const ActivationKind kind : {ActivationKind::kSoftmax, ActivationKind::kSigmoid}) {
    const ClassifierTensors found = FindClassifier(Flattened(kind));
    EXPECT_EQ(found.output, "list");
    EXPECT_EQ(found.logits, "scores");
    EXPECT_TRUE(found.probabilities);
  }
  EXPECT_EQ(FindClassifier(Flattened(ActivationKind::kRelu)).logits, "list");
}

TEST(Classifier, LogarithmsOfProbabilitiesAreNone) {
  const ClassifierTensors found = FindClassifier(Flattened(ActivationKind::kLogSoftmax));
  EXPECT_EQ(found.logits, "scores");
  EXPECT_FALSE(found.probabilities);
}

TEST(Classifier, ASoftmaxOfPartsIsNoneOfTheWhole) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 1, 2, 3}});
  builder.Add("parts", ActivationOp{MakeActivation(ActivationKind::kSoftmax)}, {"picture"});
  builder.Add("list", ReshapeOp{}, {"parts"});
  const ClassifierTensors found = FindClassifier(builder.Build());
  EXPECT_EQ(found.logits, "list");
  EXPECT_FALSE(found.probabilities);
}

TEST(Classifier, OneRowAndOneColumnOfScoresAreClasses) {
  const auto found = [](const Shape& scores, ActivationKind last) {
    GraphBuilder builder;
    builder.Input("scores", {scores});
    builder.Add("last", ActivationOp{MakeActivation(last)}, {"scores"});
    return FindClassifier(builder.Build());
  };
  const ClassifierTensors softmax = found({2, 1, 1, 5}, ActivationKind::kSoftmax);
  EXPECT_EQ(softmax.classes, 5);
  EXPECT_EQ(softmax.logits, "scores");
  EXPECT_TRUE(softmax.probabilities);
  EXPECT_EQ(found({2, 1, 1, 5}, ActivationKind::kRelu).logits, "last");
  EXPECT_EQ(found({1, 5, 1, 1}, ActivationKind::kRelu).classes, 5);
  EXPECT_EQ(found({1, 1, 1, 1}, ActivationKind::kSigmoid).classes, 1);
  EXPECT_THROW(found({1, 2, 1, 5}, ActivationKind::kSoftmax), Error);
  EXPECT_THROW(found({5}, ActivationKind::kRelu), Error);
  EXPECT_THROW(found({1, 1, 1, 1, 5}, ActivationKind::kRelu), Error);
}

TEST(Classifier, AnOutputMayBeNamed) {
  EXPECT_EQ(FindClassifier(Classifying(true), {"scores"}).output, "scores");
}

TEST(Classifier, WhatIsNoListOfScoresIsRefused) {
  EXPECT_THROW(FindClassifier(Classifying(true), {"picture"}), Error);
  EXPECT_THAT(
      [] {
        FindClassifier(Classifying(true), {"scores", "classes"});
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("2 outputs"), HasSubstr("scores (1, 3), classes (1, 3)"))));
}

TEST(Classifier, AScoreThatIsNaNPredictsNoClass) {
  const ClassifierTensors three{.classes = 3}, logit{.classes = 1}, probability{.probabilities = true, .classes = 1};
  const float scores[] = {1, 4, 4}, broken[] = {1, std::nanf(""), 4}, quarter = 0.25f, nan = std::nanf("");
  EXPECT_EQ(PredictedClass(scores, three), 1);  // the first of equals
  EXPECT_EQ(PredictedClass(broken, three), std::nullopt);
  EXPECT_EQ(PredictedClass(&quarter, logit), 1);
  EXPECT_EQ(PredictedClass(&quarter, probability), 0);
  EXPECT_EQ(PredictedClass(&nan, logit), std::nullopt);
}

}  // namespace
}  // namespace convscope
