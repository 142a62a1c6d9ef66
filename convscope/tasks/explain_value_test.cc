#include "convscope/tasks/explain_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "convscope/figures/render.h"
#include "convscope/graph/activation_operation.h"
#include "convscope/graph/arg_max_operation.h"
#include "convscope/graph/cast_operation.h"
#include "convscope/graph/conv_operation.h"

namespace convscope {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A 4 x 4 picture of ones, two maps of it in the one kernel that is given, and what `add` makes of "maps".
template <typename Add>
ExplainedValue Explained(float first, float second, const Add& add, const ValuePlace& place) {
  GraphBuilder builder;
  builder.Input("picture", {{1, 4, 4, 1}});
  builder.Parameter("kernel", {{1, 1, 1, 2}});
  builder.Add("maps", ConvOp{}, {"picture", "kernel"});
  NamedTensors parameters = {{"kernel", Share(Tensor::Of({1, 1, 1, 2}, {first, second}))}};
  add(builder, parameters);
  Tensor picture(Shape{1, 4, 4, 1});
  for (float& pixel : picture.view().span()) pixel = 1;
  ExplainedValue value{.model = "small", .chain = {}};
  value.shown = {.source = "ones.png", .picture = picture.Clone().Reshaped({4, 4, 1})};
  const Model model(builder.Build(), std::move(parameters));
  value.trace = std::make_shared<const Trace>(model, NamedTensors{{"picture", Share(std::move(picture))}});
  value.chain = ExplainChain(*value.trace, place);
  value.field = ReceptivePixelsOf(model.graph(), place.tensor, place.element, "picture");
  value.steps = WalkBack(*value.trace, place);
  return value;
}

// Two groups of two channels each: the second one reads channels 2 and 3 of four.
ExplainedValue OfTheSecondGroup() {
  return Explained(1, 5,
                   [](GraphBuilder& builder, NamedTensors& parameters) {
                     builder.Parameter("four/kernel", {{1, 1, 2, 4}});
                     parameters["four/kernel"] = Share(Tensor::Of({1, 1, 2, 4}, {1, 2, 3, 4, 1, 2, 3, 4}));
                     builder.Add("four", ConvOp{}, {"maps", "four/kernel"});
                     builder.Parameter("grouped/kernel", {{3, 3, 2, 2}});
                     Tensor ones({3, 3, 2, 2});
                     for (float& weight : ones.view().span()) weight = 1;
                     parameters["grouped/kernel"] = Share(std::move(ones));
                     builder.Add("grouped", ConvOp{.groups = 2}, {"four", "grouped/kernel"});
                   },
                   {"grouped", 1});
}

TEST(ExplainValue, NumbersTheChannelsOfAGroupAsItsInputDoes) {
  const ExplainedValue value = OfTheSecondGroup();
  ASSERT_EQ(value.chain.size(), 1u);
  EXPECT_THAT(ExplainText(value), AllOf(HasSubstr("contributes most, 3 of 2 to 3:"), HasSubstr("channel 3  "),
                                        HasSubstr("channel 2  "), Not(HasSubstr("channel 1 "))));
  EXPECT_THAT(ExplainJson(value),
              AllOf(HasSubstr("\"channel\": 3"), HasSubstr("\"channel\": 2"), Not(HasSubstr("\"channel\": 1"))));
  bool drawn = false;
  const OwningFigure made = ExplainFigure(value);
  for (const Panel& panel : made.figure.rows.at(0)) drawn = drawn || panel.title == "four, channel 3";
  EXPECT_TRUE(drawn);
}

TEST(ExplainValue, DrawsMapsOfFloat64) {
  const ExplainedValue value =
      Explained(1, 5,
                [](GraphBuilder& builder, NamedTensors&) {
                  builder.Add("double", CastOp{.to = DType::kFloat64}, {"maps"});
                  builder.Add("rectified", ActivationOp{MakeActivation(ActivationKind::kRelu)}, {"double"});
                },
                {"rectified", 3});
  const OwningFigure made = ExplainFigure(value);
  const MapPlot* own = nullptr;
  for (const Panel& panel : made.figure.rows.at(0)) {
    if (panel.title == "rectified, channel 1") own = &std::get<MapPlot>(panel.content);
  }
  ASSERT_NE(own, nullptr);
  EXPECT_EQ(own->values[0], 5);
  EXPECT_NO_THROW(EncodePng(made.figure));
}

TEST(ExplainValue, SaysThatWholeNumbersAreNotExplainedFurther) {
  const ExplainedValue value = Explained(1, 5,
                                         [](GraphBuilder& builder, NamedTensors&) {
                                           builder.Add("place", ArgMaxOp{}, {"maps"});
                                           builder.Add("number", CastOp{}, {"place"});
                                         },
                                         {"number", 2});
  EXPECT_THAT(ExplainText(value), AllOf(HasSubstr("\nplace:0,2,0: its numbers are int64, not explained further\n"),
                                        HasSubstr("ArgMax, whose numbers are int64, not explained further")));
  EXPECT_THAT(ExplainJson(value), HasSubstr("\"end\": \"whose numbers are int64"));
  EXPECT_NO_THROW(EncodePng(ExplainFigure(value).figure));
}

TEST(ExplainValue, OfNaNTellsWhereItBegins) {
  const ExplainedValue value = Explained(1, std::nanf(""),
                                         [](GraphBuilder& builder, NamedTensors& parameters) {
                                           builder.Parameter("sum/kernel", {{1, 1, 2, 1}});
                                           parameters["sum/kernel"] = Share(Tensor::Of({1, 1, 2, 1}, {9, 1}));
                                           builder.Add("sum", ConvOp{}, {"maps", "sum/kernel"});
                                         },
                                         {"sum", 0});
  EXPECT_THAT(ExplainText(value),
              AllOf(HasSubstr("contributes most, 1 of 0 to 1:"),
                    HasSubstr("NaN from the next, a NaN among 2 products\n"), HasSubstr("maps:0,0,1")));
  EXPECT_NO_THROW(EncodePng(ExplainFigure(value).figure));
}

}  // namespace
}  // namespace convscope
