#include "convscope/graph/add_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "convscope/base/error.h"
#include "convscope/graph/conv_operation.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/run.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph SumOf(const std::vector<Shape>& shapes, DType dtype = DType::kFloat32) {
  GraphBuilder builder;
  std::vector<std::string> names;
  for (const Shape& shape : shapes) {
    names.push_back("x" + std::to_string(names.size()));
    builder.Input(names.back(), {shape, dtype});
  }
  builder.Add("y", AddOp{}, names);
  return builder.Build();
}

TEST(AddOperation, RepeatsAxesOfLengthOne) {
  const Trace trace(Model(SumOf({{2, 2}, {2, 1}, {2}}), {}), {{"x0", Share(Tensor::Of({2, 2}, {1, 2, 3, 4}))},
                                                              {"x1", Share(Tensor::Of({2, 1}, {10, 100}))},
                                                              {"x2", Share(Tensor::Of({2}, {1, -1}))}});
  EXPECT_THAT(trace["y"].view().span(), ElementsAre(12, 11, 104, 103));
}

TEST(AddOperation, HasTheGradientsOfDifferences) {
  const std::vector<std::vector<Shape>> cases = {
      {{2, 3}, {2, 3}}, {{2, 3}, {2, 3}, {2, 3}}, {{2, 3, 2, 4}, {4}},          {{4}, {2, 3, 4}},
      {{2, 3, 4}, {}},  {{1, 3, 1}, {2, 1, 4}},   {{2, 3, 4}, {4}, {3, 1}, {}},
  };
  for (const std::vector<Shape>& shapes : cases) {
    ExpectGradientsMatchDifferences(SumOf(shapes), "y");
    // A few roundings; sums are in double. Where nothing is repeated, all gradients are the one that came.
    if (shapes[0] != shapes[1]) ExpectFloatMatchesDouble(SumOf(shapes), "y", 16);
  }
}

TEST(AddOperation, SumsIntegersThatWrapAround) {
  Tensor a({2}, DType::kInt32), b({1}, DType::kInt32);
  a.data<int32_t>()[0] = std::numeric_limits<int32_t>::max();
  a.data<int32_t>()[1] = 5;
  b.data<int32_t>()[0] = 1;
  const Trace trace(Model(SumOf({{2}, {1}}, DType::kInt32), {}),
                    {{"x0", Share(std::move(a))}, {"x1", Share(std::move(b))}});
  EXPECT_THAT(trace["y"].view<int32_t>().span(), ElementsAre(std::numeric_limits<int32_t>::min(), 6));
}

TEST(AddOperation, TellsWhichElementsOfARepeatedInputItReads) {
  const OperationPtr add = AddOp{};
  const std::vector<TensorType> types = {{{2, 3, 4}}, {{3, 1}}};
  const std::vector<InputReads> reads = add->Reads(types);
  EXPECT_THAT(ElementsRead(reads[0], {2, 3, 4}, {2, 3, 4}, 17), ElementsAre(17));
  EXPECT_THAT(ElementsRead(reads[1], {3, 1}, {2, 3, 4}, 17), ElementsAre(1));
  const Tensor x = Tensor::Of({2, 2}, {1, 2, 3, 4}), bias = Tensor::Of({2}, {10, 20});
  const std::vector<const Tensor*> inputs = {&x, &bias};
  const auto sum = add->Explain(inputs, 2);
  ASSERT_TRUE(sum.has_value());
  EXPECT_EQ(sum->value, 13);
  EXPECT_EQ(sum->terms[1].element, 0);
}

// Written in one pass, the bits are those of two.
TEST(AddOperation, JoinsTheOperationBeforeIt) {
  for (const Shape& other : {Shape{1, 5, 5, 6}, Shape{6}, Shape{1, 1, 6}}) {
    GraphBuilder builder;
    builder.Input("x", {{1, 5, 5, 3}});
    builder.Input("kernel", {{3, 3, 3, 6}});
    builder.Input("other", {other});
    builder.Add("conv", ConvOp{.padding = {Padding::Same()}}, {"x", "kernel"});
    builder.Add("y", AddOp{}, {"other", "conv"});
    const Model model(builder.Build(), {});
    Random random(1, "epilogue");
    NamedTensors inputs;
    for (const char* name : {"x", "kernel", "other"}) {
      Tensor tensor(model.graph()[name].type.shape);
      for (float& value : tensor.view().span()) value = random.Normal();
      inputs[name] = Share(std::move(tensor));
    }
    convscope::Run run(model, {"y"});
    EXPECT_EQ(run.StepCount(), 1);
    run(inputs);
    const Trace trace(model, inputs);
    for (int64_t i = 0; i < trace["y"].size(); ++i) ASSERT_EQ(run["y"].data()[i], trace["y"].data()[i]) << i;
  }
}

TEST(AddOperation, RefusesShapesAndTypesThatDiffer) {
  EXPECT_THAT([] { SumOf({{2, 3}, {2, 4}}); }, ThrowsMessage<Error>(HasSubstr("(2, 3) and (2, 4)")));
  EXPECT_THAT([] { SumOf({{2, 3}}); }, ThrowsMessage<Error>(HasSubstr("at least 2")));
  EXPECT_THAT([] { SumOf({{2}, {2}}, DType::kBool); }, ThrowsMessage<Error>(HasSubstr("(2,) bool")));
}

}  // namespace
}  // namespace convscope
