#include "convscope/graph/resize_operation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <sstream>

#include "convscope/base/error.h"
#include "convscope/base/internal/source_file_check.h"
#include "convscope/base/text.h"
#include "convscope/graph/internal/gradient_check.h"
#include "convscope/graph/internal/precision_check.h"
#include "convscope/graph/upsample_operation.h"

namespace convscope {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

Graph Of(const OperationPtr& operation, const Shape& x, DType dtype = DType::kFloat32) {
  GraphBuilder builder;
  builder.Input("x", {x, dtype});
  builder.Add("y", operation, {"x"});
  return builder.Build();
}

Tensor Through(const OperationPtr& operation, Tensor x) {
  const Graph graph = Of(operation, x.shape(), x.dtype());
  return Trace(Model(graph, {}), {{"x", Share(std::move(x))}})["y"].Clone();
}

void ExpectRefused(const OperationPtr& operation, const Shape& x, const char* text, DType dtype = DType::kFloat32) {
  EXPECT_THAT([&] { Of(operation, x, dtype); }, ThrowsMessage<Error>(HasSubstr(text)));
}

std::vector<double> Numbers(const std::string& text) {
  std::istringstream stream(text);
  std::vector<double> numbers;
  for (double number; stream >> number;) numbers.push_back(number);
  return numbers;
}

// "x 1 1 2 2: 1 2 3 4".
Tensor ReadTensor(const std::string& line) {
  const size_t colon = line.find(':');
  std::vector<int64_t> lengths;
  for (const double length : Numbers(line.substr(2, colon - 2))) lengths.push_back(static_cast<int64_t>(length));
  Tensor tensor{Shape(lengths)};
  const std::vector<double> values = Numbers(line.substr(colon + 1));
  EXPECT_EQ(static_cast<int64_t>(values.size()), tensor.size());
  for (int64_t i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(values[i]);
  return tensor;
}

// testdata/make_resize_cases.py says what the lines are.
TEST(ResizeOperation, ComputesWhatTheTestsOfOnnxExpect) {
  std::ifstream file(internal::SourceFile("convscope/graph/testdata/resize_cases.txt"));
  int cases = 0;
  for (std::string head, lists, input, output; std::getline(file, head); ++cases) {
    ASSERT_TRUE(std::getline(file, lists) && std::getline(file, input) && std::getline(file, output));
    SCOPED_TRACE(head);
    std::map<std::string, std::string> options;
    for (const std::string& word : Split(head, ' ')) {
      const std::vector<std::string> sides = Split(word, '=');
      if (sides.size() == 2) options[sides[0]] = sides[1];
    }
    const std::vector<std::string> parts = Split(lists, '|');
    ResizeOp op{.scales = Numbers(parts[0].substr(6)),
                .mode = ParseResizeMode(options["mode"]),
                .coordinates = ParseResizeCoordinates(options["coordinates"]),
                .nearest = ParseResizeNearest(options["nearest"]),
                .cubic_a = ParseNumber(options["cubic_a"], "cubic_a"),
                .exclude_outside = options["exclude_outside"] == "1",
                .extrapolation = ParseNumber(options["extrapolation"], "extrapolation"),
                .roi = Numbers(parts[2].substr(4)),
                .antialias = options["antialias"] == "1"};
    for (const double length : Numbers(parts[1].substr(9))) op.lengths.push_back(static_cast<int64_t>(length));
    const Tensor expected = ReadTensor(output);
    const Tensor y = Through(op, ReadTensor(input));
    ASSERT_EQ(y.shape(), expected.shape());
    // Values to 16 (one case to 120), some ten roundings in either.
    for (int64_t i = 0; i < y.size(); ++i) EXPECT_NEAR(y.data()[i], expected.data()[i], 4e-5) << i;
    // Reads, Explain and the attributes tell the same.
    const OperationPtr operation = op;
    const Tensor x = ReadTensor(input);
    const Tensor* tensors[] = {&x};
    for (int64_t e = 0; e < y.size(); ++e) {
      const std::optional<Arithmetic> how = operation->Explain(tensors, e);
      ASSERT_TRUE(how);
      EXPECT_NEAR(how->value, y.data()[e], how->tolerance + 1e-30);
      std::vector<int64_t> terms;
      for (const ArithmeticTerm& term : how->terms) terms.push_back(term.element);
      const TensorType types[] = {{x.shape()}};
      EXPECT_THAT(ElementsRead(operation->Reads(types)[0], x.shape(), y.shape(), e),
                  testing::UnorderedElementsAreArray(terms));
    }
  }
  EXPECT_GE(cases, 35);
}

// From ONNX' backend tests up to opset 12; later ones have no such rule.
TEST(ResizeOperation, KnowsTheOldRuleOfTensorFlow) {
  Tensor x(Shape{1, 4, 4, 1});
  for (int64_t i = 0; i < 16; ++i) x.data()[i] = static_cast<float>(i + 1);
  const ResizeOp op{.lengths = {0, 3, 2, 0}, .coordinates = ResizeCoordinates::kTfHalfPixelForNn};
  EXPECT_THAT(Through(op, std::move(x)).view().span(), ElementsAre(6, 8, 10, 12, 14, 16));
}

TEST(ResizeOperation, EnlargesAsKerasDoes) {
  Random random(4, "resize");
  for (const int64_t channels : {1, 3, 8}) {
    Tensor x(Shape{2, 5, 4, channels});
    for (float& value : x.view().span()) value = random.Uniform(-1, 1);
    for (const bool nearest : {true, false}) {
      const ResizeOp op{.scales = {1, 3, 2, 1},
                        .mode = nearest ? ResizeMode::kNearest : ResizeMode::kLinear,
                        .coordinates = nearest ? ResizeCoordinates::kAsymmetric : ResizeCoordinates::kHalfPixel,
                        .nearest = ResizeNearest::kFloor};
      const UpSampleOp up{
          .sizes = {3, 2},
          .interpolation = nearest ? UpSampleOp::Interpolation::kNearest : UpSampleOp::Interpolation::kBilinear};
      const Tensor y = Through(op, x.Clone()), expected = Through(up, x.Clone());
      ASSERT_EQ(y.shape(), expected.shape());
      // Two passes of two products each, of values below 1.
      for (int64_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y.data()[i], expected.data()[i], 8 * 0x1p-24);
    }
  }
}

TEST(ResizeOperation, MovesElementsOfAnyTypeToTheNearest) {
  Tensor bytes(Shape{1, 3, 1}, DType::kUInt8);
  bytes.data<uint8_t>()[0] = 7, bytes.data<uint8_t>()[1] = 255, bytes.data<uint8_t>()[2] = 0;
  EXPECT_THAT(Through(ResizeOp{.scales = {1, 2, 1}}, bytes.Clone()).view<uint8_t>().span(),
              ElementsAre(7, 7, 255, 255, 0, 0));
  const ResizeOp around{.lengths = {0, 3, 0},
                        .coordinates = ResizeCoordinates::kTfCropAndResize,
                        .extrapolation = 9,
                        .roi = {0, -1, 0, 1, 1, 1}};
  EXPECT_THAT(Through(around, std::move(bytes)).view<uint8_t>().span(), ElementsAre(9, 7, 0));
  ExpectRefused(ResizeOp{.scales = {1, 2, 1}, .mode = ResizeMode::kLinear}, {1, 3, 1}, "float", DType::kUInt8);
}

// 7/10 as float32 times 10 is 7 as float32, and the ratio is meant: no tie is lost to rounding.
TEST(ResizeOperation, TakesAScaleForTheRatioThatItIs) {
  const double scale = 0.7f;
  EXPECT_EQ(Of(ResizeOp{.scales = {1, scale, 1}}, {1, 10, 1})["y"].type.shape, (Shape{1, 7, 1}));
  const double third = 1.0f / 3.0f;
  Tensor x(Shape{1, 9, 1});
  for (int64_t i = 0; i < 9; ++i) x.data()[i] = static_cast<float>(i);
  const ResizeOp op{
      .scales = {1, third, 1}, .coordinates = ResizeCoordinates::kAsymmetric, .nearest = ResizeNearest::kFloor};
  EXPECT_THAT(Through(op, std::move(x)).view().span(), ElementsAre(0, 3, 6));
}

TEST(ResizeOperation, LetsNaNAndInfinityTouchOnlyWhatReadsThem) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const ResizeOp op{.scales = {1, 2, 1}, .mode = ResizeMode::kLinear};
  const Tensor y = Through(op, Tensor::Of({1, 4, 1}, {1, nan, 2, infinity}));
  EXPECT_EQ(y.data()[0], 1);
  for (int64_t i = 1; i < 5; ++i) EXPECT_TRUE(std::isnan(y.data()[i])) << i;
  for (int64_t i = 5; i < 8; ++i) EXPECT_EQ(y.data()[i], infinity) << i;
  // A place that lies on a pixel reads no other.
  const ResizeOp corners{
      .lengths = {0, 7, 0}, .mode = ResizeMode::kCubic, .coordinates = ResizeCoordinates::kAlignCorners};
  EXPECT_EQ(Through(corners, Tensor::Of({1, 4, 1}, {nan, nan, 2, nan})).data()[4], 2);
}

TEST(ResizeOperation, HasTheGradientsOfDifferences) {
  for (const ResizeMode mode : {ResizeMode::kNearest, ResizeMode::kLinear, ResizeMode::kCubic}) {
    for (const bool antialias : {false, true}) {
      if (antialias && mode == ResizeMode::kNearest) continue;
      const ResizeOp op{.lengths = {0, 5, 2, 0}, .mode = mode, .antialias = antialias};
      ExpectGradientsMatchDifferences(Of(op, {2, 3, 4, 2}), "y");
      // Sums of at most 16 terms, of weights below 2, in two passes.
      ExpectFloatMatchesDouble(Of(op, {2, 3, 4, 2}), "y", 64);
    }
  }
  const ResizeOp cropped{.lengths = {0, 4, 3, 0},
                         .mode = ResizeMode::kLinear,
                         .coordinates = ResizeCoordinates::kTfCropAndResize,
                         .extrapolation = 10,
                         .roi = {0, -0.3, 0.1, 0, 1, 1.2, 0.8, 1}};
  ExpectGradientsMatchDifferences(Of(cropped, {1, 3, 4, 2}), "y");
}

// The rule that tells what is read past the ends agrees with the lists where both can be had.
TEST(ResizeOperation, KnowsByWhichRuleItReads) {
  for (const ResizeCoordinates coordinates : {ResizeCoordinates::kHalfPixel, ResizeCoordinates::kAsymmetric}) {
    for (const int64_t length : {3, 5, 10, 14, 20}) {
      for (int rule = 0; rule < 5; ++rule) {
        const ResizeOp op{.lengths = {0, length, 0},
                          .mode = rule == 4 ? ResizeMode::kLinear : ResizeMode::kNearest,
                          .coordinates = coordinates,
                          .nearest = static_cast<ResizeNearest>(rule % 4)};
        const TensorType types[] = {{{1, 10, 2}}};
        const AxisReads reads = OperationPtr(op)->Reads(types)[0].axes[1];
        ASSERT_TRUE(reads.run);
        for (int64_t o = 0; o < length; ++o) {
          const auto held = [](int64_t place) { return std::clamp<int64_t>(place, 0, 9); };
          ASSERT_EQ(reads.lists[o].front(), held(reads.run->First(o))) << length << " " << rule << " " << o;
          ASSERT_EQ(reads.lists[o].back(), held(reads.run->Last(o))) << length << " " << rule << " " << o;
        }
      }
    }
  }
}

TEST(ResizeOperation, FollowsTheBatch) {
  const Graph graph = Of(ResizeOp{.scales = {1, 2, 2, 1}}, {1, 2, 3, 1});
  EXPECT_EQ(Rebuild(graph, {.batch = 3}).builder.graph()["y"].type.shape, (Shape{3, 4, 6, 1}));
}

TEST(ResizeOperation, RefusesWhatHasNoSize) {
  ExpectRefused(ResizeOp{.scales = {1, 0.1, 1}}, {1, 4, 1}, "keeps a place");
  ExpectRefused(ResizeOp{.scales = {1, 0, 1}}, {1, 4, 1}, "a scale above 0");
  ExpectRefused(ResizeOp{.scales = {1, std::nan(""), 1}}, {1, 4, 1}, "a scale above 0");
  ExpectRefused(ResizeOp{.lengths = {0, -1, 0}}, {1, 4, 1}, "length -1");
  ExpectRefused(ResizeOp{.scales = {2, 2}}, {1, 4, 1}, "each of the 3 axes");
  ExpectRefused(ResizeOp{.scales = {1, 2, 1}, .roi = {0, 0, 0, 1, 1, 1}}, {1, 4, 1}, "half_pixel");
  ExpectRefused(ResizeOp{.scales = {1, 2, 1}, .antialias = true}, {1, 4, 1}, "linear or cubic");
  EXPECT_THAT([] { ParseResizeNearest("half"); }, ThrowsMessage<Error>(HasSubstr("round_prefer_floor")));
}

}  // namespace
}  // namespace convscope
